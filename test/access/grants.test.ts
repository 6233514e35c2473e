import { expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { type Grant, requestOf } from "./grants.ts";
import { type Graph, storedGraph } from "./graph.ts";
import { bindingsOf, rightsOf } from "./graphRights.ts";
import { LIMIT, onGraphs } from "./onGraphs.ts";

// Admins hold whatever a role of their level gives. Where lesser roles may give some too, each way must look for itself.
const { as, build, db } = await testHouston({
  roles: {
    WORKSPACE_VIEWER: { permissions: { "workspace.iam.update": true, "workspace.serviceAccounts.create": true } },
    DEPLOYMENT_VIEWER: {
      permissions: {
        "deployment.userRoles.update": true,
        "deployment.teamRoles.update": true,
        "deployment.serviceAccounts.create": true,
      },
    },
    SYSTEM_VIEWER: {
      permissions: { "system.iam.update": true, "system.serviceAccounts.create": true, "system.teams.update": true },
    },
  },
});

it(
  "nobody ends with rights that whoever gave them lacked",
  async () => {
    let given = 0;
    await onGraphs(db, async (graphs, grants) => {
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
    expect(given).toBeGreaterThan(100);
  },
  LIMIT,
);

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
  // A document that never fits would be no proof either.
  expect(errors?.map(({ extensions }) => extensions.code) ?? []).not.toContain("GRAPHQL_VALIDATION_FAILED");
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
