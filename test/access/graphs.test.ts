import { describe, expect, it } from "vitest";
import { createSchema } from "../../src/api/graphql/createSchema.ts";
import { nouns } from "../../src/services/nouns.ts";
import { testHouston } from "../support/houston.ts";
import type { Graph } from "./graph.ts";
import { bindingsOf, may, type Place } from "./graphRights.ts";
import { LIMIT, onGraphs } from "./onGraphs.ts";

const { as, build, db } = await testHouston({ limits: { tokens: 10_000, aliases: 1_000, repetitions: 1_000 } });

interface Sender {
  kind: "user" | "service account";
  id: string;
  token: string;
}

/** The callers of a graph: its first user, and a service account or, without one, a second user. */
async function callersOf({ users, accounts }: Graph): Promise<Sender[]> {
  const serviceAccounts = accounts
    .slice(0, 1)
    .map(({ id, token }) => ({ kind: "service account", id, token }) as const);
  const humans = users
    .slice(0, 2 - serviceAccounts.length)
    .map(async ({ id }) => ({ kind: "user", id, token: await build.tokenOf(id) }) as const);
  return [...(await Promise.all(humans)), ...serviceAccounts];
}

const keys = {
  workspace: ["workspace.config.get", "system.workspace.get"],
  workspaceDeployments: ["workspace.deployments.get", "system.deployments.get"],
  deployment: ["deployment.config.get", "workspace.deployments.get", "system.deployments.get"],
  workspaceUsers: ["workspace.users.get", "system.users.get"],
  deploymentUsers: ["deployment.users.get", "system.users.get"],
  workspaceAccounts: ["workspace.serviceAccounts.get", "system.serviceAccounts.get"],
  deploymentAccounts: ["deployment.serviceAccounts.get", "system.serviceAccounts.get"],
  workspaceTeams: ["workspace.teams.get", "system.teams.get"],
  deploymentTeams: ["deployment.teams.get", "system.teams.get"],
  workspaceInvites: ["workspace.invites.get", "system.invites.get"],
  auditLog: ["workspace.auditLog.get", "system.auditLog.get"],
  deployRevisions: ["deployment.deployRevisions.get", "system.deployRevisions.get"],
  deploymentVariables: ["deployment.variables.get", "system.deployment.variables.get"],
};

/** A root field with the ids it should return at any depth; undefined when it should be denied. */
interface Question {
  call: string;
  /** The selection; defaults to the id. */
  select?: string;
  expected: string[] | undefined;
}

