import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { anyGrant, type Grant, requestOf } from "./grants.ts";
import { anyShape, type Graph, graphOf, insertGraphs, removeGraphs, storedGraph } from "./graph.ts";
import { bindingsOf, may, type Place, rightsOf } from "./graphRights.ts";

const { as, build, db } = await testHouston({ limits: { tokens: 10_000, aliases: 1_000 } });

/** Graphs that are put into the database together, and how often: 1,000 graphs. */
const [BATCH, RUNS] = [25, 40];
const LIMIT = 300_000;

interface Somebody {
  kind: "user" | "service account";
  id: string;
  token: string;
}

/** The callers of a graph: its first user, and a service account or else another user. */
async function callersOf({ users, accounts }: Graph): Promise<Somebody[]> {
  const machines = accounts.slice(0, 1).map(({ id, token }) => ({ kind: "service account", id, token }) as const);
  const people = users
    .slice(0, 2 - machines.length)
    .map(async ({ id }) => ({ kind: "user", id, token: await build.tokenOf(id) }) as const);
  return [...(await Promise.all(people)), ...machines];
}

const keys = {
  workspace: ["workspace.config.get", "system.workspace.get"],
  workspaceDeployments: ["workspace.deployments.get", "system.deployments.get"],
  deployment: ["deployment.config.get", "system.deployments.get"],
  workspaceUsers: ["workspace.users.get", "system.users.get"],
  deploymentUsers: ["deployment.users.get", "system.users.get"],
  workspaceAccounts: ["workspace.serviceAccounts.get", "system.serviceAccounts.get"],
  deploymentAccounts: ["deployment.serviceAccounts.get", "system.serviceAccounts.get"],
};

/** One question: a root field, the ids it should answer, and undefined where it should be refused. */
interface Question {
  call: string;
  expected: string[] | undefined;
}

