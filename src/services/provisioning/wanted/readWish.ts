import type { Services } from "../../../access/context.ts";
import type { Deployment, Prisma } from "../../../generated/prisma/client.ts";
import { isUnmanaged } from "../../deployments/changes/isUnmanaged.ts";
import { effectiveDeployments } from "../../deployments/configuration/effectiveConfig.ts";
import { variableSecretOf } from "../../deployments/configuration/environmentVariables.ts";
import { type DagDeployment, dagSecretOf, dagSecrets } from "../../deployments/dags/dagDeployment.ts";
import { dockerSecretOf } from "../../deployments/lifecycle/dockerConfig.ts";
import type { DeploymentConfig } from "../../deployments/sizing/configAfter.ts";
import type { WantedDeployment } from "./wanted.ts";

type Reader = Pick<Services, "config" | "db" | "secrets">;

/** Everything but the revision, which counts the different states. */
export type WantedState = Omit<WantedDeployment, "revision">;

/** What is to become of a Deployment on its cluster. */
export type Wish =
  | { kind: "run"; wanted: WantedState }
  /** Soft-deleted: it may come back, so its database stays. */
  | { kind: "stop" }
  | { kind: "remove" }
  /** Houston must leave the cluster alone: it never provisioned this one, or no longer manages it. */
  | { kind: "leave" };

/**
 * Reads what is to become of a Deployment. All statements of `tx` must see one state. With `variables: false`, it
 * has no environment variables, which may be 64 MiB.
 */
export async function readWish(
  services: Reader,
  tx: Prisma.TransactionClient,
  id: string,
  { variables = true }: { variables?: boolean } = {},
): Promise<Wish> {
  const row = await tx.deployment.findUnique({
    where: { id },
    include: {
      environmentVariables: { orderBy: { key: "asc" }, ...(!variables && { take: 0 }) },
      workerQueues: { orderBy: { name: "asc" } },
      cluster: true,
    },
  });
  if (!row) return { kind: "remove" };
  if (isUnmanaged(row)) return { kind: "leave" };
  if (row.deletedAt !== null) return { kind: "stop" };
  const { config, secrets } = services;
  const { clusterId, workspaceId, releaseName } = row;
  const settings = await effectiveDeployments(services, { clusterId, workspaceId, deploymentId: id }, tx);
  const machines = new Map(
    config.platformApi.deploymentOptions.workerMachines.map((machine) => [machine.name, machine.spec]),
  );
  return {
    kind: "run",
    wanted: {
      id,
      clusterId,
      workspaceId,
      releaseName,
      namespace: row.namespace,
      chartVersion: row.version,
      ...versionsOf(row),
      config: row.config as unknown as DeploymentConfig,
      extraAu: extraAuOf(row),
      dagDeployment: openDagSecrets(secrets, row),
      image: row.image,
      dockerconfigjson: row.dockerconfigjson
        ? (JSON.parse(secrets.open(row.dockerconfigjson, dockerSecretOf(releaseName))) as object)
        : null,
      cloudRole: row.cloudRole,
      webserverReboot: row.webserverReboot,
      kedaEnabled: row.kedaEnabled,
      workerQueues: row.workerQueues.map((queue) => {
        const spec = machines.get((queue.astroMachine ?? "") as never);
        return {
          name: queue.name,
          isDefault: queue.isDefault,
          workerConcurrency: queue.workerConcurrency,
          minWorkerCount: queue.minWorkerCount,
          maxWorkerCount: queue.maxWorkerCount,
          podCpu: spec?.cpu ?? null,
          podRam: spec?.memory ?? null,
        };
      }),
      variables: row.environmentVariables.map(({ key, value, isSecret }) => ({
        key,
        value: isSecret ? secrets.open(value, variableSecretOf(id, key)) : value,
        isSecret,
      })),
      baseDomain: row.cluster.baseDomain ?? config.helm.baseDomain,
      settings,
    },
  };
}

/** The versions to run. A desired version without an image of its own comes with the platform's image for it. */
function versionsOf(row: Deployment): Pick<WantedDeployment, "airflowVersion" | "runtimeVersion"> {
  if (row.image !== null) return { airflowVersion: row.airflowVersion ?? "", runtimeVersion: row.runtimeVersion };
  const runtimeVersion = row.desiredRuntimeVersion ?? row.runtimeVersion;
  // Another Runtime version may contain an Airflow version that nobody knows.
  const current = runtimeVersion === row.runtimeVersion ? row.airflowVersion : null;
  return { airflowVersion: row.desiredAirflowVersion ?? current ?? "", runtimeVersion };
}

function extraAuOf({ properties }: Deployment): number {
  const { extra_au: extra } = properties as { extra_au?: unknown };
  return typeof extra === "number" ? extra : 0;
}

function openDagSecrets(secrets: Reader["secrets"], { releaseName, dagDeployment }: Deployment): DagDeployment {
  const stored = dagDeployment as DagDeployment;
  const open = dagSecrets.flatMap((field) => {
    const sealed = stored[field];
    return sealed === undefined ? [] : [[field, secrets.open(sealed, dagSecretOf(releaseName, field))]];
  });
  return { ...stored, ...Object.fromEntries(open) };
}
