import { z } from "zod";
import { assertGrantable } from "../../access/assertGrantable.ts";
import type { Context } from "../../access/context.ts";
import { Role } from "../../generated/prisma/client.ts";
import { recordAudit } from "../../platform/audit/recordAudit.ts";
import { parse } from "../../platform/errors/parse.ts";
import { IdOf } from "../../platform/input/input.ts";
import { assertTrusted } from "./assertTrusted.ts";
import { lockTeam } from "./lockTeam.ts";
import { lockUsers, memberIds } from "./members.ts";

const Input = z.object({ teamUuid: IdOf, role: z.enum(Role) });

/**
 * Grants a team a system role; returns the existing binding if it already holds it. Throws NOT_FOUND for an unknown team,
 * BAD_USER_INPUT for a role of another level and for a team with a member who may not hold a system role, FORBIDDEN for a
 * role with permissions that the caller lacks.
 */
export async function createTeamSystemRoleBinding(ctx: Context, input: unknown): Promise<{ id: string }> {
  const { teamUuid, role } = parse(Input, input);
  assertGrantable(ctx, role, "SYSTEM", {});
  return ctx.db.$transaction(async (tx) => {
    const { id: teamId } = await lockTeam(tx, { id: teamUuid });
    const members = await memberIds(tx, teamId);
    await lockUsers(tx, members);
    await assertTrusted(ctx, tx, members, "teamUuid");
    const where = { teamId, role, workspaceId: null, deploymentId: null };
    const held = await tx.roleBinding.findFirst({ where, select: { id: true } });
    if (held) return held;
    const binding = await tx.roleBinding.create({ data: { teamId, role }, select: { id: true } });
    await recordAudit(ctx, tx, {
      action: "createTeamSystemRoleBinding",
      entityType: "Team",
      entityId: teamId,
      detail: { role },
    });
    return binding;
  });
}
