import { z } from "zod";
import { assertGrantable } from "../../access/assertGrantable.ts";
import type { Context } from "../../access/context.ts";
import { type Prisma, Role } from "../../generated/prisma/client.ts";
import { actorOf, recordAudit } from "../../platform/audit/recordAudit.ts";
import { conflictOn } from "../../platform/errors/conflictOn.ts";
import { parse } from "../../platform/errors/parse.ts";
import { IdOf } from "../../platform/input/input.ts";
import { seesMembers } from "../users/membership.ts";
import { assertDeploymentRoles, DeploymentRoles } from "../workspaces/deploymentRoles.ts";
import { lockTeam } from "./lockTeam.ts";

const Input = z.object({ workspaceUuid: IdOf, teamUuid: IdOf, role: z.enum(Role), deploymentRoles: DeploymentRoles });

type Given = z.output<typeof Input>;

/**
 * Gives a team a role in a Workspace, with roles in its Deployments if wanted. The Workspace shows its members only if the
 * caller sees them, as a Workspace of one's own would show those of any team. Throws NOT_FOUND for an unknown team,
 * BAD_USER_INPUT for roles of another level and Deployments elsewhere, FORBIDDEN for roles that reach further than the
 * caller's own, CONFLICT where the team has a role already.
 */
export async function workspaceAddTeam(ctx: Context, input: unknown): Promise<void> {
  const given = parse(Input, input);
  const { workspaceUuid: workspaceId, teamUuid, role, deploymentRoles } = given;
  assertGrantable(ctx, role, "WORKSPACE", { workspaceId });
  await ctx.db.$transaction(async (tx) => {
    const { id: teamId } = await lockTeam(tx, { id: teamUuid });
    await assertDeploymentRoles(ctx, tx, workspaceId, deploymentRoles);
    const vouchedBy = (await seesMembers(ctx, tx, teamId)) ? actorOf(ctx) : null;
    await bind(tx, given, vouchedBy);
    await recordAudit(ctx, tx, {
      action: "workspaceAddTeam",
      entityType: "Workspace",
      entityId: workspaceId,
      workspaceId,
      detail: { teamId, role, deploymentRoles },
    });
  });
}

async function bind(tx: Prisma.TransactionClient, given: Given, vouchedBy: string | null): Promise<void> {
  const { workspaceUuid: workspaceId, teamUuid: teamId, role, deploymentRoles } = given;
  await tx.roleBinding
    .create({ data: { teamId, workspaceId, role, vouchedBy }, select: { id: true } })
    .catch(
      conflictOn("teamUuid", "this team is in the Workspace already; change the role with workspaceUpdateTeamRole"),
    );
  for (const [n, { deploymentId, role: there }] of deploymentRoles.entries()) {
    const message = "this team has a role there already; change it with deploymentUpdateTeamRole";
    await tx.roleBinding
      .create({ data: { teamId, deploymentId, role: there }, select: { id: true } })
      .catch(conflictOn(`deploymentRoles.${n}.deploymentId`, message));
  }
}
