import type { Context } from "../../../access/context.ts";
import { heldRole } from "../../../access/heldRole.ts";
import type { Prisma } from "../../../generated/prisma/client.ts";
import { recordAudit } from "../../../platform/audit/recordAudit.ts";
import { badInput } from "../../../platform/errors/appError.ts";
import { conflictOn } from "../../../platform/errors/conflictOn.ts";
import { existing } from "../../../query/existing.ts";
import { assertUserManagement } from "../../users/assertUserManagement.ts";
import { type DeploymentScope, grantOf, lockMember } from "./deploymentUserRole.ts";

/**
 * Grants a user of the Workspace a role in one of its Deployments. Throws CONFLICT if they already have a role there (the
 * unique index decides), BAD_USER_INPUT for an address that nobody in the Workspace has, for a pending user and for a role
 * of another level, FORBIDDEN for one with permissions that the caller lacks, FEATURE_DISABLED if users are not managed in
 * Houston.
 */
export async function deploymentAddUserRole(ctx: Context, input: unknown): Promise<{ id: string }> {
  assertUserManagement(ctx);
  return ctx.db.$transaction(async (tx) => {
    const { given, scope } = await grantOf(ctx, tx, input);
    const { role, deploymentId } = given;
    const user = await lockMember(tx, given);
    // The same for an address that nobody has: whoever makes a Workspace must not learn who has an account.
    if (!user || !(await isInWorkspace(tx, user.id, scope))) {
      throw badInput(
        "email",
        "nobody with this address has a role in the Workspace; add them with workspaceAddUser first",
      );
    }
    if (user.status === "pending") {
      throw badInput("email", "the user has not confirmed the address yet; invite them with workspaceAddUser");
    }
    const binding = await tx.roleBinding
      .create({ data: { userId: user.id, deploymentId, role, namedAddress: given.email }, select: { id: true } })
      .catch(
        conflictOn(
          "email",
          "the user already has a role in the Deployment; change it with deploymentUpdateUserRole",
          existing("RoleBinding", { userId: user.id, deploymentId }),
        ),
      );
    await recordAudit(ctx, tx, {
      action: "deploymentAddUserRole",
      entityType: "Deployment",
      entityId: deploymentId,
      workspaceId: scope.workspaceId,
      detail: { userId: user.id, role },
    });
    return binding;
  });
}

/**
 * Only the user's own role counts, not one of their teams: leaving the team would leave a Deployment role behind that
 * the Workspace does not list. The user is locked, so nobody removes them from the Workspace meanwhile.
 */
async function isInWorkspace(tx: Prisma.TransactionClient, userId: string, scope: DeploymentScope): Promise<boolean> {
  if (await heldRole(tx, userId, { workspaceId: scope.workspaceId })) return true;
  // The insert reports a role that they already have.
  return (await heldRole(tx, userId, { deploymentId: scope.deploymentId })) !== null;
}
