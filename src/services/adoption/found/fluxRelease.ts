import { z } from "zod";
import type { KubernetesObject } from "../../../platform/kubernetes/kubernetes.ts";
import { type HelmRecord, Version } from "./helmRecord.ts";

/** The Helm release that Flux has installed for a HelmRelease. */
export interface FluxRelease {
  name: string;
  namespace: string;
  /** Where Helm stores it, and as which version. */
  stored: { namespace: string; version: number };
  /** What the HelmRelease itself says, without values from elsewhere and without the defaults of the chart. */
  record: HelmRecord;
}

const Spec = z.object({
  values: z.record(z.string(), z.unknown()).optional().catch(undefined),
  /** With one, it installs on another cluster. */
  kubeConfig: z.undefined().optional(),
});

/** Helm allows more, which cannot be part of a host name. */
const Name = z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);

const Snapshot = z.object({
  name: Name,
  namespace: Name,
  version: z.int(),
  status: z.string(),
  chartName: z.string(),
  chartVersion: Version,
  appVersion: Version.optional().catch(undefined),
});

const Status = z.object({ storageNamespace: z.string(), history: z.array(Snapshot) });

/** Statuses of Helm for versions of a release that were installed completely. */
const COMPLETE = new Set(["deployed", "superseded"]);

/** The name of the charts of Airflow. */
const CHART = "airflow";

/**
 * The release of a HelmRelease whose chart is named airflow, or that has the usual label of Airflow. Undefined for others,
 * and unless it is installed on this cluster: only the status, which Flux writes, is trusted to say as what and where.
 */
export function fluxRelease({ metadata, spec, status }: KubernetesObject): FluxRelease | undefined {
  const [{ data: wanted }, { data: is }] = [Spec.safeParse(spec), Status.safeParse(status)];
  const last = is?.history[0];
  if (!wanted || !last || !is.history.some((one) => COMPLETE.has(one.status))) return undefined;
  const { name, namespace, version, chartName, chartVersion, appVersion } = last;
  if (chartName !== CHART && metadata.labels?.["app.kubernetes.io/name"] !== CHART) return undefined;
  return {
    name,
    namespace,
    stored: { namespace: is.storageNamespace, version },
    record: {
      chart: { name: chartName, version: chartVersion, appVersion },
      values: wanted.values ?? {},
      defaults: {},
    },
  };
}

/** `namespace/name` of the Helm release that Flux has installed last for a HelmRelease; of itself if none was. */
export function fluxName({ metadata, status }: KubernetesObject): string {
  const { data: is } = Status.safeParse(status);
  const { namespace = metadata.namespace, name = metadata.name } = is?.history[0] ?? {};
  return `${namespace}/${name}`;
}
