import { z } from "zod";
import { parse } from "../errors.ts";
import { IdOf, optional } from "../input.ts";
import { reading } from "../read/reading.ts";
import type { Some } from "../read/where.ts";
import { teamNotFound } from "./lockTeam.ts";

const One = z.object({ teamUuid: IdOf, workspaceUuid: optional(z.string("needs an id")) });
const InWorkspace = z.object({ workspaceUuid: IdOf });
const InDeployment = z.object({ deploymentUuid: IdOf });

/** The condition that a team has a role in a Workspace, or in a Deployment. */
export const hasRole = (where: { workspaceId: string } | { deploymentId: string }): Some => ({
  table: "RoleBinding",
  theirs: "teamId",
  ours: "id",
  where,
});

/** One team by id, with a role in the Workspace if one is named. Throws NOT_FOUND when there is none. */
export const team = reading({
  entity: "Team",
  many: false,
  ask(args) {
    const { teamUuid: id, workspaceUuid: workspaceId } = parse(One, args);
    return { where: { id, there: workspaceId === undefined ? undefined : hasRole({ workspaceId }) } };
  },
  missing: () => teamNotFound("teamUuid"),
});

/** The teams with a role in the Workspace itself. */
export const workspaceTeams = reading({
  entity: "Team",
  many: true,
  ask: (args) => ({ where: { there: hasRole({ workspaceId: parse(InWorkspace, args).workspaceUuid }) } }),
});

/** The teams with a role in the Deployment itself. */
export const deploymentTeams = reading({
  entity: "Team",
  many: true,
  ask: (args) => ({ where: { there: hasRole({ deploymentId: parse(InDeployment, args).deploymentUuid }) } }),
});
