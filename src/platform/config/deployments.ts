import { z } from "zod";
import { authSideCar, dagDeploy, loggingSidecar } from "./astronomerChart.ts";
import { certificates } from "./certificates.ts";
import { ComponentName, components } from "./components.ts";
import { LimitName, limitNames } from "./limits.ts";
import { flag, integer, milliseconds, optionalText, port, setting, text, version } from "./setting.ts";

const page = (what: string) => z.strictObject({ maxTake: integer(101, `Maximum number of ${what} in one page.`, 1) });

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
  "Executors: whether each is enabled, the components of a Deployment that uses it, and its initial extra capacity (in astro units, or CPU in thousandths of a core and memory in MiB).",
  { allowed: "a list of executors" },
);

const factor = (what: string) =>
  setting(
    z.number().gt(0).max(1),
    1,
    `Share of the ${what} limit that pods of \`deployments.overProvisioningComponents\` request.`,
    { allowed: "a number greater than 0 and at most 1" },
  );

const Namespace = z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, "the name of a Kubernetes namespace");

/** `deployments.*`: features, sizes and limits of Deployments. */
export const deployments = z.strictObject({
  subdomain: text("deployments", "Subdomain for Deployments, of `helm.baseDomain` or of the domain of their cluster."),
  chart: z.strictObject({
    version: version(
      "1.22.0",
      "Version of the Airflow chart of new Deployments. Set it to the chart that the platform installs; the default is that of the Apache Airflow project for Airflow 2.11 and 3.",
    ),
  }),
  airflowReleasesFile: text("airflow_releases.json", "File with the Airflow versions available to Deployments."),
  astroRuntimeReleasesFile: text(
    "astro_runtime_releases.json",
    "File with the Runtime versions available to Deployments, in the form of Astronomer's published feed (`runtimeVersions` and `runtimeVersionsV3`). Yanked versions are only for Deployments that run them. From the day after `endOfSupport` (UTC) a version counts as deprecated, but may still be chosen by name. Without a channel, a version is `stable`; without `endOfSupport`, its support does not end.",
  ),
  minAstroRuntimeVersion: version("4.2.5", "Lowest Runtime version that Deployments may run."),
  airflowMinimumAstroRuntimeVersion: version(
    "2.2.5",
    "Lowest Airflow version that can be migrated to a Runtime version.",
  ),
  astroRuntimeEnabled: flag(true, "Allows Deployments to run Runtime versions."),
  enableListAllRuntimeVersions: flag(
    false,
    "Lists deprecated Runtime versions too, also those past their end of support.",
  ),
  enableSystemAdminCanCreateDeprecatedAirflows: flag(
    false,
    "Allows System Admins (callers with `system.deployments.update`), and nobody else, to choose deprecated versions.",
  ),
  defaultDistribution: text(
    "buster",
    "Distribution in the tags of Airflow images (`<version>-<distribution>-onbuild`), used if the file of Airflow versions contains no tags.",
  ),
  triggererEnabled: flag(true, "Allows Deployments to run a triggerer."),
  dagProcessorEnabled: flag(
    true,
    "Runs a DAG processor beside the scheduler before Airflow 3 too, if `deployments.components` contains it. Airflow 3 always has one.",
  ),
  configureDagDeployment: flag(false, "Allows choosing how DAGs are deployed."),
  nfsMountDagDeployment: flag(false, "Allows DAGs from an NFS volume."),
  gitSyncDagDeployment: flag(false, "Allows DAGs from a Git repository."),
  gitSync: z.strictObject({
    allowPrivateNetworks: flag(
      false,
      "Allows validating credentials against Git servers in private networks and on this machine. false: only at public addresses.",
    ),
    extraCertificates: certificates(
      "Certificates of additional certificate authorities to trust for Git servers, in PEM format.",
    ),
    timeout: milliseconds(10_000, "Time a Git server has to respond when credentials are validated, in milliseconds."),
  }),
  dagOnlyDeployment: flag(
    false,
    "Allows deploying DAGs without an image. Deployments with `flux.profile: apache` cannot, because that chart has no server for DAGs.",
  ),
  manualReleaseNames: flag(false, "Allows choosing the release name of a Deployment."),
  manualNamespaceNames: flag(false, "Requires choosing the namespace of a Deployment."),
  preCreatedNamespaces: setting(
    z.array(z.union([Namespace, z.strictObject({ name: Namespace }).transform(({ name }) => name)])),
    [],
    "Namespaces that can be chosen if `deployments.manualNamespaceNames` is true.",
    { allowed: "a list of namespaces, each as a string or as {name}" },
  ),
  namespaceFreeFormEntry: flag(false, "Allows choosing any other namespace too."),
  namespaceLabels: setting(z.record(z.string(), z.string()), {}, "Labels of the namespaces that Houston creates.", {
    allowed: "a mapping of labels",
  }),
  ingress: z.strictObject({
    className: optionalText("Ingress class of the web pages of Deployments. null: the default class of the cluster."),
    tlsSecretName: optionalText(
      "Secret with the certificate for the web pages, in the namespace of each Deployment. null: the ingress controller uses its own.",
    ),
    annotations: setting(
      z.record(z.string(), z.string()),
      {},
      "Annotations of the ingress in addition to those of ingress-nginx with which it asks Houston about each request. The same name replaces one of those.",
      { allowed: "a mapping of annotations" },
    ),
    namespaces: setting(
      z.array(Namespace),
      [],
      "Namespaces whose pods may reach the web pages, such as that of the ingress controller. Network policies keep all others away from the pods of Deployments. Empty: there are no network policies.",
      { allowed: "a list of namespaces" },
    ),
  }),
  houstonUrl: setting(
    z.url({ protocol: /^https?$/ }).nullable(),
    null,
    "URL at which Deployments and their ingress reach Houston, such as http://houston.astronomer.svc.cluster.local:8871. null: that of users, `webserver.publicUrl` or `<subdomain>.<helm.baseDomain>`.",
    { allowed: "an http or https URL, or null" },
  ),
  serviceAccountAnnotationKey: optionalText(
    "Annotation of service accounts that holds the cloud role (`cloudRole`) of a Deployment, such as eks.amazonaws.com/role-arn. null: cloud roles have no effect.",
  ),
  authSideCar,
  dagDeploy,
  loggingSidecar,
  hardDeleteDeployment: flag(
    false,
    "Allows hard deletes of Deployments, which also remove everything that belongs to them and free their release names. If `helm.releaseVersion` is 2.0.0 or later, every delete is a hard one.",
  ),
  upsertDeploymentEnabled: flag(
    false,
    "Allows `upsertDeployment`. It is always allowed if `helm.releaseVersion` is 1.0.0 or later.",
  ),
  enableUpdateDeploymentImageEndpoint: flag(false, "Allows setting the image of a Deployment through the API."),
  cleanupAirflowDb: z.strictObject({
    enabled: flag(false, "Allows `cleanupAirflowDb`, which removes old rows from the databases of Airflows."),
  }),
  database: z.strictObject({
    enabled: flag(
      true,
      "Houston creates a database and a user for each Deployment that it makes run, on the PostgreSQL server of `deployments.database.connection`. false: name a database of your own in `deployments.helm.airflow.data`.",
    ),
    retainOnDelete: flag(false, "Keeps the database of a Deployment when it is removed for good."),
    connection: z.strictObject({
      host: text("localhost", "Host of that server, as Houston and the pods of Deployments reach it."),
      port: port(5432, "Port of that server."),
      user: text("postgres", "User that may create databases and users there."),
      password: text("postgres", "Password of that user.", { secret: true }),
      database: text("postgres", "Database to connect to for that."),
    }),
  }),
  tagPrefix: text("deploy", "Prefix of the image tags of deploys."),
  pagination: z.strictObject({
    workspaceUsers: page("users of a Workspace"),
    workspaceTasks: page("tasks of a Workspace"),
    deploymentUsers: page("users of a Deployment"),
    workspace: page("Workspaces"),
    system: page("rows of platform-wide lists"),
    taskUsage: page("rows of task usage"),
    deployRevision: page("deploys"),
  }),
  astroUnit: z.strictObject({
    cpu: integer(100, "CPU of one astro unit, in thousandths of a core.", 1),
    memory: integer(384, "Memory of one astro unit, in MiB.", 1),
    pods: setting(z.number().min(0), 1, "Number of pods per astro unit of extra capacity."),
    airflowConns: setting(z.number().min(0), 5, "Number of connections to PgBouncer per astro unit."),
    actualConns: setting(z.number().min(0), 0.5, "Number of connections to PostgreSQL per astro unit."),
  }),
  resourceProvisioningStrategy: z.strictObject({
    astroUnitsEnabled: flag(true, "Resources are specified in astro units. false: as CPU and memory."),
  }),
  overridableLimits: setting(
    z.array(LimitName),
    [],
    "Limits that Workspace and Deployment roles may override. By default, they take a system role, because the owner of the platform pays for what they allow.",
    { allowed: `a list of ${limitNames.join(", ")}` },
  ),
  disableManageResourceQuotasAndLimitRanges: flag(
    false,
    "Neither quotas nor default sizes of containers for the namespaces of Deployments. false: together, the pods of a Deployment get what two sets of its components need, which an update starts side by side, and its extra capacity.",
  ),
  maxExtraAu: integer(400, "Maximum extra capacity of a Deployment, in astro units."),
  maxPodAu: integer(35, "Maximum size of a pod, in astro units.", 1),
  sidecars: z.strictObject({
    cpu: integer(50, "CPU of a sidecar, in thousandths of a core."),
    memory: integer(200, "Memory of a sidecar, in MiB."),
  }),
  overProvisioningFactorCPU: factor("CPU"),
  overProvisioningFactorMem: factor("memory"),
  overProvisioningComponents: setting(
    z.array(ComponentName),
    ["scheduler", "webserver", "workers", "triggerer", "flower", "pgbouncer", "statsd"],
    "Components that request only a share of their limits.",
  ),
  components,
  executors,
});
