import fc from "fast-check";
import type { Binding, Graph } from "./graph.ts";

/**
 * Calls that grant a role, with variables for the user (`email`, `user`) or somebody new (`guest`), the `role`, a team `t`, a Workspace `w` and a
 * Deployment `d` of it.
 */
const all = {
  workspaceAddUser: `workspaceAddUser(email: $email, workspaceUuid: $w, role: $role) { id }`,
  "workspaceAddUser, with Deployments": `workspaceAddUser(email: $email, workspaceUuid: $w, role: WORKSPACE_VIEWER,
    deploymentRoles: [{ deploymentId: $d, role: $role }]) { id }`,
  "workspaceAddUser, by invitation": `workspaceAddUser(email: $guest, workspaceUuid: $w, role: $role) { id }`,
  "workspaceAddUser, by invitation with Deployments": `workspaceAddUser(email: $guest, workspaceUuid: $w,
    role: WORKSPACE_VIEWER, deploymentRoles: [{ deploymentId: $d, role: $role }]) { id }`,
  workspaceUpsertUserRole: `workspaceUpsertUserRole(email: $email, workspaceUuid: $w, role: $role)`,
  workspaceUpdateUserRole: `workspaceUpdateUserRole(email: $email, workspaceUuid: $w, role: $role)`,
  deploymentAddUserRole: `deploymentAddUserRole(email: $email, deploymentId: $d, role: $role) { id }`,
  deploymentUpdateUserRole: `deploymentUpdateUserRole(email: $email, deploymentId: $d, role: $role) { id }`,
  createSystemRoleBinding: `createSystemRoleBinding(userId: $user, role: $role) { id }`,
  createSystemServiceAccount: `createSystemServiceAccount(label: $label, role: $role) { id }`,
  createWorkspaceServiceAccount: `createWorkspaceServiceAccount(label: $label, workspaceUuid: $w, role: $role) { id }`,
  createDeploymentServiceAccount: `createDeploymentServiceAccount(label: $label, deploymentUuid: $d, role: $role) { id }`,
  createServiceAccount: `createServiceAccount(label: $label, entityType: WORKSPACE, entityUuid: $w, role: $role) { id }`,
  workspaceAddTeam: `workspaceAddTeam(workspaceUuid: $w, teamUuid: $t, role: $role) { id }`,
  "workspaceAddTeam, with Deployments": `workspaceAddTeam(workspaceUuid: $w, teamUuid: $t, role: WORKSPACE_VIEWER,
    deploymentRoles: [{ deploymentId: $d, role: $role }]) { id }`,
  workspaceUpdateTeamRole: `workspaceUpdateTeamRole(workspaceUuid: $w, teamUuid: $t, role: $role)`,
  deploymentAddTeamRole: `deploymentAddTeamRole(deploymentUuid: $d, teamUuid: $t, role: $role) { id }`,
  deploymentUpdateTeamRole: `deploymentUpdateTeamRole(deploymentUuid: $d, teamUuid: $t, role: $role) { id }`,
  createTeamSystemRoleBinding: `createTeamSystemRoleBinding(teamUuid: $t, role: $role) { id }`,
  // A member of a team holds its roles.
  updateTeam: `updateTeam(id: $team, addUserIds: [$user]) { team { id } }`,
  groupAddUser: `groupAddUser(groupUuid: $t, userUuid: $userUuid) { uuid }`,
  deploymentUserBulkImport: `deploymentUserBulkImport(deploymentId: $d, bypassInvite: true,
    users: [{ email: $email, deploymentRole: $role }]) { error }`,
  "deploymentUserBulkImport, by invitation": `deploymentUserBulkImport(deploymentId: $d, bypassInvite: false,
    users: [{ email: $guest, deploymentRole: $role }]) { error }`,
  "deploymentUserBulkImport, into the Workspace": `deploymentUserBulkImport(deploymentId: $d, bypassInvite: true,
    users: [{ email: $email, workspaceRole: $role }]) { error }`,
} as const;