/** Lists and single getters for every row of the graph, with the results that the public role file implies. */
function questionsFor(graph: Graph, all: readonly Graph[], { kind, id: caller }: Sender): Question[] {
  const held = bindingsOf(graph, caller);
  const allowed = (wanted: readonly string[], place: Place) => may(kind, held, wanted, place);
  const when = (yes: boolean, ids: readonly string[]) => (yes ? [...ids].sort() : undefined);
  const ids = (rows: readonly { id: string }[]) => rows.map(({ id }) => id);
  const placeOf = ({ id, workspaceId }: Graph["deployments"][number]) => ({ workspaceId, deploymentId: id });
  const sees = {
    workspace: ({ id }: { id: string }) => allowed(keys.workspace, { workspaceId: id }),
    deployment: (one: Graph["deployments"][number]) =>
      allowed(keys.deployment, placeOf(one)) || allowed(keys.workspaceDeployments, { workspaceId: one.workspaceId }),
  };
  const everyone = allowed(["system.teams.get"], {});
  const seesMembers = ({ id, members }: Graph["teams"][number]) =>
    everyone ||
    members.includes(caller) ||
    graph.bindings.some(
      ({ teamId, workspaceId, vouchedBy }) =>
        teamId === id &&
        workspaceId !== null &&
        vouchedBy !== null &&
        allowed(["workspace.teams.getAll"], { workspaceId }),
    );
  const teamsIn = (at: "workspaceId" | "deploymentId", place: string) =>
    graph.teams.filter(({ id }) => graph.bindings.some((binding) => binding[at] === place && binding.teamId === id));
  const shownMembers = (teams: Graph["teams"]) => teams.filter(seesMembers).flatMap(({ members }) => members);
  const directUsers = (at: "workspaceId" | "deploymentId", id: string) =>
    graph.bindings.flatMap((binding) => (binding[at] === id && binding.userId ? [binding.userId] : []));
  const inWorkspaces = graph.workspaces.flatMap(({ id }): Question[] => {
    const here = { workspaceId: id };
    const deployments = graph.deployments.filter(({ workspaceId }) => workspaceId === id);
    const accounts = graph.accounts.filter(({ workspaceId }) => workspaceId === id);
    const humans = directUsers("workspaceId", id);
    const w = `workspaceUuid: "${id}"`;
    const seesAccounts = allowed(keys.workspaceAccounts, here);
    const seesTeams = allowed(keys.workspaceTeams, here);
    const teams = teamsIn("workspaceId", id);
    return [
      { call: `workspace(${w})`, expected: when(allowed(keys.workspace, here), [id]) },
      {
        call: `workspaceDeployments(${w})`,
        expected: when(allowed(keys.workspaceDeployments, here), ids(deployments)),
      },
      ...deployments.map((one) => ({
        call: `workspaceDeployment(${w}, releaseName: "${one.releaseName}")`,
        expected: when(allowed(keys.workspaceDeployments, here), [one.id]),
      })),
      { call: `workspaceUsers(${w})`, expected: when(allowed(keys.workspaceUsers, here), humans) },
      { call: `paginatedWorkspaceUsers(${w})`, expected: when(allowed(keys.workspaceUsers, here), humans) },
      { call: `workspaceTeams(${w})`, expected: when(seesTeams, ids(teams)) },
      {
        call: `workspaceTeams(${w})`,
        select: "{ users { id } }",
        expected: when(seesTeams, shownMembers(teams)),
      },
      { call: `paginatedTeams(${w})`, select: "{ teams { id } }", expected: when(seesTeams, ids(teams)) },
      ...teams.map((one) => ({
        call: `team(teamUuid: "${one.id}", ${w})`,
        expected: when(seesTeams, [one.id]),
      })),
      { call: `workspaceServiceAccounts(${w})`, expected: when(seesAccounts, ids(accounts)) },
      {
        call: `serviceAccounts(entityType: WORKSPACE, entityUuid: "${id}")`,
        expected: when(seesAccounts, ids(accounts)),
      },
      {
        call: `workspaceInvites(${w})`,
        expected: when(
          allowed(keys.workspaceInvites, here),
          ids(graph.invites.filter(({ workspaceId }) => workspaceId === id)),
        ),
      },
      { call: `auditLog(${w}, action: "graph")`, expected: when(allowed(keys.auditLog, here), [id]) },
      { call: `auditLog(entityId: "${id}")`, expected: when(allowed(["system.auditLog.get"], {}), [id]) },
      ...accounts.map((one) => ({
        call: `workspaceServiceAccount(${w}, serviceAccountUuid: "${one.id}")`,
        expected: when(seesAccounts, [one.id]),
      })),
      ...humans.map((one) => ({
        call: `workspaceUser(${w}, user: { userId: "${one}" })`,
        expected: when(allowed(keys.workspaceUsers, here), [one]),
      })),
    ];
  });
  const inDeployments = graph.deployments.flatMap((one): Question[] => {
    const here = placeOf(one);
    const accounts = graph.accounts.filter(({ deploymentId }) => deploymentId === one.id);
    const d = `deploymentUuid: "${one.id}"`;
    return [
      {
        call: `deploymentUsers(deploymentId: "${one.id}")`,
        expected: when(allowed(keys.deploymentUsers, here), directUsers("deploymentId", one.id)),
      },
      {
        call: `deploymentTeams(${d})`,
        expected: when(allowed(keys.deploymentTeams, here), ids(teamsIn("deploymentId", one.id))),
      },
      { call: `deployment(where: { id: "${one.id}" })`, expected: when(allowed(keys.deployment, here), [one.id]) },
      {
        call: `deploymentServiceAccounts(${d})`,
        expected: when(allowed(keys.deploymentAccounts, here), ids(accounts)),
      },
      {
        call: `serviceAccounts(entityType: DEPLOYMENT, entityUuid: "${one.id}")`,
        expected: when(allowed(keys.deploymentAccounts, here), ids(accounts)),
      },
      {
        call: `deploymentVariables(${d}, releaseName: "${one.releaseName}")`,
        select: "{ id: key }",
        expected: when(allowed(keys.deploymentVariables, here), [one.id]),
      },
      {
        call: `paginatedDeployRevisions(${d})`,
        expected: when(allowed(keys.deployRevisions, here), [one.id]),
      },
      ...accounts.map((account) => ({
        call: `deploymentServiceAccount(${d}, serviceAccountUuid: "${account.id}")`,
        expected: when(allowed(keys.deploymentAccounts, here), [account.id]),
      })),
    ];
  });
  const everything = <K extends "workspaces" | "deployments" | "users" | "teams" | "invites" | "accounts">(key: K) =>
    ids(all.flatMap((one): readonly { id: string }[] => one[key]));
  const [everywhere, allUsers] = [allowed(["system.workspace.get"], {}), allowed(["system.users.get"], {})];
  return [
    { call: "sysWorkspaces", expected: when(everywhere, everything("workspaces")) },
    { call: "paginatedWorkspaces", expected: when(everywhere, everything("workspaces")) },
    {
      call: "paginatedDeployments(take: -1)",
      expected: when(allowed(["system.deployments.get"], {}), everything("deployments")),
    },
    {
      call: "paginatedDeployRevisions(take: -1)",
      expected: when(allowed(["system.deployRevisions.get"], {}), everything("deployments")),
    },
    { call: "invites", expected: when(allowed(["system.invites.get"], {}), everything("invites")) },
    {
      call: "serviceAccounts(entityType: SYSTEM)",
      expected: when(
        allowed(["system.serviceAccounts.get"], {}),
        ids(all.flatMap(({ accounts }) => accounts.filter((one) => !one.workspaceId && !one.deploymentId))),
      ),
    },
    {
      call: "serviceAccountKeys(take: 1000)",
      expected: when(allowed(["system.serviceAccountKeys.get"], {}), everything("accounts")),
    },
    { call: "users", expected: when(allUsers, everything("users")) },
    { call: "groups", select: "{ id: uuid }", expected: when(everyone, everything("teams")) },
    { call: "paginatedTeams", select: "{ teams { id } }", expected: when(everyone, everything("teams")) },
    ...graph.users.flatMap(({ id, email }): Question[] => [
      { call: `users(userUuid: "${id}")`, expected: when(allUsers, [id]) },
      {
        call: `email(where: { address: "${email}" })`,
        select: "{ id: address }",
        expected: when(allUsers || id === caller, [email]),
      },
    ]),
    ...graph.teams.flatMap((one): Question[] => [
      { call: `team(teamUuid: "${one.id}")`, expected: when(everyone, [one.id]) },
      { call: `teamUsers(teamUuid: "${one.id}")`, expected: when(seesMembers(one), one.members) },
    ]),
    { call: "workspaces", expected: ids(all.flatMap(({ workspaces }) => workspaces.filter(sees.workspace))).sort() },
    {
      call: "deployments",
      expected: ids(all.flatMap(({ deployments }) => deployments.filter(sees.deployment))).sort(),
    },
    ...inWorkspaces,
    ...inDeployments,
  ];
}

