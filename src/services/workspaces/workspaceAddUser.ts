import { z } from "zod";
import { assertGrantable } from "../../access/assertGrantable.ts";
import type { Context } from "../../access/context.ts";
import { type Prisma, Role } from "../../generated/prisma/client.ts";
import { recordAudit } from "../../platform/audit/recordAudit.ts";
import { AppError } from "../../platform/errors/appError.ts";
import { conflictOn } from "../../platform/errors/conflictOn.ts";
import { parse } from "../../platform/errors/parse.ts";
import { EmailAddress, IdOf } from "../../platform/input/input.ts";
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
 * Brings a person into a Workspace, with roles in its Deployments if wanted. A user, pending ones too, has the roles at
 * once; an unknown address gets an invitation by mail, or with `bypassInvite` becomes a verified user without any mail.
 * Throws BAD_USER_INPUT for roles of another level and Deployments elsewhere, FORBIDDEN for roles that reach further than
 * the caller's own, CONFLICT for somebody who has a role there already, FEATURE_DISABLED where users are not managed here.
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

/** Held until the end, so that nobody deletes it meanwhile. */
export async function lockWorkspace(tx: Prisma.TransactionClient, id: string): Promise<{ id: string; label: string }> {
  const [workspace] = await tx.$queryRaw<{ id: string; label: string }[]>`SELECT id, label FROM "Workspace"
    WHERE id = ${id} FOR KEY SHARE`;
  if (!workspace) throw new AppError("NOT_FOUND", "workspaceUuid: there is no such Workspace", "workspaceUuid");
  return workspace;
}

/** The user to bind, locked, whose invitation is not needed any more; undefined when there is none to be. */
async function userFor(tx: Prisma.TransactionClient, given: Given): Promise<string | undefined> {
  const { email, workspaceUuid: workspaceId, bypassInvite } = given;
  const known = await idBy(tx, email);
  if (known === undefined && !bypassInvite) return undefined;
  await tx.invite.deleteMany({ where: { email, workspaceId } });
  if (known === undefined) return (await createVerifiedUser(tx, email)).id;
  const user = await lockUser(tx, { id: known });
  if (!user) throw userNotFound("email");
  return user.id;
}

async function bind(tx: Prisma.TransactionClient, userId: string, given: Given): Promise<void> {
  const { workspaceUuid: workspaceId, role, deploymentRoles } = given;
  await tx.roleBinding
    .create({ data: { userId, workspaceId, role }, select: { id: true } })
    .catch(conflictOn("email", "this user is in the Workspace already; change the role with workspaceUpsertUserRole"));
  for (const [n, { deploymentId, role: there }] of deploymentRoles.entries()) {
    await tx.roleBinding
      .create({ data: { userId, deploymentId, role: there }, select: { id: true } })
      .catch(
        conflictOn(
          `deploymentRoles.${n}.deploymentId`,
          "this user has a role there already; change it with deploymentUpdateUserRole",
        ),
      );
  }
}
