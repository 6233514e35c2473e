import type { Config } from "../../../platform/config/config.ts";
import { badInput } from "../../../platform/errors/appError.ts";
import { compareVersions } from "../../releases/compareVersions.ts";
import type { Chosen, Wanted } from "./resolveVersion.ts";

/**
 * Throws BAD_USER_INPUT unless a Deployment that runs `from` can move to the given version: never back, never from runtime
 * versions to plain Airflow, and to runtime versions only from `deployments.airflowMinimumAstroRuntimeVersion` on.
 */
export function assertUpgrade(limits: Config["deployments"], from: Chosen, { argument, chosen }: Wanted): void {
  if (from.runtimeVersion !== null && chosen.runtimeVersion === null) {
    const instead = argument === "airflowVersion" ? "give runtimeVersion" : "move it to a runtime version";
    throw badInput(argument, `the Deployment runs runtime ${from.runtimeVersion}; ${instead} instead`);
  }
  const lowest = limits.airflowMinimumAstroRuntimeVersion;
  const { airflowVersion: airflow } = from;
  const changesKind = chosen.runtimeVersion !== null && from.runtimeVersion === null && airflow !== null;
  if (changesKind && compareVersions(airflow, lowest) < 0) {
    throw badInput(argument, `the Deployment runs Airflow ${airflow}; move it to ${lowest} or later first`);
  }
  if (!isLater(from, chosen)) return;
  const runs =
    from.runtimeVersion === null || chosen.runtimeVersion === null ? `Airflow ${airflow}` : from.runtimeVersion;
  const inside = changesKind ? ` (Airflow ${chosen.airflowVersion})` : "";
  const wanted = `${chosen.runtimeVersion ?? chosen.airflowVersion}${inside}`;
  throw badInput(argument, `${wanted} is earlier than ${runs}, which the Deployment runs; versions only go forward`);
}

/** Whether `a` is the later version: runtime versions by their own numbers, otherwise by the Airflow versions. */
export function isLater(a: Chosen, b: Chosen): boolean {
  if (a.runtimeVersion !== null && b.runtimeVersion !== null) {
    return compareVersions(a.runtimeVersion, b.runtimeVersion) > 0;
  }
  if (a.airflowVersion === null || b.airflowVersion === null) return false;
  const order = compareVersions(a.airflowVersion, b.airflowVersion);
  // A pending move to runtime is later than the Airflow version it starts from.
  return order > 0 || (order === 0 && a.runtimeVersion !== null);
}
