import { z } from "zod";
import { assertGrantable } from "../../../access/assertGrantable.ts";
import type { Context } from "../../../access/context.ts";
import { type HeldRole, heldRole } from "../../../access/heldRole.ts";
import { type Prisma, Role } from "../../../generated/prisma/client.ts";
import { AppError } from "../../../platform/errors/appError.ts";
import { parse } from "../../../platform/errors/parse.ts";
import { EmailAddress, IdOf, optional } from "../../../platform/input/input.ts";
import { type LockedUser, lockNamed, userNotFound } from "../../users/lockUser.ts";

/** The arguments that name a user and a Deployment. */
export const Named = z.object({ userId: optional(z.string("needs an id")), deploymentId: IdOf, email: EmailAddress });

/** The same with a role. */
export const NamedRole = Named.extend({ role: z.enum(Role) });

type Named = z.output<typeof Named>;

/** Where the caller's rights are judged: Workspace Admins' reach into the Workspace's Deployments. */
export interface DeploymentScope {
  deploymentId: string;
  workspaceId: string;
}

/** The Deployment with its Workspace. Throws NOT_FOUND for an unknown or deleted one: it is named by its id here. */
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
  throw new AppError("NOT_FOUND", `${argument}: there is no Deployment with this id`, argument);
}

/** Locks the user. Throws NOT_FOUND for an unknown address, BAD_USER_INPUT if `userId` is another user's. */
export async function lockMember(tx: Prisma.TransactionClient, { userId, email }: Named): Promise<LockedUser> {
  const user = await lockNamed(tx, { id: userId, email }, "userId");
  if (!user) throw userNotFound("email");
  return user;
}

/** The role of the user in the Deployment. Throws NOT_FOUND when they have none there. */
export async function heldThere(tx: Prisma.TransactionClient, given: Named): Promise<HeldRole> {
  const user = await lockMember(tx, given);
  const held = await heldRole(tx, user.id, { deploymentId: given.deploymentId });
  if (!held) throw new AppError("NOT_FOUND", "email: this user has no role in the Deployment", "email");
  return held;
}

/** Reads the arguments and the scope; throws as `assertGrantable` does for the role. */
export async function grantOf(ctx: Context, tx: Prisma.TransactionClient, input: unknown) {
  const given = parse(NamedRole, input);
  const scope = await scopeOf(tx, given.deploymentId);
  assertGrantable(ctx, given.role, "DEPLOYMENT", scope);
  return { given, scope };
}