/** Every `id` in a response, at any depth. */
const idsIn = (answer: unknown): string[] =>
  typeof answer === "object" && answer !== null
    ? Object.entries(answer).flatMap(([key, value]) => (key === "id" ? [value as string] : idsIn(value)))
    : [];

/** Lists without rows of a graph, and what they return instead. */
const listsWithoutRows: Record<string, string> = {
  adoptedAirflowUsers: "what a live cluster tells",
  adoptionCandidates: "what a live cluster tells",
  airflowReleases: "a file",
  availableNamespaces: "names that nobody has",
  logs: "lines of another store",
  paginatedClusters: "everyone signed in may choose one; the single getter tells how it fares",
  runtimeReleases: "a file",
  scimTokens: "keys of the platform, which belong to no row of these",
  provisions: "what is on clusters, for system roles only",
};

/** The root fields that were requested. */
const queriedFields = new Set<string>();

/** Sends all questions in one request and returns a line for each unexpected result. */
async function unexpectedResults(someone: Sender, questions: readonly Question[]): Promise<string[]> {
  for (const { call } of questions) queriedFields.add(call.split("(")[0] ?? call);
  const document = `{ ${questions.map(({ call, select = "{ id }" }, n) => `q${n}: ${call} ${select}`).join(" ")} }`;
  const { data, errors = [] } = await as(someone).send(document);
  return questions.flatMap(({ call, expected }, n) => {
    const error = errors.find(({ path }) => path?.[0] === `q${n}`);
    const answer = idsIn(data?.[`q${n}`]);
    const got = error ? (error.extensions.code === "FORBIDDEN" ? undefined : [error.message]) : answer.sort();
    return JSON.stringify(got) === JSON.stringify(expected)
      ? []
      : [`${someone.kind} ${someone.id} asks ${call}: ${JSON.stringify(got)} instead of ${JSON.stringify(expected)}`];
  });
}

