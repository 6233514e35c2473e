import type { Deployment, Prisma } from "../../../generated/prisma/client.ts";
import type { Author } from "../../../platform/audit/recordAudit.ts";
import { recordDeploymentChange } from "./recordDeploymentChange.ts";

/**
 * Removes a Deployment for good, with everything that belongs to it, and records that: what a hard delete does, and the
 * end of a soft-deleted one. A trigger frees its release name, so another Deployment may have it as soon as `tx` is
 * committed. The row must be locked.
 */
export async function removeDeployment(
  author: Author,
  tx: Prisma.TransactionClient,
  deployment: Pick<Deployment, "id" | "workspaceId" | "label" | "releaseName" | "namespace">,
  action: string,
): Promise<void> {
  const { id, label, releaseName } = deployment;
  await tx.deployment.delete({ where: { id }, select: { id: true } });
  const detail = { label, releaseName, hard: true };
  await recordDeploymentChange(author, tx, deployment, { action, change: "hardDeleted", detail });
}
