import { z } from "zod";
import { certificates } from "./certificates.ts";
import { ComponentName, components } from "./components.ts";
import { flag, milliseconds, setting, text, version, whole } from "./setting.ts";

const page = (what: string) =>
  z.strictObject({ maxTake: whole(101, `Most rows that one request for ${what} answers.`, 1) });

const Executor = z.strictObject({
  name: z.enum(["LocalExecutor", "CeleryExecutor", "KubernetesExecutor"]),
  enabled: z.boolean(),
  components: z.array(ComponentName),
  defaultExtraAu: z.int().min(0),
  defaultExtraCapacity: z.strictObject({ cpu: z.int().min(0), memory: z.int().min(0) }),
});

const always = ["scheduler", "webserver", "statsd", "pgbouncer"] as const;
const executors = setting(
  z.array(Executor),
  [
    {
      name: "LocalExecutor",
      enabled: true,
      components: [...always, "triggerer"],
      defaultExtraAu: 0,
      defaultExtraCapacity: { cpu: 0, memory: 0 },
    },
    {
      name: "CeleryExecutor",
      enabled: true,
      components: [...always, "workers", "flower", "redis", "triggerer"],
      defaultExtraAu: 0,
      defaultExtraCapacity: { cpu: 0, memory: 0 },
    },
    {
      name: "KubernetesExecutor",
      enabled: true,
      components: [...always, "triggerer"],
      defaultExtraAu: 10,
      defaultExtraCapacity: { cpu: 1000, memory: 3840 },
    },
  ],
  "The executors, whether they are enabled, the components a Deployment with them has, and the extra capacity it starts with (astro units; CPU in thousandths of a core, memory in MiB).",
  { allowed: "a list of executors" },
);

const factor = (what: string) =>
  setting(
    z.number().gt(0).max(1),
    1,
    `Share of its ${what} limit that a pod of \`deployments.overProvisioningComponents\` sets aside.`,
    { allowed: "a number above 0, at most 1" },
  );

const Namespace = z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, "the name of a Kubernetes namespace");

/** `deployments.*`: what Deployments may be and get. */
export const deployments = z.strictObject({
  subdomain: text("deployments", "Deployments are reached at this name under `helm.baseDomain`."),
  chart: z.strictObject({ version: version("0.0.0", "Version of the Airflow chart that new Deployments get.") }),
  airflowReleasesFile: text("airflow_releases.json", "File with the Airflow versions that Deployments may run."),
  astroRuntimeReleasesFile: text(
    "astro_runtime_releases.json",
    "File with the runtime versions that Deployments may run.",
  ),
  minAstroRuntimeVersion: version("4.2.5", "Lowest runtime version that Deployments may run."),
  airflowMinimumAstroRuntimeVersion: version("2.2.5", "Lowest Airflow version that can move to a runtime version."),
  astroRuntimeEnabled: flag(true, "Deployments may run runtime versions."),
  enableListAllRuntimeVersions: flag(false, "Deprecated runtime versions are listed too."),
  enableSystemAdminCanCreateDeprecatedAirflows: flag(
    false,
    "System Admins (who hold `system.deployments.update`) may choose deprecated versions. Nobody else may.",
  ),
  defaultDistribution: text(
    "buster",
    "Distribution in the tags of Airflow images, `<version>-<distribution>-onbuild`, where the file of Airflow versions names no tags.",
  ),
  triggererEnabled: flag(true, "Deployments may run a triggerer."),
  configureDagDeployment: flag(false, "The way DAGs are deployed may be chosen."),
  nfsMountDagDeployment: flag(false, "DAGs may come from an NFS volume."),
  gitSyncDagDeployment: flag(false, "DAGs may come from a git repository."),
  gitSync: z.strictObject({
    allowPrivateNetworks: flag(
      false,
      "Credentials may be tried on git servers in private networks and on this machine. false: on public addresses only.",
    ),
    extraCertificates: certificates(
      "Certificates in PEM of authorities that git servers are trusted by, beside the well-known ones.",
    ),
    timeout: milliseconds(10_000, "Time a git server has to answer when credentials are tried, in milliseconds."),
  }),
  dagOnlyDeployment: flag(false, "DAGs may be deployed without an image."),
  manualReleaseNames: flag(false, "The release name of a Deployment may be chosen."),
  manualNamespaceNames: flag(false, "The namespace of a Deployment must be chosen."),
  preCreatedNamespaces: setting(
    z.array(z.union([Namespace, z.strictObject({ name: Namespace }).transform(({ name }) => name)])),
    [],
    "Namespaces that may be chosen, when they are chosen by hand.",
    { allowed: "a list of namespaces, each as text or as {name}" },
  ),
  namespaceFreeFormEntry: flag(false, "Any other namespace may be chosen too."),
  hardDeleteDeployment: flag(false, "Deployments can be deleted for good, with all that belongs to them."),
  upsertDeploymentEnabled: flag(
    false,
    "`upsertDeployment` is allowed. With `helm.releaseVersion` 1.0.0 or later it always is.",
  ),
  enableUpdateDeploymentImageEndpoint: flag(false, "The image of a Deployment can be set through the API."),
  tagPrefix: text("deploy", "First part of image tags made by deploys."),
  pagination: z.strictObject({
    workspaceUsers: page("users of a Workspace"),
    workspaceTasks: page("tasks of a Workspace"),
    deploymentUsers: page("users of a Deployment"),
    workspace: page("Workspaces"),
    system: page("lists of the whole platform"),
    taskUsage: page("task usage"),
    deployRevision: page("deploys"),
  }),
  astroUnit: z.strictObject({
    cpu: whole(100, "CPU of one astro unit, in thousandths of a core.", 1),
    memory: whole(384, "Memory of one astro unit, in MiB.", 1),
    pods: setting(z.number().min(0), 1, "Pods that one astro unit of extra capacity allows."),
    airflowConns: setting(z.number().min(0), 5, "Connections to pgbouncer that one astro unit allows."),
    actualConns: setting(z.number().min(0), 0.5, "Connections to PostgreSQL that one astro unit allows."),
  }),
  resourceProvisioningStrategy: z.strictObject({
    astroUnitsEnabled: flag(true, "Resources are given in astro units. false: in CPU and memory as asked for."),
  }),
  maxExtraAu: whole(400, "Most extra capacity of a Deployment, in astro units."),
  maxPodAu: whole(35, "Largest pod, in astro units.", 1),
  sidecars: z.strictObject({
    cpu: whole(50, "CPU of a sidecar, in thousandths of a core."),
    memory: whole(200, "Memory of a sidecar, in MiB."),
  }),
  overProvisioningFactorCPU: factor("CPU"),
  overProvisioningFactorMem: factor("memory"),
  overProvisioningComponents: setting(
    z.array(ComponentName),
    ["scheduler", "webserver", "workers", "triggerer", "flower", "pgbouncer", "statsd"],
    "Components that set aside only a share of their limits.",
  ),
  components,
  executors,
});
