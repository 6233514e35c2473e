import type { Right } from "../read/rights.ts";

/**
 * Who may know that a person is in a team, as rights on a row of TeamMember: system roles, the team's own members, and those
 * who may see the members of teams in a Workspace where this one has a role.
 */
export const membership: readonly Right[] = [
  { permission: "system.teams.get" },
  {
    through: {
      table: "RoleBinding",
      theirs: "teamId",
      ours: "teamId",
      rights: [{ permission: "workspace.teams.getAll", workspace: "workspaceId" }],
    },
  },
  { through: { table: "TeamMember", theirs: "teamId", ours: "teamId", rights: [{ caller: "userId" }] } },
];
