import type { Component, Config } from "../../../platform/config/config.ts";
import { settingName } from "../../../platform/config/configTree.ts";
import { AppError, badInput } from "../../../platform/errors/appError.ts";
import { compareVersions } from "../../releases/compareVersions.ts";
import type { ComponentInput } from "./componentInput.ts";
import { changeResources, defaultResources, type Resources } from "./resources.ts";

/** The effective settings of one component; settings it cannot have are absent. */
export interface ComponentSettings {
  replicas?: number;
  /** Seconds. */
  terminationGracePeriodSeconds?: number;
  useDefaultAirflowImage?: boolean;
  resources: Resources;
}

/** The default settings of a component. A disabled triggerer has no pods. */
export function defaultSettings(limits: Config["deployments"], component: Component): ComponentSettings {
  const disabled = component.name === "triggerer" && !limits.triggererEnabled;
  const { replicas, terminationGracePeriodSeconds: grace } = component;
  return {
    ...(replicas ? { replicas: disabled ? 0 : replicas.default } : {}),
    ...(grace ? { terminationGracePeriodSeconds: grace.default } : {}),
    ...(component.name === "webserver" ? { useDefaultAirflowImage: false } : {}),
    resources: defaultResources(limits, component),
  };
}

/**
 * `current` with the given values. Throws BAD_USER_INPUT for values outside the component's limits, FEATURE_DISABLED
 * for a triggerer while `deployments.triggererEnabled` is false; `at` is the argument of the component.
 */
export function changeSettings(
  config: Config,
  component: Component,
  given: ComponentInput,
  current: ComponentSettings,
  { at, airflowVersion }: { at: string; airflowVersion: string | null },
): ComponentSettings {
  const { deployments: limits } = config;
  const { replicas, terminationGracePeriodSeconds: grace, useDefaultAirflowImage } = given;
  if (replicas !== undefined) {
    if (component.name === "triggerer" && replicas > 0 && !limits.triggererEnabled) {
      const setting = settingName(config, "deployments.triggererEnabled");
      throw new AppError("FEATURE_DISABLED", `${at}: ${setting} is false on this platform`, at);
    }
    assertReplicas(component, replicas, `${at}.replicas`, airflowVersion);
  }
  if (grace !== undefined) {
    const limit = component.terminationGracePeriodSeconds?.limit ?? 0;
    if (grace < 0 || grace > limit)
      throw badInput(`${at}.terminationGracePeriodSeconds`, `must be from 0 to ${limit} seconds`);
  }
  return {
    ...current,
    ...(replicas === undefined ? {} : { replicas }),
    ...(grace === undefined ? {} : { terminationGracePeriodSeconds: grace }),
    ...(useDefaultAirflowImage === undefined ? {} : { useDefaultAirflowImage }),
    resources: changeResources(limits, component, given.resources, current.resources, at),
  };
}

function assertReplicas({ replicas: range }: Component, replicas: number, argument: string, airflow: string | null) {
  const { minimum, limit, minAirflowVersion } = range ?? { minimum: 1, limit: 1 };
  if (replicas < minimum || replicas > limit) throw badInput(argument, `must be from ${minimum} to ${limit}`);
  if (replicas > 1 && minAirflowVersion && airflow && compareVersions(airflow, minAirflowVersion) < 0) {
    throw badInput(argument, `must be at most 1 before Airflow ${minAirflowVersion}`);
  }
}
