import { z } from "zod";
import type { Config } from "../../../platform/config/config.ts";
import { settingName } from "../../../platform/config/configTree.ts";
import { AppError, badInput } from "../../../platform/errors/appError.ts";
import { optional } from "../../../platform/input/input.ts";
import type { SecretBox } from "../../../platform/secrets/secretBox.ts";
import { assertDagFields } from "./dagFields.ts";
import { credentialsThatFit } from "./gitCredentials.ts";
import { whyNotDelivered } from "./whyNotDelivered.ts";

const TEXT = "must be a string of at most 4,096 characters";
const SECRET = "must be a string of at most 65,536 characters";
const text = optional(z.string(TEXT).trim().max(4096, TEXT));
const secret = optional(z.string(SECRET).max(65_536, SECRET));
const upTo = (max: number, unit: string) => {
  const message = `must be a whole number from 1 to ${max.toLocaleString("en")} (${unit})`;
  return optional(z.int(message).min(1, message).max(max, message));
};
const seconds = upTo(86_400, "seconds");

const types = ["image", "volume", "git_sync", "dag_deploy"] as const;
type Type = (typeof types)[number];

/** The argument `dagDeployment`; null, empty strings and `{}` count as omitted. */
export const DagDeploymentInput = optional(
  z.strictObject(
    {
      type: optional(z.enum(types, `must be one of ${types.join(", ")}`)),
      nfsLocation: text,
      repositoryUrl: text,
      branchName: text,
      syncInterval: seconds,
      syncTimeout: seconds,
      ephemeralStorage: upTo(1_024, "GiB"),
      dagDirectoryLocation: text,
      rev: text,
      sshKey: secret,
      knownHosts: secret,
      authType: text,
      httpsUsername: text,
      httpsToken: secret,
      gitSyncRepoFetchMode: text,
    },
    "must be an object",
  ),
);

/** How DAGs are deployed, as input or as stored. When stored, `sshKey` and `httpsToken` are encrypted. */
export type DagDeployment = NonNullable<z.output<typeof DagDeploymentInput>>;

/** The fields of each type in addition to `type`; other fields that clients send are ignored. */
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

const required: Partial<Record<Type, keyof DagDeployment>> = { volume: "nfsLocation", git_sync: "repositoryUrl" };

const flags = {
  volume: "nfsMountDagDeployment",
  git_sync: "gitSyncDagDeployment",
  dag_deploy: "dagOnlyDeployment",
} as const;

/** The fields that are stored encrypted. */
export const dagSecrets = ["sshKey", "httpsToken"] as const;

/** The context that an encrypted field is bound to: a release name belongs to one Deployment forever. */
export const dagSecretOf = (releaseName: string, field: (typeof dagSecrets)[number]) =>
  `Deployment:${releaseName}:dagDeployment.${field}`;

/**
 * How DAGs are deployed after a change: the given fields merged into `stored` of the same type, with new secrets not
 * yet encrypted (see `sealDagSecrets`). Throws FEATURE_DISABLED that names the disabled setting, BAD_USER_INPUT for an
 * invalid field, for a missing required one, for credentials that do not match the repository URL, and for a way that
 * the chart of the platform does not have (unless Houston does not run the Deployment). A Deployment keeps what it has
 * even if it could not be chosen any more.
 */
export function dagDeploymentAfter(
  config: Config,
  given: DagDeployment | undefined,
  stored: DagDeployment,
  { unmanaged }: { unmanaged: boolean },
): { after: DagDeployment; fresh: DagDeployment } {
  const { deployments } = config;
  const type = given?.type ?? stored.type ?? "image";
  if (given?.type && given.type !== "image" && given.type !== stored.type && !deployments[flags[given.type]]) {
    const setting = settingName(config, `deployments.${flags[given.type]}`);
    throw new AppError(
      "FEATURE_DISABLED",
      `dagDeployment.type: ${setting} is false on this platform`,
      "dagDeployment.type",
    );
  }
  const fresh = pick(given ?? {}, type);
  const kept = stored.type === type ? pick(stored, type) : {};
  // Clients send {} with every update.
  if (type === stored.type && Object.keys(fresh).length === 0) return { after: { type, ...kept }, fresh };
  assertDagFields(fresh);
  const after = { type, ...kept, ...fresh };
  const field = required[type];
  if (field && after[field] === undefined) throw badInput(`dagDeployment.${field}`, `is required for type ${type}`);
  if (!unmanaged) assertDelivered(config, after, stored);
  return { after: type === "git_sync" ? credentialsThatFit(after, fresh, kept) : after, fresh };
}

/** Throws BAD_USER_INPUT for a way that the chart does not have, unless the Deployment has it already. */
function assertDelivered(config: Config, after: DagDeployment, before: DagDeployment): void {
  const refusal = whyNotDelivered(config, after);
  if (!refusal || whyNotDelivered(config, before)?.field === refusal.field) return;
  throw badInput(refusal.field, refusal.reason);
}

/** The value to store: encrypts the new secrets; kept ones are already encrypted. */
export function sealDagSecrets(
  box: SecretBox,
  releaseName: string,
  { after, fresh }: ReturnType<typeof dagDeploymentAfter>,
): DagDeployment {
  const sealed = dagSecrets.flatMap((field) => {
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
