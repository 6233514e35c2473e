import type { Config } from "../../../platform/config/config.ts";
import { badInput } from "../../../platform/errors/appError.ts";
import { compareRuntimeVersions, compareVersions } from "../../releases/compareVersions.ts";
import type { Chosen, RequestedVersion } from "./resolveVersion.ts";

/**
 * Throws BAD_USER_INPUT unless a Deployment that runs `from` can be upgraded to the given version: never to an earlier
 * one, never from Runtime to plain Airflow, and to Runtime only from `deployments.airflowMinimumAstroRuntimeVersion` on
 * and if its Airflow version is known.
 */
export function assertUpgrade(
  limits: Config["deployments"],
  from: Chosen,
  { argument, chosen }: RequestedVersion,
): void {
  if (from.runtimeVersion !== null && chosen.runtimeVersion === null) {
    const instead = argument === "airflowVersion" ? "use runtimeVersion" : "upgrade it to a Runtime version";
    throw badInput(argument, `the Deployment runs Runtime ${from.runtimeVersion}; ${instead} instead`);
  }
  const lowest = limits.airflowMinimumAstroRuntimeVersion;
  const { airflowVersion: airflow } = from;
  const changesKind = chosen.runtimeVersion !== null && from.runtimeVersion === null && airflow !== null;
  if (changesKind && compareVersions(airflow, lowest) < 0) {
    throw badInput(argument, `the Deployment runs Airflow ${airflow}; upgrade it to ${lowest} or later first`);
  }
  if (changesKind && chosen.airflowVersion === null) {
    const { runtimeVersion: version } = chosen;
    throw badInput(
      argument,
      `the platform's release file does not contain the Airflow version of ${version}; choose another`,
    );
  }
  if (!isLater(from, chosen)) return;
  const current =
    from.runtimeVersion === null || chosen.runtimeVersion === null ? `Airflow ${airflow}` : from.runtimeVersion;
  const inside = changesKind ? ` (Airflow ${chosen.airflowVersion})` : "";
  const requested = `${chosen.runtimeVersion ?? chosen.airflowVersion}${inside}`;
  throw badInput(
    argument,
    `${requested} is earlier than ${current}, which the Deployment runs; downgrades are not possible`,
  );
}

/** Whether `a` is the later version: compares Runtime versions, or Airflow versions if one of them is plain Airflow. */
export function isLater(a: Chosen, b: Chosen): boolean {
  if (a.runtimeVersion !== null && b.runtimeVersion !== null) {
    return compareRuntimeVersions(a.runtimeVersion, b.runtimeVersion) > 0;
  }
  if (a.airflowVersion === null || b.airflowVersion === null) return false;
  const order = compareVersions(a.airflowVersion, b.airflowVersion);
  // A pending migration to Runtime is later than the Airflow version it starts from.
  return order > 0 || (order === 0 && a.runtimeVersion !== null);
}
