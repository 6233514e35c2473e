import { z } from "zod";
import type { Problem } from "./configError.ts";
import type { Config } from "./schema.ts";
import { flag, integer, milliseconds, optionalText, setting, stringMatching } from "./setting.ts";

const OBJECT = "the name of a Kubernetes object: lower-case letters, digits and hyphens";
const objectNamePattern = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/;

const objectName = (fallback: string, description: string) =>
  stringMatching(objectNamePattern, OBJECT, fallback, description);

const duration = (fallback: string, description: string) =>
  stringMatching(/^\d{1,5}[smh]$/, "a duration such as 30m, 90s or 2h", fallback, description);

/** `provisioner`: what makes Deployments run. */
export const provisioner = {
  provisioner: setting(
    z.enum(["none", "flux"]),
    "none",
    "What makes Deployments run. `flux`: Houston applies a HelmRelease of Flux (2.8 or later) for each, and follows its status. `none`: Houston stores Deployments, and a controller of yours reads the outbox.",
  ),
};

/** `kubernetes.*`: access to the default cluster. Other clusters have a kubeconfig of their own. */
export const kubernetes = z.strictObject({
  kubeconfig: optionalText(
    "File with the kubeconfig of the default cluster. It is read again whenever it changes. null: the service account of the pod in which Houston runs.",
  ),
  namespaced: flag(
    false,
    "Houston has rights in `deployments.preCreatedNamespaces` only: it watches these one by one, and neither creates nor removes namespaces.",
  ),
  requestTimeout: milliseconds(10_000, "Time a Kubernetes API server has to answer a request, in milliseconds."),
  lostAfter: milliseconds(
    60_000,
    "Time for which a cluster may be out of reach until the status of its Deployments is UNKNOWN, in milliseconds.",
  ),
});

/** `flux.*`: the HelmReleases of Deployments. */
export const flux = z.strictObject({
  sourceKind: setting(
    z.enum(["HelmRepository", "OCIRepository"]),
    "HelmRepository",
    "Kind of the Flux source that has the Airflow chart. A HelmRepository gives each Deployment the chart version it was created with; an OCIRepository gives all of them its own.",
  ),
  sourceName: objectName("apache-airflow", "Name of that source."),
  sourceNamespace: objectName("flux-system", "Namespace of that source."),
  chart: stringMatching(
    /^[A-Za-z0-9][\w.-]{0,99}$/,
    "the name of a chart: letters, digits, -, _ and .",
    "airflow",
    "Name of the chart in a HelmRepository.",
  ),
  profile: setting(
    z.enum(["apache", "astronomer"]),
    "apache",
    "The chart whose values Houston writes: that of the Apache Airflow project, or Astronomer's, which contains the former.",
  ),
  interval: duration("30m", "How often Flux compares a Deployment with its HelmRelease."),
  timeout: duration("20m", "How long Flux waits for a change to be running, migrations of the database included."),
  serviceAccountName: setting(
    z.string().regex(objectNamePattern, OBJECT).nullable(),
    null,
    "Service account in the namespace of each Deployment as which Flux installs. It must exist there. null: Flux uses its own.",
    { allowed: `${OBJECT}, or null` },
  ),
  driftDetection: setting(
    z.enum(["disabled", "warn", "enabled"]),
    "warn",
    "What Flux does about objects that somebody else changed: nothing, report it, or change them back.",
  ),
  concurrency: integer(8, "Deployments that one Houston process applies at the same time.", 1, 100),
});

/** What is missing for provisioning in given namespaces: without any, there is nothing to watch. */
export function namespaceProblems(
  { provisioner, kubernetes, deployments }: Config,
  originOf: (path: string) => string,
): Problem[] {
  if (provisioner === "none" || !kubernetes.namespaced || deployments.preCreatedNamespaces.length > 0) return [];
  const key = "kubernetes.namespaced";
  const message = "needs deployments.preCreatedNamespaces, which is empty";
  return [{ key, message, origin: originOf(key) }];
}
