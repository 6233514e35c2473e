import { z } from "zod";
import { assertGrantable } from "../../access/assertGrantable.ts";
import type { Context } from "../../access/context.ts";
import { type Prisma, Role } from "../../generated/prisma/client.ts";
import { recordAudit } from "../../platform/audit/recordAudit.ts";
import { parse } from "../../platform/errors/parse.ts";
import { IdOf } from "../../platform/input/input.ts";
import { type DeploymentScope, scopeOf } from "../deployments/members/deploymentUserRole.ts";
import { lockTeam } from "./lockTeam.ts";
import { roleOf, type TeamRole } from "./teamRoles.ts";

/** The arguments that identify a team and a Deployment. */
export const Named = z.object({ teamUuid: IdOf, deploymentUuid: IdOf });

/** The same, with a role. */
export const NamedRole = Named.extend({ role: z.enum(Role) });

/** The Deployment, and the team, which is locked. Throws NOT_FOUND if one of them is unknown. */
export async function lockNamed(
  tx: Prisma.TransactionClient,
  { teamUuid, deploymentUuid }: z.output<typeof Named>,
): Promise<{ scope: DeploymentScope; teamId: string }> {
  const scope = await scopeOf(tx, deploymentUuid, "deploymentUuid");
  const { id: teamId } = await lockTeam(tx, { id: teamUuid });
  return { scope, teamId };
}

/** The same, with the role to grant. Throws the errors of `assertGrantable`. */
export async function grantOf(ctx: Context, tx: Prisma.TransactionClient, input: unknown) {
  const given = parse(NamedRole, input);
  const { scope, teamId } = await lockNamed(tx, given);
  assertGrantable(ctx, given.role, "DEPLOYMENT", scope);
  return { role: given.role, scope, teamId };
}

/** The team's role in the Deployment. Throws NOT_FOUND if it has none there. */
export const teamRoleOf = (
  tx: Prisma.TransactionClient,
  teamId: string,
  { deploymentId }: DeploymentScope,
): Promise<TeamRole> => roleOf(tx, teamId, { deploymentId }, "in the Deployment");

/** Writes the audit entry of a change of a team's role in a Deployment. */
export const recordTeamRole = (
  ctx: Context,
  tx: Prisma.TransactionClient,
  action: string,
  { deploymentId, workspaceId }: DeploymentScope,
  detail: Prisma.InputJsonObject,
): Promise<void> =>
  recordAudit(ctx, tx, { action, entityType: "Deployment", entityId: deploymentId, workspaceId, detail });