type Way = keyof typeof all;

const ways = Object.keys(all) as Way[];

/** One grant: the call, indexes of the caller, the user and the scope, and the role. */
export interface Grant {
  way: Way;
  by: number;
  to: number;
  at: number;
  level: "fitting" | "SYSTEM" | "WORKSPACE" | "DEPLOYMENT";
  rank: "ADMIN" | "EDITOR" | "VIEWER";
}

const index = fc.nat({ max: 11 });

export const anyGrant: fc.Arbitrary<Grant> = fc.record({
  way: fc.constantFrom(...ways),
  by: index,
  to: index,
  at: index,
  level: fc.oneof(
    { weight: 6, arbitrary: fc.constant("fitting" as const) },
    { weight: 1, arbitrary: fc.constantFrom("SYSTEM" as const, "WORKSPACE" as const, "DEPLOYMENT" as const) },
  ),
  rank: fc.constantFrom("ADMIN" as const, "EDITOR" as const, "VIEWER" as const),
});

const types: Record<string, string> = {
  email: "String!",
  guest: "String!",
  w: "Uuid!",
  d: "Uuid!",
  t: "Uuid!",
  team: "ID!",
  userUuid: "Uuid!",
  user: "ID!",
  role: "Role!",
  label: "String!",
};

/** An address that nobody has. */
export const guestOf = (label: string) => `${label.replaceAll(" ", "-")}@guests.example.com`;

/** The holder of a role: a user, a service account, or the first member of a team. */
function holderOf({ users, accounts, teams }: Graph, binding: Binding | undefined) {
  if (!binding) return undefined;
  const member = teams.find(({ id }) => id === binding.teamId)?.members[0];
  const id = binding.userId ?? member;
  return users.find((user) => user.id === id) ?? accounts.find((account) => account.id === binding.serviceAccountId);
}

/** The caller, the document and its variables. Undefined if the graph lacks a row that the call needs. */
export function requestOf(graph: Graph, { way, by, to, at, level, rank }: Grant, label: string) {
  // The caller holds some role in the scope of the call, because most other callers are denied anyway.
  const binding = graph.bindings[by % graph.bindings.length];
  const caller = holderOf(graph, binding) ?? graph.users[by % graph.users.length];
  const target = graph.users[to % graph.users.length];
  const call = all[way];
  const team = graph.teams[to % graph.teams.length];
  const deployment =
    graph.deployments.find(
      ({ id, workspaceId }) => id === binding?.deploymentId || workspaceId === binding?.workspaceId,
    ) ?? graph.deployments[at % graph.deployments.length];
  const workspace = call.includes("$d")
    ? deployment?.workspaceId
    : (binding?.workspaceId ?? graph.workspaces[at % graph.workspaces.length]?.id);
  if (!caller || !target || !workspace || (/\$t\b|\$team\b/.test(call) && !team)) return undefined;
  const inWorkspace = call.includes("workspaceRole: $role") || (call.includes("$w") && !call.includes("$d"));
  const fitting = inWorkspace ? "WORKSPACE" : call.includes("$d") ? "DEPLOYMENT" : "SYSTEM";
  const values: Record<string, unknown> = {
    email: target.email,
    guest: guestOf(label),
    user: target.id,
    w: workspace,
    d: deployment?.id,
    t: team?.id,
    team: team?.id,
    userUuid: target.id,
    role: `${level === "fitting" ? fitting : level}_${rank}`,
    label,
  };
  const used = Object.keys(types).filter((name) => new RegExp(`\\$${name}\\b`).test(call));
  const type = (name: string) =>
    // The scalar types of IDs cannot be mixed.
    name === "d" && /UserRole\(|deploymentRoles/.test(call) ? "Id!" : types[name];
  return {
    caller,
    document: `mutation (${used.map((name) => `$${name}: ${type(name)}`).join(", ")}) { ${call} }`,
    variables: Object.fromEntries(used.map((name) => [name, values[name]])),
  };
}
