import { z } from "zod";
import type { Config } from "../../../platform/config/config.ts";
import { AppError, badInput } from "../../../platform/errors/appError.ts";
import { conflictOn } from "../../../platform/errors/conflictOn.ts";
import { Description, IdOf, Label, optional } from "../../../platform/input/input.ts";
import { existing } from "../../../query/existing.ts";
import type { Where } from "../../../query/where.ts";
import { DagDeploymentInput } from "../dags/dagDeployment.ts";
import { componentInputs } from "../sizing/componentInput.ts";
import { ConfigInput, Executor } from "../sizing/configAfter.ts";

const VERSION = "must be a version of at most 40 characters";
const Version = z.string(VERSION).trim().max(40, VERSION);
const version = optional(Version);

/** A required version. */
export const VersionInput = Version.min(1, "is required");

/** The arguments for versions; null and "" count as omitted. */
export const versionInputs = { airflowVersion: version, runtimeVersion: version, desiredRuntimeVersion: version };

/** Version of the Airflow chart. */
export const ChartVersion = optional(
  z.string().regex(/^\d+\.\d+\.\d+([-+][\w.+-]{1,40})?$/, "must be a semantic version such as 1.2.3"),
);

const CLOUD_ROLE = "must be a string of at most 2,048 characters";

/** The arguments that createDeployment, updateDeployment and upsertDeployment share. */
export const settingInputs = {
  executor: optional(Executor),
  ...componentInputs,
  config: optional(ConfigInput),
  dagDeployment: DagDeploymentInput,
  cloudRole: optional(z.string(CLOUD_ROLE).trim().max(2048, CLOUD_ROLE)),
};

const IMAGE = "must be an image name of 1 to 512 characters without spaces";

/** The name of an image, with registry and tag. */
export const ImageInput = z.string(IMAGE).regex(/^\S{1,512}$/, IMAGE);

/** The arguments that only upsertDeployment has. */
export const imageInputs = {
  image: optional(ImageInput),
  dockerconfigjson: z.preprocess(
    readDockerConfig,
    z.record(z.string(), z.unknown(), "must be the object in Docker's config.json").optional(),
  ),
  mode: optional(z.enum(["helm", "operator"], "must be helm or operator")),
};

/** The argument `properties`: an object; `extra_au` is checked by `assertProperties`. */
export const PropertiesInput = optional(z.record(z.string().max(255), z.json(), "must be an object"));

/** The arguments for a new Deployment. */
export const newInputs = {
  workspaceUuid: IdOf,
  label: Label,
  description: optional(Description),
  releaseName: optional(z.string("must be a release name")),
  namespace: optional(z.string("must be the name of a namespace")),
  version: ChartVersion,
  properties: PropertiesInput,
  ...settingInputs,
  ...versionInputs,
};

/** Throws BAD_USER_INPUT unless `extra_au`, if given, is a whole number from 0 to `deployments.maxExtraAu`. */
export function assertProperties({ deployments }: Config, properties: Record<string, unknown> = {}): void {
  const { extra_au: extra } = properties;
  if (extra === undefined) return;
  const { maxExtraAu } = deployments;
  if (Number.isInteger(extra) && Number(extra) >= 0 && Number(extra) <= maxExtraAu) return;
  throw badInput("properties.extra_au", `must be a whole number from 0 to ${maxExtraAu}`);
}

/**
 * Throws FEATURE_DISABLED for a Deployment that an operator is to run, unless a controller of the platform's own decides
 * what it can run.
 */
export function assertMode({ provisioner }: Pick<Config, "provisioner">, mode: string | undefined): void {
  if (mode !== "operator" || provisioner === "none") return;
  throw new AppError("FEATURE_DISABLED", `mode: provisioner ${provisioner} runs Deployments with helm only`, "mode");
}

/** The only type of Deployments. */
export const Type = z.literal("airflow", "must be airflow");

/** The CONFLICT for a label that another Deployment of the Workspace has. */
export const deploymentLabelConflict = (argument: string, deployment: Where<"Deployment">) =>
  conflictOn(
    argument,
    "is already in use by another Deployment of the Workspace",
    existing("Deployment", { ...deployment, deletedAt: null }),
  );

/** The condition for Deployments in the Workspace of the one that meets `where`. */
export const inWorkspaceOf = (where: Where<"Deployment">): Where<"Deployment"> => ({
  also: [{ table: "Deployment", theirs: "workspaceId", ours: "workspaceId", where }],
});

/** Clients send the object or its JSON text; null, "" and {} count as omitted. */
function readDockerConfig(input: unknown): unknown {
  const value = typeof input === "string" && input !== "" ? parsed(input) : input;
  const empty = value === null || value === "" || (typeof value === "object" && Object.keys(value).length === 0);
  return empty ? undefined : value;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