/** Sends the questions of every caller of every graph. */
const checkAll = async (graphs: Graph[], callers: Map<Graph, Sender[]>) =>
  (
    await Promise.all(
      graphs.flatMap((graph) =>
        (callers.get(graph) ?? []).map((one) => unexpectedResults(one, questionsFor(graph, graphs, one))),
      ),
    )
  ).flat();

describe("1,000 random platforms", () => {
  it(
    "M5: list exactly the rows whose single getter is allowed, also right after a role is removed",
    async () => {
      let removed = 0;
      await onGraphs(db, async (graphs) => {
        const callers = new Map(
          await Promise.all(graphs.map(async (graph) => [graph, await callersOf(graph)] as const)),
        );
        expect(await checkAll(graphs, callers)).toEqual([]);
        // Remove a role that the first user of each graph holds, alone or through a team, or take them out of a team.
        for (const graph of graphs) {
          const [first] = callers.get(graph) ?? [];
          const [gone] = bindingsOf(graph, first?.id ?? "");
          const team = graph.teams.find(({ members }) => members.includes(first?.id ?? ""));
          if (gone && !(team && removed % 2 === 0)) {
            graph.bindings = graph.bindings.filter((binding) => binding !== gone);
            await db.roleBinding.delete({ where: { id: gone.id } });
          } else if (team && first) {
            team.members = team.members.filter((id) => id !== first.id);
            await db.teamMember.delete({ where: { teamId_userId: { teamId: team.id, userId: first.id } } });
          }
          if (gone || team) removed++;
          callers.set(graph, first ? [first] : []);
        }
        expect(await checkAll(graphs, callers)).toEqual([]);
      });
      expect(removed).toBeGreaterThan(500);
      const roots = Object.values(createSchema(nouns).getQueryType()?.getFields() ?? {});
      const lists = roots.filter(({ type }) => /^\[|^Paginated/.test(type.toString())).map(({ name }) => name);
      expect(
        lists.filter((name) => !queriedFields.has(name)).sort(),
        "Each list needs a call in questionsFor, or a reason in rowless",
      ).toEqual(Object.keys(listsWithoutRows).sort());
    },
    LIMIT,
  );
});