/** Lists and single getters about every row of the graph, with the answers that the public role file gives. */
function questionsFor(graph: Graph, all: readonly Graph[], { kind, id: caller }: Somebody): Question[] {
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
  const directUsers = (at: "workspaceId" | "deploymentId", id: string) =>
    graph.bindings.flatMap((binding) => (binding[at] === id && binding.userId ? [binding.userId] : []));
  const inWorkspaces = graph.workspaces.flatMap(({ id }): Question[] => {
    const here = { workspaceId: id };
    const deployments = graph.deployments.filter(({ workspaceId }) => workspaceId === id);
    const accounts = graph.accounts.filter(({ workspaceId }) => workspaceId === id);
    const people = directUsers("workspaceId", id);
    const w = `workspaceUuid: "${id}"`;
    const seesAccounts = allowed(keys.workspaceAccounts, here);
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
      { call: `workspaceUsers(${w})`, expected: when(allowed(keys.workspaceUsers, here), people) },
      { call: `workspaceServiceAccounts(${w})`, expected: when(seesAccounts, ids(accounts)) },
      {
        call: `serviceAccounts(entityType: WORKSPACE, entityUuid: "${id}")`,
        expected: when(seesAccounts, ids(accounts)),
      },
      ...accounts.map((one) => ({
        call: `workspaceServiceAccount(${w}, serviceAccountUuid: "${one.id}")`,
        expected: when(seesAccounts, [one.id]),
      })),
      ...people.map((one) => ({
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
      { call: `deployment(where: { id: "${one.id}" })`, expected: when(allowed(keys.deployment, here), [one.id]) },
      {
        call: `deploymentServiceAccounts(${d})`,
        expected: when(allowed(keys.deploymentAccounts, here), ids(accounts)),
      },
      ...accounts.map((account) => ({
        call: `deploymentServiceAccount(${d}, serviceAccountUuid: "${account.id}")`,
        expected: when(allowed(keys.deploymentAccounts, here), [account.id]),
      })),
    ];
  });
  return [
    { call: "workspaces", expected: ids(all.flatMap(({ workspaces }) => workspaces.filter(sees.workspace))).sort() },
    {
      call: "deployments",
      expected: ids(all.flatMap(({ deployments }) => deployments.filter(sees.deployment))).sort(),
    },
    ...inWorkspaces,
    ...inDeployments,
  ];
}

/** Asks everything in one request, and gives what was answered otherwise than expected. */
async function wrongAnswers(someone: Somebody, questions: readonly Question[]): Promise<string[]> {
  const document = `{ ${questions.map(({ call }, n) => `q${n}: ${call} { id }`).join(" ")} }`;
  const { data, errors = [] } = await as(someone).send(document);
  return questions.flatMap(({ call, expected }, n) => {
    const error = errors.find(({ path }) => path?.[0] === `q${n}`);
    const answer = [data?.[`q${n}`] ?? []].flat().map(({ id }: { id: string }) => id);
    const got = error ? (error.extensions.code === "FORBIDDEN" ? undefined : [error.message]) : answer.sort();
    return JSON.stringify(got) === JSON.stringify(expected)
      ? []
      : [`${someone.kind} ${someone.id} asks ${call}: ${JSON.stringify(got)} instead of ${JSON.stringify(expected)}`];
  });
}

const batch = fc.array(fc.tuple(anyShape, fc.array(anyGrant, { minLength: 1, maxLength: 2 })), {
  minLength: BATCH,
  maxLength: BATCH,
});

/** Runs `check` on batches of random graphs that are in the database meanwhile. */
const onGraphs = (check: (graphs: Graph[], grants: readonly Grant[][]) => Promise<void>) =>
  fc.assert(
    fc.asyncProperty(batch, async (given) => {
      const graphs = given.map(([shape]) => graphOf(shape));
      await insertGraphs(db, graphs);
      try {
        await check(
          graphs,
          given.map(([, grants]) => grants),
        );
      } finally {
        await removeGraphs(db, graphs);
      }
    }),
    // A failure names callers and rows; a smaller batch would not say more.
    { numRuns: RUNS, endOnFailure: true },
  );

/** Every caller of every graph asks about all of its rows. */
const askAll = async (graphs: Graph[], callers: Map<Graph, Somebody[]>) =>
  (
    await Promise.all(
      graphs.flatMap((graph) =>
        (callers.get(graph) ?? []).map((one) => wrongAnswers(one, questionsFor(graph, graphs, one))),
      ),
    )
  ).flat();

describe("on 1,000 random platforms", () => {
  it(
    "lists hold exactly the rows whose single getter is allowed, and a removed role is gone at the next request",
    async () => {
      let removed = 0;
      await onGraphs(async (graphs) => {
        const callers = new Map(
          await Promise.all(graphs.map(async (graph) => [graph, await callersOf(graph)] as const)),
        );
        expect(await askAll(graphs, callers)).toEqual([]);
        // From each graph goes a role that its first user holds, alone or through a team, or they leave a team.
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
        expect(await askAll(graphs, callers)).toEqual([]);
      });
      expect(removed).toBeGreaterThan((BATCH * RUNS) / 2);
    },
    LIMIT,
  );

  it(
    "nobody ends with rights that whoever gave them lacked",
    async () => {
      let given = 0;
      await onGraphs(async (graphs, grants) => {
        const wrong = await Promise.all(
          graphs.map(async (graph, n) => {
            const lines: string[] = [];
            for (const grant of grants[n] ?? []) {
              const { line, done } = await tryGrant(graph, grant);
              lines.push(...line);
              if (done) given++;
            }
            return lines;
          }),
        );
        expect(wrong.flat()).toEqual([]);
      });
      // Refusing everything would be no proof.
      expect(given).toBeGreaterThan(RUNS);
    },
    LIMIT,
  );
});

let labels = 0;

/** Lets somebody give a role, and tells who gained a right that the giver did not hold, or gained any by a refused call. */
async function tryGrant(graph: Graph, grant: Grant): Promise<{ line: string[]; done: boolean }> {
  const label = `grant ${labels++}`;
  const request = requestOf(graph, grant, label);
  if (!request) return { line: [], done: false };
  const { caller, document, variables } = request;
  const kind = "token" in caller ? "service account" : "user";
  const token = "token" in caller ? caller.token : await build.tokenOf(caller.id);
  const before = await storedGraph(db, graph, label);
  const { errors } = await as({ token }).send(document, variables);
  const after = await storedGraph(db, graph, label);
  const held = errors ? new Set<string>() : rightsOf(graph, kind, bindingsOf(before, caller.id));
  const holders = [...before.bindings, ...after.bindings].flatMap((one) => one.userId ?? one.serviceAccountId ?? []);
  const subjects = new Set([...graph.users.map(({ id }) => id), ...holders]);
  const line = [...subjects].flatMap((id) => {
    const whose = graph.users.some((user) => user.id === id) ? "user" : "service account";
    const [then, now] = [bindingsOf(before, id), bindingsOf(after, id)];
    if (JSON.stringify(then) === JSON.stringify(now)) return [];
    const had = rightsOf(graph, whose, then);
    return [...rightsOf(graph, whose, now)]
      .filter((right) => !had.has(right) && !held.has(right))
      .map((right) => `${kind} ${caller.id}: ${document} ${JSON.stringify(variables)} gave ${whose} ${id}: ${right}`);
  });
  return { line, done: !errors };
}
