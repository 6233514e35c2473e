import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { routes } from "../../src/api/rest/routes.ts";
import type { Route } from "../../src/api/rest/routing/route.ts";
import { testHouston } from "../support/houston.ts";
import { type Example, examples, ORGANIZATION } from "./examples.ts";
import { clusters, deployments } from "./walkResources.ts";

const { build, db, url } = await testHouston();

/** Requests for each operation. */
const RUNS = 500;

const admin = await build.user({ roles: [{ role: "SYSTEM_ADMIN" }] });
const scene = await examples(build, db);

/** The forms that a request of an operation may have besides the usual one, each with all of its fields. */
const forms = await otherForms();

async function otherForms(): Promise<Record<string, [form: string, Example][]>> {
  const { workspace } = await build.workspace();
  const home = `/organizations/${ORGANIZATION}`;
  const place = (name: string, type: string) =>
    db.cluster.create({
      data: {
        ...{ name, platformApi: { type } },
        nodePools: { create: { name: "main", nodeInstanceType: "m5.xlarge", maxNodeCount: 5 } },
      },
      include: { nodePools: true },
    });
  const [dedicated, hybrid] = [await place("dedicated", "DEDICATED"), await place("hybrid", "HYBRID")];
  const nodePoolId = hybrid.nodePools[0]?.id ?? "";
  const workspaceId = workspace.id;
  // The usual request is one of type STANDARD, with all fields.
  const { STANDARD: _usual, ...made } = deployments({
    ...{ workspaceId, dedicated: dedicated.id, hybrid: hybrid.id, nodePoolId },
  });
  const updates: [string, Example][] = [];
  for (const [type, { updated }] of Object.entries(made)) {
    const clusterId = type === "HYBRID" ? hybrid.id : dedicated.id;
    const { deployment } = await build.deployment({ workspaceId, clusterId, platformApi: { type } });
    updates.push([type, { path: `${home}/deployments/${deployment.id}`, body: updated }]);
  }
  const creates = (path: string, all: Record<string, { created: Record<string, unknown> }>) =>
    Object.entries(all).map(([form, { created }]): [string, Example] => [
      form,
      { path: `${home}${path}`, body: created },
    ]);
  return {
    createCluster: creates("/clusters", clusters(workspaceId)),
    updateCluster: [["AWS", { path: `${home}/clusters/${hybrid.id}`, body: clusters(workspaceId).AWS.updated }]],
    createDeployment: creates("/deployments", made),
    updateDeployment: updates,
  };
}

const cases = routes.flatMap((route) => {
  const { operationId } = route;
  const others = forms[operationId] ?? [];
  return [["", scene.of(operationId)] as const, ...others].map(
    ([form, example]) => [`${operationId} ${form}`.trim(), route, example] as const,
  );
});

/** A request that must be refused, and the field or parameter that the message must name. */
interface Bad {
  body?: unknown;
  query?: string;
  names: string;
}

type Path = readonly (string | number)[];

/** Every value in a body, by its path. */
function values(value: unknown, path: Path = []): { path: Path; value: unknown }[] {
  if (typeof value !== "object" || value === null) return [{ path, value }];
  const inner = Object.entries(value).flatMap(([key, part]) =>
    values(part, [...path, Array.isArray(value) ? Number(key) : key]),
  );
  return path.length === 0 ? inner : [{ path, value }, ...inner];
}

const typeOf = (value: unknown) => (Array.isArray(value) ? "array" : value === null ? "null" : typeof value);

const wrongValues = [null, 1, -7, 0.5, 1e308, true, "text", "", [], {}, ["x"], { x: 1 }, [[]], -(2 ** 40)];

/** Without the keys for which a body is refused before it is read. */
const anyValue = fc
  .jsonValue({ maxDepth: 2 })
  .filter((value) => !/"(__proto__|constructor)":/.test(JSON.stringify(value)));

/** A copy of `body` in which `change` replaces what is at the path. */
function changed(
  body: unknown,
  path: Path,
  change: (parent: Record<string | number, unknown>, key: string | number) => void,
) {
  const copy = structuredClone(body) as Record<string | number, unknown>;
  let parent = copy;
  for (const key of path.slice(0, -1)) parent = parent[key] as typeof copy;
  change(parent, path.at(-1) ?? "");
  return copy;
}

