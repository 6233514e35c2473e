import fc from "fast-check";
import { newApiKey } from "../../src/access/apiKey.ts";
import type { PrismaClient, Role } from "../../src/generated/prisma/client.ts";
import { newId } from "../../src/platform/secrets/newId.ts";
import { hashOf } from "../../src/platform/secrets/tokens.ts";

/** A random platform as numbers, which are indexes into its own lists. */
export interface Shape {
  workspaces: number;
  /** The Workspace of each Deployment. */
  deployments: number[];
  users: number;
  /** The members of each team. */
  teams: number[][];
  /** The scope of each service account, and the rank of its role. */
  accounts: { level: Level; at: number; rank: Rank }[];
  /** Roles of users and teams. `vouched`: a Workspace shows the members of the team to its Admins. */
  bindings: { team: boolean; subject: number; level: Level; at: number; rank: Rank; vouched: boolean }[];
}

export type Level = "SYSTEM" | "WORKSPACE" | "DEPLOYMENT";
type Rank = "ADMIN" | "EDITOR" | "VIEWER";

const rank = fc.constantFrom<Rank>("ADMIN", "EDITOR", "VIEWER");
// System roles see everything, so there are few of them.
const level = fc.oneof(
  { weight: 1, arbitrary: fc.constant<Level>("SYSTEM") },
  { weight: 8, arbitrary: fc.constantFrom<Level>("WORKSPACE", "DEPLOYMENT") },
);
const index = fc.nat({ max: 11 });

export const anyShape: fc.Arbitrary<Shape> = fc.record({
  workspaces: fc.integer({ min: 1, max: 3 }),
  deployments: fc.array(index, { maxLength: 4 }),
  users: fc.integer({ min: 2, max: 4 }),
  teams: fc.array(fc.array(index, { maxLength: 3 }), { maxLength: 2 }),
  accounts: fc.array(fc.record({ level, at: index, rank }), { maxLength: 2 }),
  bindings: fc.array(fc.record({ team: fc.boolean(), subject: index, level, at: index, rank, vouched: fc.boolean() }), {
    maxLength: 8,
  }),
});

export interface Where {
  workspaceId: string | null;
  deploymentId: string | null;
}
export interface Binding extends Where {
  id: string;
  role: Role;
  userId: string | null;
  teamId: string | null;
  serviceAccountId: string | null;
  vouchedBy: string | null;
}

/** The rows of a shape. */
export interface Graph {
  workspaces: { id: string }[];
  deployments: { id: string; workspaceId: string; releaseName: string }[];
  users: { id: string; email: string }[];
  teams: { id: string; members: string[] }[];
  accounts: (Where & { id: string; token: string })[];
  bindings: Binding[];
  /** One for each Workspace, and one for the platform. */
  invites: { id: string; workspaceId: string | null }[];
}

const pick = <T>(list: readonly T[], at: number): T | undefined => list[at % list.length];

/** The graph with the teams and roles that are stored now, including those of service accounts with this label. */
export async function storedGraph(db: PrismaClient, graph: Graph, label: string): Promise<Graph> {
  const { users, teams, accounts, workspaces, deployments } = graph;
  const ids = (rows: readonly { id: string }[]) => ({ in: rows.map(({ id }) => id) });
  const bindings = await db.roleBinding.findMany({
    where: {
      OR: [
        { userId: ids(users) },
        { teamId: ids(teams) },
        { workspaceId: ids(workspaces) },
        { deploymentId: ids(deployments) },
        { serviceAccountId: ids(accounts) },
        { serviceAccount: { label } },
      ],
    },
  });
  const members = await db.teamMember.findMany({ where: { teamId: ids(teams) } });
  const membersOf = (team: string) => members.filter(({ teamId }) => teamId === team).map(({ userId }) => userId);
  return { ...graph, bindings, teams: teams.map(({ id }) => ({ id, members: membersOf(id) })) };
}

