import type { Deployment, Prisma } from "../../../generated/prisma/client.ts";
import { type Author, recordAudit } from "../../../platform/audit/recordAudit.ts";
import { addJob } from "../../../platform/jobs/addJob.ts";
import { PROVISION, queuedAs } from "../../provisioning/jobs/provisionJob.ts";

/** The kind of change to a Deployment, for the provisioner. */
export type DeploymentChange =
  | "created"
  | "updated"
  | "variablesUpdated"
  | "alertsUpdated"
  | "deleted"
  | "hardDeleted"
  /** Started or stopped managing an existing Airflow, without changing it. */
  | "adopted"
  | "unadopted";

/**
 * Records a Deployment's change in the audit log and, if a provisioner takes such jobs, adds the job
 * `provisionDeployment` with its names and the kind of change, both in the transaction of the change. A later change
 * replaces a waiting job: the job only says that the Deployment's row must be read again. Jobs of one Deployment run one
 * after the other. After a hard delete, its release name may belong to another Deployment by the time the job runs.
 */
export async function recordDeploymentChange(
  author: Author,
  tx: Prisma.TransactionClient,
  deployment: Pick<Deployment, "id" | "workspaceId" | "releaseName" | "namespace">,
  { action, change, detail }: { action: string; change: DeploymentChange; detail: Prisma.InputJsonObject },
): Promise<void> {
  const { id, workspaceId, releaseName, namespace } = deployment;
  await recordAudit(author, tx, { action, entityType: "Deployment", entityId: id, workspaceId, detail });
  await addJob(
    tx,
    PROVISION,
    { deploymentId: id, change, releaseName, namespace },
    { ...queuedAs(id), onlyIfTaken: true },
  );
}