/** One field is of another type, missing, unknown, far too long or far too large. */
function badBodies(example: object, required: readonly string[]): fc.Arbitrary<Bad> {
  const all = values(example);
  const wrongType = fc
    .tuple(fc.constantFrom(...all), fc.oneof(fc.constantFrom(...wrongValues), anyValue))
    .filter(([{ value }, other]) => typeOf(value) !== typeOf(other))
    .map(([{ path }, other]) => ({
      body: changed(example, path, (parent, key) => {
        parent[key] = other;
      }),
      names: String(path.findLast((key) => typeof key === "string")),
    }));
  const numbers = all.filter(({ value }) => typeof value === "number");
  const outOfRange = fc
    .tuple(fc.constantFrom(...(numbers.length > 0 ? numbers : all)), fc.constantFrom(-1, -1e9, 1e12, 1e308, 0.25))
    .map(([{ path }, other]) => ({
      body: changed(example, path, (parent, key) => {
        parent[key] = other;
      }),
      names: String(path.findLast((key) => typeof key === "string")),
    }));
  const texts = all.filter(({ value }) => typeof value === "string");
  const huge = fc
    .tuple(fc.constantFrom(...texts), fc.integer({ min: 70_000, max: 200_000 }))
    .map(([{ path }, length]) => ({
      body: changed(example, path, (parent, key) => {
        parent[key] = "x".repeat(length);
      }),
      names: String(path.findLast((key) => typeof key === "string")),
    }));
  const missing = fc.constantFrom(...required).map((key) => ({
    body: changed(example, [key], (parent) => {
      delete parent[key];
    }),
    names: key,
  }));
  const objects = [[], ...all.filter(({ value }) => typeOf(value) === "object").map(({ path }) => path)];
  const extra = fc.tuple(fc.constantFrom(...objects), fc.stringMatching(/^[a-z]{3,12}Q$/)).map(([path, key]) => ({
    body: changed(example, [...path, key], (parent) => {
      parent[key] = 1;
    }),
    names: key,
  }));
  const noObject = fc.constantFrom(null, [], 1, "text", true).map((body) => ({ body, names: "body" }));
  return fc.oneof(wrongType, wrongType, outOfRange, huge, missing, extra, noObject);
}

/** A parameter is unknown, given twice, or has a value that is not allowed. */
function badQueries(route: Route): fc.Arbitrary<Bad> {
  const unknown = fc
    .tuple(fc.stringMatching(/^[a-z]{3,12}Q$/), fc.string({ maxLength: 20 }))
    .map(([name, value]) => ({ query: `${name}=${encodeURIComponent(value)}`, names: name }));
  const pick = (names: readonly string[], wrong: readonly string[]) => {
    const known = names.filter((name) => route.query && name in route.query.shape);
    if (known.length === 0) return [];
    return [
      fc
        .tuple(fc.constantFrom(...known), fc.constantFrom(...wrong))
        .map(([name, value]) => ({ query: `${name}=${encodeURIComponent(value)}`, names: name })),
      fc.constantFrom(...known).map((name) => ({ query: `${name}=1&${name}=2`, names: name })),
    ];
  };
  const numbers = ["-1", "1.5", "abc", "", "1e3", "99999999999999999999", "0x10", " 1", "NaN", "9007199254740993"];
  const words = ["", "x", "name", "name:up", "NAME:ASC", "null", "ASTRO,OBSERVE", "aws", "DEDICATED "];
  return fc.oneof(
    unknown,
    ...pick(["offset", "limit"], numbers),
    ...pick(
      ["sorts", "provider", "type", "supportPlan", "product", "executor", "deploymentType", "cloudProvider"],
      words,
    ),
    ...pick(["isLookUpOnly"], ["1", "yes", "TRUE", ""]),
  );
}

/** All that is stored, as one text. */
async function stored(): Promise<string> {
  const tables = [
    "Organization",
    "Workspace",
    "Cluster",
    "NodePool",
    "Deployment",
    "WorkerQueue",
    "EnvironmentVariable",
    "RoleBinding",
    "AuditEntry",
  ];
  const counts = tables.map(
    (name) =>
      `SELECT '${name}', count(*), md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM "${name}" t`,
  );
  return JSON.stringify(await db.$queryRawUnsafe(counts.join(" UNION ALL ")), (_, value) =>
    typeof value === "bigint" ? String(value) : value,
  );
}

describe("bad requests are refused by name, and store nothing", () => {
  it.each(cases)("%s", { timeout: 300_000 }, async (_name, route, { path, body }) => {
    const before = await stored();
    const bad = route.body ? badBodies(body as object, scene.required(route, body as object)) : badQueries(route);
    await fc.assert(
      fc.asyncProperty(bad, async ({ body: sent, query, names }) => {
        const response = await fetch(`${url}/platform/v1beta1${path}${query === undefined ? "" : `?${query}`}`, {
          method: route.method,
          headers: { authorization: admin.token, "content-type": "application/json" },
          ...(sent === undefined ? {} : { body: JSON.stringify(sent) }),
        });
        const { message } = (await response.json()) as { message: string };
        expect([400, 404, 412], `${message} for ${JSON.stringify({ sent, query }).slice(0, 300)}`).toContain(
          response.status,
        );
        expect(message).toContain(names);
      }),
      { numRuns: RUNS },
    );
    expect(await stored()).toBe(before);
  });
});
