import { adjectives, animals, NumberDictionary, uniqueNamesGenerator } from "unique-names-generator";
import type { Prisma } from "../../../generated/prisma/client.ts";
import type { Config } from "../../../platform/config/config.ts";
import { AppError, badInput } from "../../../platform/errors/appError.ts";
import { namespacePrefix } from "./namespace.ts";

/** Longest name Kubernetes takes. The namespace, `<platform namespace>-<releaseName>`, has to fit too. */
const MAX_NAME = 63;
const form = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;

/** Two hyphens and four digits. */
const BESIDE_WORDS = 6;

const MAX_ATTEMPTS = 20;

const room = (config: Config) => MAX_NAME - namespacePrefix(config).length;

/**
 * Checks a release name that a caller asks for. Throws BAD_USER_INPUT while `deployments.manualReleaseNames` is false, and
 * for one that is no DNS label or too long.
 */
export function assertReleaseName(config: Config, releaseName: string): void {
  if (!config.deployments.manualReleaseNames) {
    throw badInput("releaseName", "cannot be chosen: deployments.manualReleaseNames is false on this platform");
  }
  const most = room(config);
  if (releaseName.length > most || !form.test(releaseName)) {
    throw badInput(
      "releaseName",
      `needs 1 to ${most} lower-case letters, digits and hyphens; first a letter, last no hyphen`,
    );
  }
}

/**
 * Takes a release name for ever: the wanted one, or a new `adjective-noun-NNNN`. Throws CONFLICT when the wanted one was
 * ever taken. One statement each, so a name that is taken leaves the transaction as it was.
 */
export async function takeReleaseName(
  config: Config,
  tx: Prisma.TransactionClient,
  wanted: string | undefined,
): Promise<string> {
  if (wanted !== undefined) {
    if (await take(tx, wanted)) return wanted;
    throw new AppError("CONFLICT", "releaseName: was used before; a release name is never used again", "releaseName");
  }
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    const name = newReleaseName(room(config));
    if (await take(tx, name)) return name;
  }
  throw new Error(`No free release name in ${MAX_ATTEMPTS} attempts`);
}

async function take(tx: Prisma.TransactionClient, name: string): Promise<boolean> {
  const rows = await tx.$queryRaw<unknown[]>`
    INSERT INTO "ReleaseName" (name) VALUES (${name}) ON CONFLICT DO NOTHING RETURNING name`;
  return rows.length === 1;
}

/** `adjective-noun-NNNN` of at most `most` characters. */
export function newReleaseName(most: number): string {
  const longest = Math.floor((most - BESIDE_WORDS) / 2);
  const fitting = (words: readonly string[]) => words.filter((word) => word.length <= longest && /^[a-z]+$/.test(word));
  const dictionaries = [fitting(adjectives), fitting(animals), NumberDictionary.generate({ min: 1000, max: 9999 })];
  if (dictionaries.some((words) => words.length === 0)) {
    throw new Error(
      "helm.releaseNamespace is too long: no release name fits beside it in a namespace of 63 characters",
    );
  }
  return uniqueNamesGenerator({ dictionaries, separator: "-", length: 3 });
}
