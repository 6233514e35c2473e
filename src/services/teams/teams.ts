import { z } from "zod";
import { parse } from "../../platform/errors/parse.ts";
import { IdOf, optional } from "../../platform/input/input.ts";
import { defineRead } from "../../query/defineRead.ts";
import type { Some } from "../../query/where.ts";
import { teamNotFound } from "./lockTeam.ts";

const One = z.object({ teamUuid: IdOf, workspaceUuid: optional(z.string("must be an ID")) });
const InWorkspace = z.object({ workspaceUuid: IdOf });
const InDeployment = z.object({ deploymentUuid: IdOf });

/** The condition that a team has a role in a Workspace, or in a Deployment. */
export const hasRole = (where: { workspaceId: string } | { deploymentId: string }): Some<"Team", "RoleBinding"> => ({
  table: "RoleBinding",
  theirs: "teamId",
  ours: "id",
  where,
});

/** One team by ID, which must have a role in the Workspace if one is given. Throws NOT_FOUND if there is none. */
export const team = defineRead({
  entity: "Team",
  many: false,
  toQuery(args) {
    const { teamUuid: id, workspaceUuid: workspaceId } = parse(One, args);
    return { where: { id, also: [workspaceId === undefined ? undefined : hasRole({ workspaceId })] } };
  },
  missing: () => teamNotFound("teamUuid"),
});

/** The teams with a role in the Workspace itself. */
export const workspaceTeams = defineRead({
  entity: "Team",
  many: true,
  toQuery: (args) => ({ where: { also: [hasRole({ workspaceId: parse(InWorkspace, args).workspaceUuid })] } }),
});

/** The teams with a role in the Deployment itself. */
export const deploymentTeams = defineRead({
  entity: "Team",
  many: true,
  toQuery: (args) => ({ where: { also: [hasRole({ deploymentId: parse(InDeployment, args).deploymentUuid })] } }),
});
