import { afterAll, beforeAll, expect, it } from "vitest";
import { routes } from "../../src/api/rest/routes.ts";
import type { Route } from "../../src/api/rest/routing/route.ts";
import { startTestApp } from "../support/app.ts";
import type { Someone } from "../support/as.ts";
import { createBuild } from "../support/build.ts";
import { testHouston } from "../support/houston.ts";
import { createRest } from "../support/restCalls.ts";
import { examples, ORGANIZATION } from "./examples.ts";
import { secondOrganization } from "./secondOrganization.ts";

const { build, db, url } = await testHouston();
const scene = await examples(build, db);
const admin = await build.systemAdmin();
const outsider = await build.user();
const other = await secondOrganization(db, build);

// The same on a server whose database is gone.
const broken = await startTestApp();
const lost = await createBuild(broken.db, broken.config).systemAdmin();
beforeAll(() => broken.database.drop());
afterAll(() => broken.close());

/** The contract has it, but whoever is signed in may list Organizations: those that they belong to. */
const unreachable = ["listOrganizations 403"];

interface Call {
  at?: string;
  someone: Someone;
  path: string;
  body?: object | undefined;
}

const calls = routes.flatMap((route) =>
  [route.answer ? 200 : 204, ...route.errors].map((status) => [route.operationId, status, route] as const),
);

let names = 0;
/** A valid request of a System Admin, with a name that nothing has. */
function valid({ operationId }: Route): Call {
  const { path, body } = scene.of(operationId);
  const query = operationId === "getClusterOptions" ? "?type=DEDICATED" : "";
  return { someone: admin, path: `${path}${query}`, body: body && { ...body, name: `Name ${++names}` } };
}

/** What makes the request get the status. */
const ways: Record<number, (call: Call, route: Route) => Call | Promise<Call>> = {
  200: (call) => call,
  204: async (call, { operationId }) => {
    // Only an empty one is deleted.
    if (operationId === "deleteWorkspace") await db.deployment.deleteMany();
    return call;
  },
  400: ({ path, ...call }) => ({ ...call, path: `${path}${path.includes("?") ? "&" : "?"}colour=blue` }),
  401: (call) => ({ ...call, someone: undefined }),
  403: ({ path, ...call }) => ({ ...call, someone: outsider, path: path.replace(ORGANIZATION, other.organization.id) }),
  404: ({ path, ...call }, { row }) => ({
    ...call,
    path:
      row && row.view !== "Organization" ? path.replace(/[^/]+$/, "unknown") : path.replace(ORGANIZATION, "unknown"),
  }),
  412: async (call, { operationId, method }) => {
    if (method === "DELETE") {
      const { id } = await db.cluster.create({ data: { name: `used by ${operationId}` } });
      await build.deployment({ clusterId: id });
      return { ...call, path: call.path.replace(/[^/]+$/, id) };
    }
    const { name } = await db.cluster.create({ data: { name: `taken by ${operationId}` } });
    return { ...call, body: { ...call.body, name } };
  },
  500: (call) => ({ ...call, at: broken.url, someone: lost }),
};

// Deletions last, that of the Workspace at the very end: the others are about their rows.
const rankOf = (name: string, status: number) => (status !== 204 ? 0 : name === "deleteWorkspace" ? 2 : 1);
const sorted = calls.toSorted(([a, x], [b, y]) => rankOf(a, x) - rankOf(b, y));

it.each(sorted.filter(([name, status]) => !unreachable.includes(`${name} ${status}`)))(
  "%s answers %i",
  async (_name, status, route) => {
    const way = ways[status];
    if (!way) throw new Error(`No way to get ${status}`);
    const { at = url, someone, path, body } = await way(valid(route), route);
    const rest = createRest(at)(someone);
    const { method } = route;
    const answer = method === "GET" ? rest.get(path) : method === "POST" ? rest.post(path, body) : rest.delete(path);
    const { status: answered, body: text } = await answer;
    expect(answered, text?.message).toBe(status);
  },
);

it("operations have the statuses that are said to be unreachable", () => {
  expect(calls.map(([name, status]) => `${name} ${status}`)).toEqual(expect.arrayContaining(unreachable));
});
