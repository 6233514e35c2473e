import { z } from "zod";
import type { ExecutorType } from "../../../generated/prisma/enums.ts";
import type { Config } from "../../../platform/config/config.ts";
import { settingName } from "../../../platform/config/configTree.ts";
import { badInput } from "../../../platform/errors/appError.ts";
import { optional } from "../../../platform/input/input.ts";
import { type ComponentInputs, componentInputs } from "./componentInput.ts";
import { type ComponentSettings, changeSettings, defaultSettings } from "./componentSettings.ts";

/** An executor's name. */
export const Executor = z.enum(
  ["LocalExecutor", "CeleryExecutor", "KubernetesExecutor"],
  "must be LocalExecutor, CeleryExecutor or KubernetesExecutor",
);

/** The argument `config`: an object in the format of `Deployment.config`. Unknown keys are rejected. */
export const ConfigInput = z.strictObject(
  { executor: optional(Executor), ...componentInputs },
  "must be an object with executor, workers, webserver, scheduler, triggerer or dagProcessor",
);

/** `Deployment.config`: the effective settings. Rows may lack components that were configured later. */
export type DeploymentConfig = { executor: ExecutorType } & {
  [name in keyof ComponentInputs]?: ComponentSettings;
};

/** Settings as input: as arguments, and inside the argument `config`. */
export interface GivenConfig {
  executor?: ExecutorType | undefined;
  config?: z.output<typeof ConfigInput> | undefined;
  components: ComponentInputs;
}

/** The default executor of a Deployment. */
const DEFAULT_EXECUTOR = "CeleryExecutor";

const names = Object.keys(componentInputs) as (keyof ComponentInputs)[];

/**
 * The effective settings after a change: the given values override the stored ones, or the defaults for a new
 * Deployment (`stored` is undefined) and for components without stored settings. Arguments take precedence over
 * `config`. Throws BAD_USER_INPUT, naming the argument and what is allowed, for an executor that is not enabled, a
 * component that the platform does not have, and values outside the limits.
 */
export function configAfter(
  config: Config,
  given: GivenConfig,
  stored: DeploymentConfig | undefined,
  airflowVersion: string | null,
): DeploymentConfig {
  const { deployments } = config;
  const after: DeploymentConfig = { executor: executorOf(config, given, stored) };
  for (const name of names) {
    const component = deployments.components.find((candidate) => candidate.name === name);
    const inputs = [
      { at: `config.${name}`, input: given.config?.[name] },
      { at: name, input: given.components[name] },
    ].filter(({ input }) => holdsValue(input));
    if (inputs.length === 0 && stored) {
      if (stored[name]) after[name] = stored[name];
      continue;
    }
    if (!component) {
      const setting = settingName(config, "deployments.components");
      if (inputs[0]) throw badInput(inputs[0].at, `this platform has no such component (${setting})`);
      continue;
    }
    after[name] = inputs.reduce(
      (current, { at, input = {} }) => changeSettings(config, component, input, current, { at, airflowVersion }),
      stored?.[name] ?? defaultSettings(deployments, component),
    );
  }
  return after;
}

/** False for input without any value, at any depth: `{ resources: { limits: {} } }`. */
const holdsValue = (value: unknown): boolean =>
  typeof value === "object" && value !== null ? Object.values(value).some(holdsValue) : value !== undefined;

function executorOf(config: Config, given: GivenConfig, stored: DeploymentConfig | undefined): ExecutorType {
  const { executors } = config.deployments;
  const requested = given.executor ?? given.config?.executor;
  const enabled = executors.filter((executor) => executor.enabled).map(({ name }) => name);
  if (requested === undefined) {
    // A Deployment keeps its executor even if that has been disabled since.
    const fallback = stored?.executor ?? enabled.find((name) => name === DEFAULT_EXECUTOR) ?? enabled[0];
    if (fallback === undefined) {
      const setting = settingName(config, "deployments.executors");
      throw badInput("executor", `none is enabled on this platform (${setting})`);
    }
    return fallback;
  }
  if (enabled.includes(requested)) return requested;
  const argument = given.executor === undefined ? "config.executor" : "executor";
  throw badInput(argument, `must be an enabled executor: ${enabled.join(", ")}`);
}
