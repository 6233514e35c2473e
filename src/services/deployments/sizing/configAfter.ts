import { z } from "zod";
import type { ExecutorType } from "../../../generated/prisma/enums.ts";
import type { Config } from "../../../platform/config/config.ts";
import { badInput } from "../../../platform/errors/appError.ts";
import { optional } from "../../../platform/input/input.ts";
import { type ComponentInputs, componentInputs } from "./componentInput.ts";
import { type ComponentSettings, changeSettings, defaultSettings } from "./componentSettings.ts";

/** An executor's name. */
export const Executor = z.enum(
  ["LocalExecutor", "CeleryExecutor", "KubernetesExecutor"],
  "needs LocalExecutor, CeleryExecutor or KubernetesExecutor",
);

/** The `config` argument: an object in the form that `Deployment.config` answers. Unknown keys are refused. */
export const ConfigInput = z.strictObject(
  { executor: optional(Executor), ...componentInputs },
  "needs an object with executor, workers, webserver, scheduler, triggerer or dagProcessor",
);

/** `Deployment.config`: the settings in force. Rows may lack components that were configured later. */
export type DeploymentConfig = { executor: ExecutorType } & {
  [name in keyof ComponentInputs]?: ComponentSettings;
};

/** Settings as a caller gives them: by argument, and inside the argument `config`. */
export interface GivenConfig {
  executor?: ExecutorType | undefined;
  config?: z.output<typeof ConfigInput> | undefined;
  components: ComponentInputs;
}

/** The executor of a Deployment that was given none. */
const DEFAULT_EXECUTOR = "CeleryExecutor";

const names = Object.keys(componentInputs) as (keyof ComponentInputs)[];

/**
 * The settings in force after a change: `stored` for components of which nothing was given, else what was given over what is
 * stored, or over defaults; all defaults for a new Deployment, whose `stored` is undefined. Arguments count before `config`. Throws BAD_USER_INPUT for an executor that is not enabled, a
 * component the platform does not have and values outside the limits, naming the argument and what is allowed.
 */
export function configAfter(
  { deployments }: Config,
  given: GivenConfig,
  stored: DeploymentConfig | undefined,
  airflowVersion: string | null,
): DeploymentConfig {
  const after: DeploymentConfig = { executor: executorOf(deployments, given, stored) };
  for (const name of names) {
    const component = deployments.components.find((one) => one.name === name);
    const wanted = [
      { at: `config.${name}`, input: given.config?.[name] },
      { at: name, input: given.components[name] },
    ].filter(({ input }) => holdsValue(input));
    if (wanted.length === 0 && stored) {
      if (stored[name]) after[name] = stored[name];
      continue;
    }
    if (!component) {
      if (wanted[0]) throw badInput(wanted[0].at, "this platform has no such component (deployments.components)");
      continue;
    }
    after[name] = wanted.reduce(
      (current, { at, input = {} }) => changeSettings(deployments, component, input, current, { at, airflowVersion }),
      stored?.[name] ?? defaultSettings(deployments, component),
    );
  }
  return after;
}

/** False for what gives nothing, however deep: `{ resources: { limits: {} } }`. */
const holdsValue = (value: unknown): boolean =>
  typeof value === "object" && value !== null ? Object.values(value).some(holdsValue) : value !== undefined;

function executorOf(
  { executors }: Config["deployments"],
  given: GivenConfig,
  stored: DeploymentConfig | undefined,
): ExecutorType {
  const wanted = given.executor ?? given.config?.executor;
  const enabled = executors.filter((one) => one.enabled).map(({ name }) => name);
  if (wanted === undefined) {
    // A Deployment keeps its executor even if that was switched off since.
    const usual = stored?.executor ?? enabled.find((name) => name === DEFAULT_EXECUTOR) ?? enabled[0];
    if (usual === undefined) throw badInput("executor", "none is enabled on this platform (deployments.executors)");
    return usual;
  }
  if (enabled.includes(wanted)) return wanted;
  const argument = given.executor === undefined ? "config.executor" : "executor";
  throw badInput(argument, `${wanted} is not enabled here; allowed: ${enabled.join(", ")}`);
}
