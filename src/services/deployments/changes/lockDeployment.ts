import type { Deployment, Prisma } from "../../../generated/prisma/client.ts";
import { AppError, badInput } from "../../../platform/errors/appError.ts";
import { assertNotSuspended } from "../../billing/assertNotSuspended.ts";

/** Names a Deployment: by id, by release name, or by both. */
export interface WhichDeployment {
  id?: string | undefined;
  releaseName?: string | undefined;
}

/**
 * The Deployment's row, locked until the transaction ends: changes at the same time follow one another. Throws NOT_FOUND
 * when it was deleted meanwhile, BAD_USER_INPUT when id and release name are given and do not belong together, and, unless
 * `evenCordoned`, CONFLICT with the reason while it is cordoned and WORKSPACE_SUSPENDED while its Workspace is suspended.
 */
export async function lockDeployment(
  tx: Prisma.TransactionClient,
  which: WhichDeployment,
  { evenCordoned = false } = {},
): Promise<Deployment> {
  const { id, releaseName } = which;
  await (id === undefined
    ? tx.$queryRaw`SELECT id FROM "Deployment" WHERE "releaseName" = ${releaseName} FOR UPDATE`
    : tx.$queryRaw`SELECT id FROM "Deployment" WHERE id = ${id} FOR UPDATE`);
  const where = id === undefined ? { releaseName: releaseName ?? "" } : { id };
  const deployment = await tx.deployment.findFirst({ where: { ...where, deletedAt: null } });
  if (!deployment) throw deploymentNotFound();
  if (releaseName !== undefined && releaseName !== deployment.releaseName) throw otherRelease();
  if (evenCordoned) return deployment;
  if (deployment.isCordoned) throw cordoned(deployment);
  await assertNotSuspended(tx, deployment.workspaceId);
  return deployment;
}

/** A Deployment that an operator protects from changes. */
const cordoned = ({ cordonReason }: Deployment) =>
  new AppError(
    "CONFLICT",
    `The Deployment is cordoned and refuses changes until uncordonDeployment${cordonReason && `: ${cordonReason}`}`,
  );

/** A Deployment that is not there any more. */
export const deploymentNotFound = () =>
  new AppError("NOT_FOUND", "deploymentUuid: there is no such Deployment", "deploymentUuid");

/** An id and a release name that do not belong together. */
export const otherRelease = () =>
  badInput("releaseName", "belongs to another Deployment than deploymentUuid, or to none");
