import { z } from "zod";
import { assertGrantable } from "../../access/assertGrantable.ts";
import type { Context } from "../../access/context.ts";
import { type Prisma, Role } from "../../generated/prisma/client.ts";
import { recordAudit } from "../../platform/audit/recordAudit.ts";
import { AppError } from "../../platform/errors/appError.ts";
import { conflictOn } from "../../platform/errors/conflictOn.ts";
import { parse } from "../../platform/errors/parse.ts";
import { EmailAddress, IdOf } from "../../platform/input/input.ts";
import { existing } from "../../query/existing.ts";
import { lockAddress, storeInvite } from "../invites/storeInvite.ts";
import { assertUserManagement } from "../users/assertUserManagement.ts";
import { createVerifiedUser } from "../users/createVerifiedUser.ts";
import { idBy, lockUser, userNotFound } from "../users/lockUser.ts";
import { assertDeploymentRoles, DeploymentRoles } from "./deploymentRoles.ts";

const Input = z.object({
  email: EmailAddress,
  workspaceUuid: IdOf,
  role: z.enum(Role),
  deploymentRoles: DeploymentRoles,
  bypassInvite: z.boolean().nullish(),
});

type Given = z.output<typeof Input>;

/**
 * Adds a user to a Workspace, optionally with roles in its Deployments. An active user gets the roles immediately; an
 * unknown address gets an invitation by e-mail, or with `bypassInvite` becomes a verified user without an e-mail. The
 * address of a pending user is always invited: it may be someone else who signed up with it. Throws BAD_USER_INPUT for
 * roles of another level and Deployments of other Workspaces, FORBIDDEN for roles with permissions that the caller
 * lacks, CONFLICT for a user who already has a role there, FEATURE_DISABLED if users are not managed in Houston.
 */
export async function workspaceAddUser(ctx: Context, input: unknown): Promise<void> {
  assertUserManagement(ctx);
  const given = parse(Input, input);
  const { email, workspaceUuid: workspaceId, role, deploymentRoles } = given;
  assertGrantable(ctx, role, "WORKSPACE", { workspaceId });
  await ctx.db.$transaction(async (tx) => {
    await lockAddress(tx, email);
    const workspace = await lockWorkspace(tx, workspaceId);
    await assertDeploymentRoles(ctx, tx, workspaceId, deploymentRoles);
    const userId = await userFor(tx, given);
    if (userId === undefined) {
      await storeInvite(ctx, tx, { email, workspace: { ...workspace, role, deploymentRoles } });
    } else {
      await bind(tx, userId, given);
    }
    await recordAudit(ctx, tx, {
      action: "workspaceAddUser",
      entityType: "Workspace",
      entityId: workspaceId,
      workspaceId,
      detail: { email, role, deploymentRoles, userId: userId ?? null },
    });
  });
}

/**
 * Locks the Workspace until the transaction ends, so that it cannot be deleted. Throws NOT_FOUND for an unknown one.
 */
export async function lockWorkspace(tx: Prisma.TransactionClient, id: string): Promise<{ id: string; label: string }> {
  const [workspace] = await tx.$queryRaw<{ id: string; label: string }[]>`SELECT id, label FROM "Workspace"
    WHERE id = ${id} FOR KEY SHARE`;
  if (!workspace) throw new AppError("NOT_FOUND", "workspaceUuid: unknown Workspace", "workspaceUuid");
  return workspace;
}

/** The ID of the user to add, locked, whose invitation is deleted; undefined if the address must be invited. */
async function userFor(tx: Prisma.TransactionClient, given: Given): Promise<string | undefined> {
  const { email, workspaceUuid: workspaceId, bypassInvite } = given;
  const knownId = await idBy(tx, email);
  if (knownId === undefined && !bypassInvite) return undefined;
  const user = knownId === undefined ? await createVerifiedUser(tx, email) : await lockUser(tx, { id: knownId });
  if (!user) throw userNotFound("email");
  if (user.status === "pending") return undefined;
  await tx.invite.deleteMany({ where: { email, workspaceId } });
  return user.id;
}

async function bind(tx: Prisma.TransactionClient, userId: string, given: Given): Promise<void> {
  const { email: namedAddress, workspaceUuid: workspaceId, role, deploymentRoles } = given;
  await tx.roleBinding
    .create({ data: { userId, workspaceId, role, namedAddress }, select: { id: true } })
    .catch(
      conflictOn(
        "email",
        "the user is already in the Workspace; change the role with workspaceUpsertUserRole",
        existing("RoleBinding", { userId, workspaceId }),
      ),
    );
  for (const [n, { deploymentId, role: deploymentRole }] of deploymentRoles.entries()) {
    await tx.roleBinding
      .create({ data: { userId, deploymentId, role: deploymentRole, namedAddress }, select: { id: true } })
      .catch(
        conflictOn(
          `deploymentRoles.${n}.deploymentId`,
          "the user already has a role in the Deployment; change it with deploymentUpdateUserRole",
          existing("RoleBinding", { userId, deploymentId }),
        ),
      );
  }
}
