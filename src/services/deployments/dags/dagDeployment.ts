import { z } from "zod";
import type { Config } from "../../../platform/config/config.ts";
import { AppError, badInput } from "../../../platform/errors/appError.ts";
import { optional } from "../../../platform/input/input.ts";
import type { SecretBox } from "../../../platform/secrets/secretBox.ts";
import { assertDagFields } from "./dagFields.ts";
import { credentialsThatFit } from "./gitCredentials.ts";

const text = optional(z.string("needs a text").trim().max(4096, "needs at most 4,096 characters"));
const secret = optional(z.string("needs a text").max(65_536, "needs at most 65,536 characters"));
const upTo = (most: number, words: string) =>
  optional(z.int("needs a whole number").min(1, "needs 1 or more").max(most, `needs at most ${words}`));
const seconds = upTo(86_400, "86,400 seconds");

const types = ["image", "volume", "git_sync", "dag_deploy"] as const;
type Type = (typeof types)[number];

/** The argument `dagDeployment`; null, empty texts and `{}` mean "not given". */
export const DagDeploymentInput = optional(
  z.strictObject(
    {
      type: optional(z.enum(types, `needs one of ${types.join(", ")}`)),
      nfsLocation: text,
      repositoryUrl: text,
      branchName: text,
      syncInterval: seconds,
      syncTimeout: seconds,
      ephemeralStorage: upTo(1_024, "1,024 GiB"),
      dagDirectoryLocation: text,
      rev: text,
      sshKey: secret,
      knownHosts: secret,
      authType: text,
      httpsUsername: text,
      httpsToken: secret,
      gitSyncRepoFetchMode: text,
    },
    "needs an object",
  ),
);

/** How DAGs reach a Deployment, as given or as stored. Stored, `sshKey` and `httpsToken` are sealed. */
export type DagDeployment = NonNullable<z.output<typeof DagDeploymentInput>>;

/** The fields each type has beside `type`; what else clients send with it counts for nothing. */
const fieldsOf: Record<Type, readonly (keyof DagDeployment)[]> = {
  image: [],
  dag_deploy: [],
  volume: ["nfsLocation"],
  git_sync: [
    "repositoryUrl",
    "branchName",
    "syncInterval",
    "syncTimeout",
    "ephemeralStorage",
    "dagDirectoryLocation",
    "rev",
    "sshKey",
    "knownHosts",
    "authType",
    "httpsUsername",
    "httpsToken",
    "gitSyncRepoFetchMode",
  ],
};

const needed: Partial<Record<Type, keyof DagDeployment>> = { volume: "nfsLocation", git_sync: "repositoryUrl" };

const flags = {
  volume: "nfsMountDagDeployment",
  git_sync: "gitSyncDagDeployment",
  dag_deploy: "dagOnlyDeployment",
} as const;

const secrets = ["sshKey", "httpsToken"] as const;

/** What a sealed field is bound to: a release name belongs to one Deployment for ever. */
export const dagSecretOf = (releaseName: string, field: (typeof secrets)[number]) =>
  `Deployment:${releaseName}:dagDeployment.${field}`;

/**
 * The way DAGs reach the Deployment after a change: what was given over `stored` of the same type, with new secrets still
 * in clear (see `sealDagSecrets`). Throws FEATURE_DISABLED naming the setting that is off, BAD_USER_INPUT for a field of
 * the wrong form, for a missing one the type needs, and for credentials that do not fit the repository's address. What a
 * Deployment has already it keeps, although its type may be switched off now.
 */
export function dagDeploymentAfter(
  { deployments }: Config,
  given: DagDeployment | undefined,
  stored: DagDeployment,
): { after: DagDeployment; fresh: DagDeployment } {
  const type = given?.type ?? stored.type ?? "image";
  if (given?.type && given.type !== "image" && given.type !== stored.type && !deployments[flags[given.type]]) {
    const setting = `deployments.${flags[given.type]}`;
    throw new AppError(
      "FEATURE_DISABLED",
      `dagDeployment.type: ${setting} is false on this platform`,
      "dagDeployment.type",
    );
  }
  const fresh = pick(given ?? {}, type);
  const kept = stored.type === type ? pick(stored, type) : {};
  // Clients send {} with every change.
  if (type === stored.type && Object.keys(fresh).length === 0) return { after: { type, ...kept }, fresh };
  assertDagFields(fresh);
  const after = { type, ...kept, ...fresh };
  const field = needed[type];
  if (field && after[field] === undefined) throw badInput(`dagDeployment.${field}`, `is needed with type ${type}`);
  return { after: type === "git_sync" ? credentialsThatFit(after, fresh, kept) : after, fresh };
}

/** What the database holds: the secrets that were just given are sealed, those that stay are sealed already. */
export function sealDagSecrets(
  box: SecretBox,
  releaseName: string,
  { after, fresh }: ReturnType<typeof dagDeploymentAfter>,
): DagDeployment {
  const sealed = secrets.flatMap((field) => {
    const clear = fresh[field];
    return clear === undefined ? [] : [[field, box.seal(clear, dagSecretOf(releaseName, field))]];
  });
  return { ...after, ...Object.fromEntries(sealed) };
}

function pick(from: DagDeployment, type: Type): DagDeployment {
  return Object.fromEntries(
    fieldsOf[type].flatMap((field) => (from[field] === undefined ? [] : [[field, from[field]]])),
  );
}