/** The rows of a shape, with new IDs. A role in a Deployment moves to a Workspace if there are no Deployments. */
export function graphOf(shape: Shape): Graph {
  const workspaces = Array.from({ length: shape.workspaces }, () => ({ id: newId() }));
  const deployments = shape.deployments.map((at) => {
    const id = newId();
    return { id, workspaceId: pick(workspaces, at)?.id ?? "", releaseName: `r-${id}` };
  });
  const users = Array.from({ length: shape.users }, () => ({ id: newId(), email: `${newId()}@example.com` }));
  const teams = shape.teams.map((members) => ({
    id: newId(),
    members: [...new Set(members.map((at) => pick(users, at)?.id ?? ""))],
  }));
  const scopeOf = (wanted: Level, at: number): Where & { level: Level } => {
    const level = wanted === "DEPLOYMENT" && deployments.length === 0 ? "WORKSPACE" : wanted;
    const id = pick(level === "DEPLOYMENT" ? deployments : workspaces, at)?.id ?? null;
    return {
      level,
      workspaceId: level === "WORKSPACE" ? id : null,
      deploymentId: level === "DEPLOYMENT" ? id : null,
    };
  };
  const nobody = { userId: null, teamId: null, serviceAccountId: null, vouchedBy: null };
  const bindings: Binding[] = [];
  const accounts = shape.accounts.map(({ level: wanted, at, rank }) => {
    const { level, ...where } = scopeOf(wanted, at);
    const account = { id: newId(), token: newApiKey(), ...where };
    bindings.push({ id: newId(), role: `${level}_${rank}`, ...where, ...nobody, serviceAccountId: account.id });
    return account;
  });
  const taken = new Set<string>();
  for (const { team, subject, level: wanted, at, rank, vouched } of shape.bindings) {
    const { level, ...where } = scopeOf(wanted, at);
    const inTeam = team && teams.length > 0;
    const id = (inTeam ? pick(teams, subject) : pick(users, subject))?.id ?? null;
    const key = `${id} ${where.workspaceId} ${where.deploymentId}`;
    // One role for each subject and scope.
    if (taken.has(key)) continue;
    taken.add(key);
    const who = inTeam ? { teamId: id, vouchedBy: vouched ? "user:nobody" : null } : { userId: id };
    bindings.push({ id: newId(), role: `${level}_${rank}`, ...where, ...nobody, ...who });
  }
  const invites = [null, ...workspaces.map(({ id }) => id)].map((workspaceId) => ({ id: newId(), workspaceId }));
  return { workspaces, deployments, users, teams, accounts, bindings, invites };
}

/** Writes all graphs into the database with a few statements. */
export async function insertGraphs(db: PrismaClient, graphs: readonly Graph[]): Promise<void> {
  const all = <K extends keyof Graph>(key: K) => graphs.flatMap((graph) => graph[key] as Graph[K][number][]);
  await db.workspace.createMany({ data: all("workspaces").map(({ id }) => ({ id, label: id })) });
  const entry = { action: "graph", actor: "job:graph", entityType: "Workspace" };
  await db.auditEntry.createMany({
    data: all("workspaces").map(({ id }) => ({ ...entry, id, entityId: id, workspaceId: id })),
  });
  await db.releaseName.createMany({ data: all("deployments").map(({ releaseName: name }) => ({ name })) });
  await db.deployment.createMany({
    data: all("deployments").map(({ id, workspaceId, releaseName }) => ({
      id,
      workspaceId,
      releaseName,
      label: id,
      namespace: releaseName,
      version: "0.0.0",
      executor: "CeleryExecutor" as const,
      config: {},
      dagDeployment: {},
    })),
  });
  const deploy = { image: "x:1", tag: "1" };
  await db.deployRevision.createMany({
    data: all("deployments").map(({ id }) => ({ id, deploymentId: id, ...deploy })),
  });
  await db.user.createMany({ data: all("users").map(({ id, email }) => ({ id, username: email, status: "active" })) });
  await db.email.createMany({
    data: all("users").map(({ id, email }) => ({ userId: id, address: email, verified: true, proven: true })),
  });
  await db.team.createMany({ data: all("teams").map(({ id }) => ({ id, name: id })) });
  await db.teamMember.createMany({
    data: all("teams").flatMap(({ id, members }) => members.map((userId) => ({ teamId: id, userId }))),
  });
  await db.serviceAccount.createMany({
    data: all("accounts").map(({ id, token, workspaceId, deploymentId }) => ({
      id,
      label: id,
      workspaceId,
      deploymentId,
      createdBy: "user:nobody",
      keyHash: hashOf(token),
      keyStart: token.slice(0, 6),
    })),
  });
  await db.roleBinding.createMany({ data: all("bindings") });
  await db.invite.createMany({
    data: all("invites").map(({ id, workspaceId }) => ({
      id,
      workspaceId,
      email: `${id}@example.com`,
      tokenHash: id,
      role: workspaceId === null ? null : ("WORKSPACE_VIEWER" as const),
      expiresAt: new Date(Date.now() + 3_600_000),
    })),
  });
  // Each Deployment has a variable with its ID as key.
  await db.environmentVariable.createMany({
    data: all("deployments").map(({ id }) => ({ deploymentId: id, key: id, value: "1" })),
  });
}

/** Deletes the rows of the graphs, and rows added to them since. */
export async function removeGraphs(db: PrismaClient, graphs: readonly Graph[]): Promise<void> {
  const ids = (key: "workspaces" | "users" | "teams" | "accounts" | "invites") => ({
    id: { in: graphs.flatMap((graph) => graph[key].map(({ id }) => id)) },
  });
  await db.invite.deleteMany({ where: ids("invites") });
  // A Workspace with Deployments cannot be deleted.
  await db.deployment.deleteMany({ where: { workspaceId: ids("workspaces").id } });
  await db.workspace.deleteMany({ where: ids("workspaces") });
  await db.user.deleteMany({ where: ids("users") });
  await db.team.deleteMany({ where: ids("teams") });
  await db.serviceAccount.deleteMany({ where: { OR: [ids("accounts"), { workspaceId: null, deploymentId: null }] } });
}
