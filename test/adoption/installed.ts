import { gzipSync } from "node:zlib";
import type { KubernetesObject } from "../../src/platform/kubernetes/kubernetes.ts";
import { helmReleases, secrets } from "../../src/platform/kubernetes/resources.ts";
import type { FakeKubernetes } from "../support/fakeKubernetes.ts";

/** What somebody has installed with Helm, or lets Flux install. */
export interface Installed {
  name: string;
  namespace?: string;
  chart?: string;
  chartVersion?: string;
  appVersion?: string;
  /** Values that were given, and those of the chart. */
  values?: object;
  defaults?: object;
  version?: number;
  status?: string;
}

/** The Secret in which Helm stores a version of a release, as Helm 3 and 4 write it. */
export function helmSecret(given: Installed): KubernetesObject {
  const { name, namespace = "team-airflow", version = 1, status = "deployed", values = {}, defaults = {} } = given;
  const { chart = "airflow", chartVersion = "1.22.0", appVersion = "2.11.0" } = given;
  const record = {
    name,
    namespace,
    version,
    info: { status, first_deployed: "2026-11-01T10:00:00Z" },
    chart: {
      metadata: { name: chart, version: chartVersion, appVersion, apiVersion: "v2" },
      values: defaults,
      templates: [],
    },
    config: values,
    manifest: "---\n",
  };
  const release = gzipSync(JSON.stringify(record)).toString("base64");
  return {
    apiVersion: "v1",
    kind: "Secret",
    type: "helm.sh/release.v1",
    metadata: {
      name: `sh.helm.release.v1.${name}.v${version}`,
      namespace,
      labels: { owner: "helm", name, status, version: `${version}`, modifiedAt: "1762000000" },
    },
    data: { release: Buffer.from(release).toString("base64") },
  };
}

/** Installs a release by Helm. */
export const byHelm = (cluster: FakeKubernetes, given: Installed) => cluster.put(secrets, helmSecret(given));

/** Installs a release by Flux, with what Helm stores of it. */
export function byFlux(
  cluster: FakeKubernetes,
  given: Installed,
  change: { spec?: object; status?: object; labels?: Record<string, string> } = {},
) {
  const { name, namespace = "team-airflow", version = 1, status = "deployed" } = given;
  const { chart = "airflow", chartVersion = "1.22.0", appVersion = "2.11.0" } = given;
  byHelm(cluster, given);
  return cluster.put(helmReleases, {
    apiVersion: "helm.toolkit.fluxcd.io/v2",
    kind: "HelmRelease",
    metadata: { name, namespace, ...(change.labels && { labels: change.labels }) },
    spec: { interval: "30m", chart: { spec: { chart, version: chartVersion } }, ...change.spec },
    status: {
      storageNamespace: namespace,
      history: [{ name, namespace, version, status, chartName: chart, chartVersion, appVersion }],
      ...change.status,
    },
  });
}
