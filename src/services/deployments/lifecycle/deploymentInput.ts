import { z } from "zod";
import type { Config } from "../../../platform/config/config.ts";
import { badInput } from "../../../platform/errors/appError.ts";
import { conflictOn } from "../../../platform/errors/conflictOn.ts";
import { Description, IdOf, Label, optional } from "../../../platform/input/input.ts";
import { DagDeploymentInput } from "../dags/dagDeployment.ts";
import { componentInputs } from "../sizing/componentInput.ts";
import { ConfigInput, Executor } from "../sizing/configAfter.ts";

const oneVersion = z.string("needs a version").trim().max(40, "needs at most 40 characters");
const version = optional(oneVersion);

/** A version that has to be given. */
export const VersionInput = oneVersion.min(1, "needs a version");

/** The arguments that choose versions; null and "" mean "not given". */
export const versionInputs = { airflowVersion: version, runtimeVersion: version, desiredRuntimeVersion: version };

/** Version of the Airflow chart. */
export const ChartVersion = optional(
  z.string().regex(/^\d+\.\d+\.\d+([-+][\w.+-]{1,40})?$/, "needs a semantic version such as 1.2.3"),
);

/** The arguments that createDeployment, updateDeployment and upsertDeployment share. */
export const settingInputs = {
  executor: optional(Executor),
  ...componentInputs,
  config: optional(ConfigInput),
  dagDeployment: DagDeploymentInput,
  cloudRole: optional(z.string("needs a text").trim().max(2048, "needs at most 2,048 characters")),
};

/** An image's name, with registry and tag. */
export const ImageInput = z
  .string("needs an image")
  .regex(/^\S{1,512}$/, "needs an image name without spaces, at most 512 characters");

/** The arguments that only upsertDeployment has. */
export const imageInputs = {
  image: optional(ImageInput),
  dockerconfigjson: z.preprocess(
    readDockerConfig,
    z.record(z.string(), z.unknown(), "needs the object that Docker's config.json holds").optional(),
  ),
  mode: optional(z.enum(["helm", "operator"], "needs helm or operator")),
};

/** The argument `properties`: an object; `extra_au` is checked by `assertProperties`. */
export const PropertiesInput = optional(z.record(z.string().max(255), z.json(), "needs an object"));

/** What a new Deployment may be given. */
export const newInputs = {
  workspaceUuid: IdOf,
  label: Label,
  description: optional(Description),
  releaseName: optional(z.string("needs a name")),
  namespace: optional(z.string("needs a name")),
  version: ChartVersion,
  properties: PropertiesInput,
  ...settingInputs,
  ...versionInputs,
};

/** Throws BAD_USER_INPUT unless `extra_au`, where it is given, is a whole number from 0 to `deployments.maxExtraAu`. */
export function assertProperties({ deployments }: Config, properties: Record<string, unknown> = {}): void {
  const { extra_au: extra } = properties;
  if (extra === undefined) return;
  const { maxExtraAu } = deployments;
  if (Number.isInteger(extra) && Number(extra) >= 0 && Number(extra) <= maxExtraAu) return;
  throw badInput("properties.extra_au", `needs a whole number from 0 to ${maxExtraAu}`);
}

/** Only Airflow is run here. */
export const Type = z.literal("airflow", "needs to be airflow");

/** The CONFLICT of a label that another Deployment of the Workspace has. */
export const deploymentLabelConflict = (argument: string) =>
  conflictOn(argument, "another Deployment of the Workspace has this label");

/** Clients send the object or its text; null, "" and {} mean "not given". */
function readDockerConfig(given: unknown): unknown {
  const value = typeof given === "string" && given !== "" ? parsed(given) : given;
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
