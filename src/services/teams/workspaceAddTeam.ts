import { z } from "zod";
import { assertGrantable } from "../../access/assertGrantable.ts";
import type { Context } from "../../access/context.ts";
import { type Prisma, Role } from "../../generated/prisma/client.ts";
import { actorOf, recordAudit } from "../../platform/audit/recordAudit.ts";
import { conflictOn } from "../../platform/errors/conflictOn.ts";
import { parse } from "../../platform/errors/parse.ts";
import { IdOf } from "../../platform/input/input.ts";
import { existing } from "../../query/existing.ts";
import { seesMembers } from "../users/membership.ts";
import { assertDeploymentRoles, DeploymentRoles } from "../workspaces/deploymentRoles.ts";
import { lockTeam } from "./lockTeam.ts";

const Input = z.object({ workspaceUuid: IdOf, teamUuid: IdOf, role: z.enum(Role), deploymentRoles: DeploymentRoles });

type Given = z.output<typeof Input>;

/**
 * Grants a team a role in a Workspace, and optionally roles in its Deployments. The Workspace shows the team's members
 * only if the caller can see them; otherwise, anyone could see the members of any team by adding it to their own
 * Workspace. Throws NOT_FOUND for an unknown team, BAD_USER_INPUT for roles of another level and Deployments of other
 * Workspaces, FORBIDDEN for roles with permissions that the caller lacks, CONFLICT if the team already has a role.
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
      conflictOn(
        "teamUuid",
        "the team is already in the Workspace; change its role with workspaceUpdateTeamRole",
        existing("RoleBinding", { teamId, workspaceId }),
      ),
    );
  for (const [n, { deploymentId, role: deploymentRole }] of deploymentRoles.entries()) {
    const message = "the team already has a role in the Deployment; change it with deploymentUpdateTeamRole";
    await tx.roleBinding
      .create({ data: { teamId, deploymentId, role: deploymentRole }, select: { id: true } })
      .catch(
        conflictOn(`deploymentRoles.${n}.deploymentId`, message, existing("RoleBinding", { teamId, deploymentId })),
      );
  }
}
