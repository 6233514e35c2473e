import type { Context } from "../../../access/context.ts";
import type { Deployment, Prisma } from "../../../generated/prisma/client.ts";
import { recordAudit } from "../../../platform/audit/recordAudit.ts";
import { addJob } from "../../../platform/jobs/addJob.ts";

/** What happened to a Deployment, for whoever makes the cluster follow. */
export type DeploymentChange =
  | "created"
  | "updated"
  | "variablesUpdated"
  | "alertsUpdated"
  | "deleted"
  | "hardDeleted"
  /** Taken over as it runs; let go as it runs. */
  | "adopted"
  | "unadopted";

/**
 * Writes a Deployment's change into the audit log and adds the job `deploymentChanged` with its names and the kind of
 * change, both in the transaction of the change. The job is for a provisioner; no worker handles it yet, so it waits. Of
 * several changes before it runs, the last one's job stays: it says that the Deployment's row is to be read again.
 */
export async function recordDeploymentChange(
  ctx: Context,
  tx: Prisma.TransactionClient,
  deployment: Pick<Deployment, "id" | "workspaceId" | "releaseName" | "namespace">,
  { action, change, detail }: { action: string; change: DeploymentChange; detail: Prisma.InputJsonObject },
): Promise<void> {
  const { id, workspaceId, releaseName, namespace } = deployment;
  await recordAudit(ctx, tx, { action, entityType: "Deployment", entityId: id, workspaceId, detail });
  await addJob(
    tx,
    "deploymentChanged",
    { deploymentId: id, change, releaseName, namespace },
    { jobKey: `deployment:${id}` },
  );
}
