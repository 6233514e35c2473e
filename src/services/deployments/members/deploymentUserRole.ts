import { z } from "zod";
import { assertGrantable } from "../../../access/assertGrantable.ts";
import type { Context } from "../../../access/context.ts";
import { type HeldRole, heldRole } from "../../../access/heldRole.ts";
import { type Prisma, Role } from "../../../generated/prisma/client.ts";
import { AppError } from "../../../platform/errors/appError.ts";
import { parse } from "../../../platform/errors/parse.ts";
import { EmailAddress, IdOf, optional } from "../../../platform/input/input.ts";
import { type LockedUser, lockNamed } from "../../users/lockUser.ts";

/** The arguments that identify a user and a Deployment. */
export const Named = z.object({ userId: optional(z.string("must be an ID")), deploymentId: IdOf, email: EmailAddress });

/** The same, with a role. */
export const NamedRole = Named.extend({ role: z.enum(Role) });

type Named = z.output<typeof Named>;

/** Scope for permission checks, with the Workspace, because Workspace Admins act as admins of its Deployments. */
export interface DeploymentScope {
  deploymentId: string;
  workspaceId: string;
}

/** The Deployment with its Workspace. Throws NOT_FOUND for an unknown or deleted one, or a release name instead of an ID. */
export async function scopeOf(
  tx: Prisma.TransactionClient,
  deploymentId: string,
  argument = "deploymentId",
): Promise<DeploymentScope> {
  const deployment = await tx.deployment.findFirst({
    where: { id: deploymentId, deletedAt: null },
    select: { workspaceId: true },
  });
  if (deployment) return { deploymentId, workspaceId: deployment.workspaceId };
  throw new AppError("NOT_FOUND", `${argument}: no Deployment has this ID`, argument);
}

/** Locks the user, if somebody has the address. Throws BAD_USER_INPUT if `userId` is not theirs. */
export const lockMember = (tx: Prisma.TransactionClient, { userId, email }: Named): Promise<LockedUser | undefined> =>
  lockNamed(tx, { id: userId, email }, "userId");

/** The role of the user in the Deployment. Throws NOT_FOUND if they have none there, or nobody has the address. */
export async function userRoleOf(tx: Prisma.TransactionClient, given: Named): Promise<HeldRole> {
  const user = await lockMember(tx, given);
  const held = user && (await heldRole(tx, user.id, { deploymentId: given.deploymentId }));
  if (!held) throw new AppError("NOT_FOUND", "email: the user has no role in the Deployment", "email");
  return held;
}

/** Parses the arguments and loads the scope. Throws the errors of `assertGrantable` for the role. */
export async function grantOf(ctx: Context, tx: Prisma.TransactionClient, input: unknown) {
  const given = parse(NamedRole, input);
  const scope = await scopeOf(tx, given.deploymentId);
  assertGrantable(ctx, given.role, "DEPLOYMENT", scope);
  return { given, scope };
}
