import { type ComponentSettings, defaultSettings } from "../../deployments/sizing/componentSettings.ts";
import type { DeploymentConfig } from "../../deployments/sizing/configAfter.ts";
import type { WantedDeployment } from "../wanted/wanted.ts";

type Name = Exclude<keyof DeploymentConfig, "executor">;

/** The settings of a component: those of the Deployment, or the default of the platform for a row from before it had any. */
export function chosenSettings(
  { config, settings }: Pick<WantedDeployment, "config" | "settings">,
  name: Name,
): ComponentSettings | undefined {
  const component = settings.components.find((candidate) => candidate.name === name);
  return config[name] ?? (component && defaultSettings(settings, component));
}
