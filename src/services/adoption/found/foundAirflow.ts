import type { KubernetesClient, KubernetesObject } from "../../../platform/kubernetes/kubernetes.ts";
import { secrets } from "../../../platform/kubernetes/resources.ts";
import { type AirflowFacts, airflowFacts } from "./airflowFacts.ts";
import { fluxRelease } from "./fluxRelease.ts";
import { helmSecretName, readHelmRecord } from "./helmRecord.ts";

/** An Airflow that is installed on a cluster. */
export interface FoundAirflow extends AirflowFacts {
  /** What installed it: Flux, or somebody with Helm. */
  kind: "HelmRelease" | "Helm";
  /** Name and namespace of the HelmRelease, or of the Helm release. */
  crName: string;
  crNamespace: string;
  /** Name and namespace of the Helm release. */
  releaseName: string;
  namespace: string;
  chartVersion: string;
}

/** The name of the charts of Airflow. */
const CHART = "airflow";

/** The Airflow of a HelmRelease; undefined if it is none, or not installed. */
export async function airflowOfFlux(
  client: KubernetesClient,
  helmRelease: KubernetesObject,
): Promise<FoundAirflow | undefined> {
  const found = fluxRelease(helmRelease);
  if (!found) return undefined;
  const { name: releaseName, namespace, stored } = found;
  const { name: crName, namespace: crNamespace = "" } = helmRelease.metadata;
  const name = helmSecretName(releaseName, stored.version);
  const secret = await client.get({ resource: secrets, namespace: stored.namespace, name });
  // What Helm has stored is complete, but only what Flux says is sure to be there.
  const record = (secret && (await readHelmRecord(secret))) ?? found.record;
  const names = { crName, crNamespace, releaseName, namespace };
  return { kind: "HelmRelease", ...names, chartVersion: record.chart.version, ...airflowFacts(releaseName, record) };
}

/** The Airflow of a version of a release, which Helm has stored in this Secret; undefined if its chart is another. */
export async function airflowOfHelm(
  releaseName: string,
  { metadata, ...secret }: KubernetesObject,
): Promise<FoundAirflow | undefined> {
  const record = await readHelmRecord({ metadata, ...secret });
  if (record?.chart.name !== CHART) return undefined;
  const { namespace = "" } = metadata;
  const names = { crName: releaseName, crNamespace: namespace, releaseName, namespace };
  return { kind: "Helm", ...names, chartVersion: record.chart.version, ...airflowFacts(releaseName, record) };
}
