import type { Config } from "../../../platform/config/config.ts";
import { at } from "../../../platform/config/tree.ts";
import type { KubernetesObject } from "../../../platform/kubernetes/kubernetes.ts";
import { digestOf } from "../../provisioning/objects/digestOf.ts";
import { helmOverrides } from "../../provisioning/values/helmOverrides.ts";
import { defaultImage, type Image, splitImage } from "../../provisioning/values/image.ts";
import { deploymentLabels, MANAGED_BY } from "../../provisioning/values/labels.ts";
import { helmReleaseName, secretNamesOf } from "../../provisioning/values/names.ts";
import type { WantedState } from "../../provisioning/wanted/readWish.ts";
import { type CleanupOptions, cleanupSteps, FOLDER } from "./cleanupSteps.ts";

export type { CleanupOptions } from "./cleanupSteps.ts";

/** Seconds for which a finished Job stays, so that its log can be read, and for which the same one is not started again. */
const KEPT = 3_600;

/** Seconds that a Job may take. */
const DEADLINE = 6 * 3_600;

/** The user of the images of Airflow, whose group is root. */
const DEFAULT_UID = 50_000;

/** Enough for Airflow's command line; namespaces with quotas accept no pod without. */
const resources = { requests: { cpu: "100m", memory: "512Mi" }, limits: { cpu: "1", memory: "2Gi" } };

/**
 * The Job that removes old rows from the metadata database of a Deployment, with the Deployment's own image, one step after
 * the other. Its name depends on all of it: the same request makes the same Job.
 */
export function cleanupJob(wanted: WantedState, config: Config, options: CleanupOptions): KubernetesObject {
  const { releaseName, namespace, dockerconfigjson } = wanted;
  const labels = { ...MANAGED_BY, ...deploymentLabels(wanted, config), "houston/job": "cleanup" };
  const containers = cleanupSteps(releaseName, options).map(({ name, args }) => ({
    name,
    image: imageOf(wanted, config),
    imagePullPolicy: "IfNotPresent",
    args,
    env: [{ name: "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", valueFrom: { secretKeyRef: metadataOf(wanted) } }],
    ...providerOf(options),
    resources,
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
  }));
  const spec = {
    backoffLimit: 1,
    activeDeadlineSeconds: DEADLINE,
    ttlSecondsAfterFinished: KEPT,
    template: {
      metadata: { labels },
      spec: {
        restartPolicy: "Never",
        automountServiceAccountToken: false,
        securityContext: {
          runAsNonRoot: true,
          runAsUser: idOf(wanted, "uid") ?? DEFAULT_UID,
          runAsGroup: idOf(wanted, "gid") ?? 0,
          seccompProfile: { type: "RuntimeDefault" },
        },
        ...(dockerconfigjson !== null && { imagePullSecrets: [{ name: secretNamesOf(releaseName).registry }] }),
        ...(containers.length > 1 && { initContainers: containers.slice(0, -1) }),
        containers: containers.slice(-1),
        volumes: [{ name: "archives", emptyDir: {} }],
      },
    },
  };
  const name = `${releaseName.slice(0, 44)}-cleanup-${digestOf([wanted.id, spec]).slice(0, 10)}`;
  return { apiVersion: "batch/v1", kind: "Job", metadata: { name, namespace, labels }, spec };
}

/** The keys of the provider's Secret are environment variables. */
const providerOf = ({ upload }: CleanupOptions) => ({
  volumeMounts: [{ name: "archives", mountPath: FOLDER }],
  ...(upload?.providerEnvSecretName && { envFrom: [{ secretRef: { name: upload.providerEnvSecretName } }] }),
});

/** The Secret with the connection to the database: Houston's, the operator's, or the one that the chart makes of its values. */
function metadataOf({ releaseName, settings }: WantedState) {
  const given = at(helmOverrides(settings), ["airflow", "data", "metadataSecretName"]);
  const name = settings.database.enabled
    ? secretNamesOf(releaseName).metadata
    : typeof given === "string" && given !== ""
      ? given
      : `${helmReleaseName(releaseName)}-metadata`;
  return { name, key: "connection" };
}

function imageOf(wanted: WantedState, config: Config): string {
  const image: Image = wanted.image === null ? defaultImage(wanted, config) : splitImage(wanted.image);
  const { repository, tag, digest } = image;
  return `${repository}${tag === undefined ? "" : `:${tag}`}${digest === undefined ? "" : `@${digest}`}`;
}

/** As the operator has set it for all pods. */
function idOf({ settings }: WantedState, name: "uid" | "gid"): number | undefined {
  const id = at(helmOverrides(settings), ["airflow", name]);
  return typeof id === "number" ? id : undefined;
}
