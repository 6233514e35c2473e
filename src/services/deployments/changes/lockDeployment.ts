import type { Deployment, Prisma } from "../../../generated/prisma/client.ts";
import { AppError, badInput } from "../../../platform/errors/appError.ts";
import { assertNotSuspended } from "../../billing/assertNotSuspended.ts";

/** Identifies a Deployment by ID, by release name, or by both. */
export interface WhichDeployment {
  id?: string | undefined;
  releaseName?: string | undefined;
}

/**
 * The Deployment's row, locked until the transaction ends, which serializes concurrent changes. Throws NOT_FOUND if it
 * was deleted in the meantime, BAD_USER_INPUT if ID and release name belong to different Deployments, and, unless
 * `evenCordoned`, CONFLICT with the reason while it is cordoned and WORKSPACE_SUSPENDED while its Workspace is
 * suspended.
 */
export async function lockDeployment(
  tx: Prisma.TransactionClient,
  which: WhichDeployment,
  { evenCordoned = false } = {},
): Promise<Deployment> {
  const { id, releaseName } = which;
  const [locked] = await (id === undefined
    ? tx.$queryRaw<{ id: string }[]>`SELECT id FROM "Deployment" WHERE "releaseName" = ${releaseName} FOR UPDATE`
    : tx.$queryRaw<{ id: string }[]>`SELECT id FROM "Deployment" WHERE id = ${id} FOR UPDATE`);
  // By its ID: while the statement waited, the release name may have passed to another Deployment, which is not locked.
  const deployment = locked && (await tx.deployment.findFirst({ where: { id: locked.id, deletedAt: null } }));
  if (!deployment) throw deploymentNotFound();
  if (releaseName !== undefined && releaseName !== deployment.releaseName) throw otherRelease();
  if (evenCordoned) return deployment;
  if (deployment.isCordoned) throw cordoned(deployment);
  await assertNotSuspended(tx, deployment.workspaceId);
  return deployment;
}

/** The CONFLICT for a cordoned Deployment. */
const cordoned = ({ cordonReason }: Deployment) =>
  new AppError(
    "CONFLICT",
    `The Deployment is cordoned: it cannot be changed until uncordonDeployment${cordonReason && `: ${cordonReason}`}`,
  );

/** NOT_FOUND for an unknown or deleted Deployment. */
export const deploymentNotFound = () =>
  new AppError("NOT_FOUND", "deploymentUuid: unknown Deployment", "deploymentUuid");

/** BAD_USER_INPUT for an ID and a release name of different Deployments. */
export const otherRelease = () =>
  badInput("releaseName", "must be the release name of the Deployment given by deploymentUuid");
