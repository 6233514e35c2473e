import { adjectives, animals, NumberDictionary, uniqueNamesGenerator } from "unique-names-generator";
import type { Prisma } from "../../../generated/prisma/client.ts";
import type { Config } from "../../../platform/config/config.ts";
import { settingName } from "../../../platform/config/configTree.ts";
import { AppError, badInput } from "../../../platform/errors/appError.ts";
import { namespacePrefix } from "./namespace.ts";

/** Maximum length of a name in Kubernetes, also for the namespace `<platform namespace>-<releaseName>`. */
const MAX_NAME = 63;
const pattern = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;

/** Characters in addition to the two words: two hyphens and four digits. */
const OTHER_CHARACTERS = 6;

const MAX_ATTEMPTS = 20;

const maxLength = (config: Config) => MAX_NAME - namespacePrefix(config).length;

/**
 * Validates a release name chosen by the caller. Throws BAD_USER_INPUT while `deployments.manualReleaseNames` is false,
 * and for a name that is not a DNS label or too long.
 */
export function assertReleaseName(config: Config, releaseName: string): void {
  if (!config.deployments.manualReleaseNames) {
    const setting = settingName(config, "deployments.manualReleaseNames");
    throw badInput("releaseName", `must be omitted: ${setting} is false on this platform`);
  }
  const max = maxLength(config);
  if (releaseName.length > max || !pattern.test(releaseName)) {
    throw badInput(
      "releaseName",
      `must be 1 to ${max} lower-case letters, digits and hyphens, starting with a letter and not ending with a hyphen`,
    );
  }
}

/**
 * Reserves a release name until its Deployment's row is deleted: the given one, or a new `adjective-noun-NNNN`. Throws
 * CONFLICT, naming the argument, if the given one belongs to a Deployment, also a soft-deleted one. Inserts with ON CONFLICT, so a name that
 * is in use does not abort the transaction.
 */
export async function reserveReleaseName(
  config: Config,
  tx: Prisma.TransactionClient,
  given: string | undefined,
  argument = "releaseName",
): Promise<string> {
  if (given !== undefined) {
    if (await reserve(tx, given)) return given;
    throw new AppError("CONFLICT", `${argument}: is already in use, possibly by a deleted Deployment`, argument);
  }
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    const name = newReleaseName(maxLength(config));
    if (await reserve(tx, name)) return name;
  }
  throw new Error(`No free release name in ${MAX_ATTEMPTS} attempts`);
}

async function reserve(tx: Prisma.TransactionClient, name: string): Promise<boolean> {
  const rows = await tx.$queryRaw<unknown[]>`
    INSERT INTO "ReleaseName" (name) VALUES (${name}) ON CONFLICT DO NOTHING RETURNING name`;
  return rows.length === 1;
}

/** `adjective-noun-NNNN` of at most `max` characters. */
export function newReleaseName(max: number): string {
  const longest = Math.floor((max - OTHER_CHARACTERS) / 2);
  const fitting = (words: readonly string[]) => words.filter((word) => word.length <= longest && /^[a-z]+$/.test(word));
  const dictionaries = [fitting(adjectives), fitting(animals), NumberDictionary.generate({ min: 1000, max: 9999 })];
  if (dictionaries.some((words) => words.length === 0)) {
    throw new Error(
      "helm.releaseNamespace is too long: a namespace of 63 characters has no room for a release name after it",
    );
  }
  return uniqueNamesGenerator({ dictionaries, separator: "-", length: 3 });
}
