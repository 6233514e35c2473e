import type { ExecutorType } from "../../../generated/prisma/enums.ts";
import type { Config } from "../../../platform/config/config.ts";
import { releasesOf } from "../../releases/releases.ts";
import type { FoundAirflow } from "./foundAirflow.ts";

/** The executor that Houston shows for one that it does not offer. */
const nearest: Record<string, ExecutorType> = {
  SequentialExecutor: "LocalExecutor",
  LocalKubernetesExecutor: "LocalExecutor",
};

const names: readonly ExecutorType[] = ["LocalExecutor", "CeleryExecutor", "KubernetesExecutor"];

/** The executor that Houston shows for that of an Airflow: its first one, or the nearest. */
export function shownExecutor(executor: string): ExecutorType {
  const [first = ""] = executor.split(",").map((name) => name.trim());
  return names.find((name) => name === first) ?? nearest[first] ?? "CeleryExecutor";
}

/**
 * What Houston does not support of an Airflow, in words. It could be adopted nevertheless: Houston changes nothing of it, but
 * shows it differently, and has no upgrades for it.
 */
export function incompatibilitiesOf(
  { deployments }: Pick<Config, "deployments">,
  { executor, airflowVersion, runtimeVersion }: FoundAirflow,
): string[] {
  const shown = shownExecutor(executor);
  const enabled = deployments.executors.filter((one) => one.enabled).map(({ name }) => name);
  const { airflow, runtime } = releasesOf(deployments);
  const [what, version, known] =
    runtimeVersion === undefined ? ["Airflow", airflowVersion, airflow] : ["Runtime", runtimeVersion, runtime];
  return [
    ...(executor === shown ? [] : [`executor ${executor} is shown as ${shown}`]),
    ...(enabled.includes(shown) ? [] : [`executor ${shown} is not enabled on this platform`]),
    ...(known.some((one) => one.version === version)
      ? []
      : [version === undefined ? "its Airflow version is unknown" : `${what} ${version} is unknown to this platform`]),
  ];
}

/** The Airflow version: with Runtime, the one inside, if the platform knows it. */
export function airflowVersionOf(
  { deployments }: Pick<Config, "deployments">,
  { airflowVersion, runtimeVersion }: FoundAirflow,
): string | null {
  const release = releasesOf(deployments).runtime.find(({ version }) => version === runtimeVersion);
  return release?.airflowVersion ?? airflowVersion ?? null;
}
