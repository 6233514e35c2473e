import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DEFAULT_ORGANIZATION } from "../../src/access/scopePaths.ts";
import { fastPathEnabled } from "../support/app.ts";
import { countStatements } from "../support/countStatements.ts";
import { testHouston } from "../support/houston.ts";
import { createRest } from "../support/restCalls.ts";

const { build, config, db, url } = await testHouston();
const rest = createRest(url);

const systemAdmin = await build.systemAdmin();
const day = (n: number) => new Date(Date.UTC(2026, 0, 1 + n));

/** A list: where it is, the key of its rows, the table and the column behind each sort. */
interface List {
  path: string;
  key: string;
  table: string;
  where: string;
  columns: Record<string, string>;
}

const organizations: List = {
  path: "/organizations",
  key: "organizations",
  table: "Organization",
  where: "true",
  columns: { createdAt: "createdAt", updatedAt: "updatedAt", name: "name" },
};
const workspacesOf = (organizationId: string): List => ({
  path: `/organizations/${organizationId}/workspaces`,
  key: "workspaces",
  table: "Workspace",
  where: `"organizationId" = '${organizationId}'`,
  columns: { createdAt: "createdAt", updatedAt: "updatedAt", name: "label" },
});

// Few distinct times, so that many rows are equal in what they are sorted by. IDs are in no order.
const another = await db.organization.create({ data: { name: "Another" } });
const ids = Array.from({ length: 60 }, (_, n) => `w${(n * 37) % 61}`);
await db.workspace.createMany({
  data: ids.map((id, n) => ({
    id,
    label: `${n % 2 ? "Blue" : "blue"} ${n}`,
    organizationId: n % 3 === 0 ? another.id : DEFAULT_ORGANIZATION,
    createdAt: day(n % 4),
    updatedAt: day(n % 7),
  })),
});
await db.organization.createMany({
  data: Array.from({ length: 25 }, (_, n) => ({
    id: `o${(n * 11) % 26}`,
    name: `Organization ${n}`,
    createdAt: day(n % 3),
    updatedAt: day(n % 5),
  })),
});

await db.cluster.createMany({
  data: Array.from({ length: 25 }, (_, n) => ({
    id: `c${(n * 11) % 26}`,
    name: `Cluster ${n}`,
    organizationId: n % 4 === 0 ? another.id : DEFAULT_ORGANIZATION,
    createdAt: day(n % 3),
    updatedAt: day(n % 5),
  })),
});
const releases = Array.from({ length: 30 }, (_, n) => `quiet-comet-${2000 + n}`);
await db.releaseName.createMany({ data: releases.map((name) => ({ name })) });
await db.deployment.createMany({
  data: releases.map((releaseName, n) => ({
    ...{ id: `d${(n * 11) % 31}`, label: `Deployment ${n % 6}`, releaseName, namespace: `houston-${releaseName}` },
    ...{ version: config.deployments.chart.version, executor: "CeleryExecutor" as const },
    ...{ config: { executor: "CeleryExecutor" }, dagDeployment: { type: "image" } },
    // One of its own for each, because labels are unique in a Workspace.
    workspaceId: ids[n] ?? "",
    ...{ createdAt: day(n % 3), updatedAt: day(n % 5), deletedAt: n % 7 === 6 ? day(40) : null },
  })),
});
const inOrganization = (organizationId: string, key: string, table: string, name: string): List => ({
  path: `/organizations/${organizationId}/${key}`,
  key,
  table,
  where: `"organizationId" = '${organizationId}'${table === "Deployment" ? ' AND "deletedAt" IS NULL' : ""}`,
  columns: { createdAt: "createdAt", updatedAt: "updatedAt", name },
});

const lists = [
  organizations,
  ...[DEFAULT_ORGANIZATION, another.id].flatMap((id) => [
    workspacesOf(id),
    inOrganization(id, "clusters", "Cluster", "name"),
    inOrganization(id, "deployments", "Deployment", "label"),
  ]),
];

interface Sort {
  name: string;
  direction: string;
}

/** The IDs of all rows in the order of the sorts; the last direction is also that of the ID. */
async function naive({ table, where, columns }: List, sorts: readonly Sort[], offset: number, limit: number) {
  const given = sorts.length > 0 ? sorts : [{ name: "createdAt", direction: "asc" }];
  const order = [...given, { name: "id", direction: given.at(-1)?.direction }].map(
    ({ name, direction }) => `"${columns[name] ?? name}" ${direction}`,
  );
  const rows = await db.$queryRawUnsafe<{ id: string }[]>(
    `SELECT id FROM "${table}" WHERE ${where} ORDER BY ${order.join(", ")} LIMIT ${limit} OFFSET ${offset}`,
  );
  return rows.map(({ id }) => id);
}

const query = (sorts: readonly Sort[], offset: number, limit: number) =>
  `offset=${offset}&limit=${limit}${sorts.map(({ name, direction }) => `&sorts=${name}:${direction}`).join("")}`;

const idsIn = ({ key }: List, body: Record<string, { id: string }[]>) => (body[key] ?? []).map(({ id }) => id);

async function page(list: List, sorts: readonly Sort[], offset: number, limit: number) {
  const { status, body } = await rest(systemAdmin).get(`${list.path}?${query(sorts, offset, limit)}`);
  expect(status).toBe(200);
  expect(body).toMatchObject({ offset, limit });
  return { ids: idsIn(list, body), total: body.totalCount as number };
}

const anySort = fc.record({
  name: fc.constantFrom("createdAt", "updatedAt", "name"),
  direction: fc.constantFrom("asc", "desc"),
});
const anySorts = fc.uniqueArray(anySort, { maxLength: 3, selector: ({ name }) => name });
const anyList = fc.constantFrom(...lists);

describe("lists", () => {
  it.each(lists.map((list) => [list.path, list] as const))(
    "have the rows of every page in order: %s",
    async (_, list) => {
      const total = (await naive(list, [], 0, 1000)).length;
      for (const name of ["createdAt", "updatedAt", "name"]) {
        for (const direction of ["asc", "desc"]) {
          const sorts = [{ name, direction }];
          for (const offset of [0, Math.floor(total / 2) - 2, total - 3, total - 1, total, total + 5, 1_000_000]) {
            const found = await page(list, sorts, offset, 5);
            expect(found.ids, `${name}:${direction} ${offset}`).toEqual(await naive(list, sorts, offset, 5));
            expect(found.total).toBe(total);
          }
        }
      }
    },
  );

  it("return any page as a plain ORDER BY with OFFSET does, from whichever end it is read", async () => {
    await fc.assert(
      fc.asyncProperty(
        anyList,
        anySorts,
        fc.nat({ max: 60 }),
        fc.nat({ max: 30 }),
        async (list, sorts, offset, limit) => {
          expect((await page(list, sorts, offset, limit)).ids).toEqual(await naive(list, sorts, offset, limit));
        },
      ),
      { numRuns: 150 },
    );
  });

  it("have every row on exactly one page", async () => {
    await fc.assert(
      fc.asyncProperty(anyList, anySorts, fc.integer({ min: 1, max: 40 }), async (list, sorts, limit) => {
        const all: string[] = [];
        let total = 1;
        for (let offset = 0; offset < total; offset += limit) {
          const found = await page(list, sorts, offset, limit);
          total = found.total;
          all.push(...found.ids);
        }
        expect(all).toEqual(await naive(list, sorts, 0, 1000));
      }),
      { numRuns: 30 },
    );
  });

  it("start with the oldest, have 20 rows, and take the first of two directions", async () => {
    const [list] = lists.slice(1);
    if (!list) throw new Error("no list");
    const { body } = await rest(systemAdmin).get(list.path);
    expect([body.offset, body.limit]).toEqual([0, 20]);
    expect(idsIn(list, body)).toEqual(await naive(list, [], 0, 20));
    const twice = await rest(systemAdmin).get(`${list.path}?sorts=name:desc&sorts=name:asc&limit=1000`);
    expect(idsIn(list, twice.body)).toEqual(await naive(list, [{ name: "name", direction: "desc" }], 0, 1000));
  });

  it("have limits of 0 to 1000", async () => {
    for (const list of lists) {
      const total = (await naive(list, [], 0, 1000)).length;
      expect(await page(list, [], 0, 0)).toEqual({ ids: [], total });
      expect(await page(list, [], total - 1, 0)).toEqual({ ids: [], total });
      expect((await page(list, [], 3, 1)).ids).toEqual(await naive(list, [], 3, 1));
      expect((await page(list, [], 0, 1000)).ids).toHaveLength(total);
    }
  });

  it.each([
    ["limit=1001", "limit: must be a whole number from 0 to 1000"],
    ["limit=-1", "limit: must be a whole number from 0 to 1000"],
    ["limit=", "limit: must be a whole number from 0 to 1000"],
    ["limit=1&limit=2", "limit: must be a whole number from 0 to 1000"],
    ["offset=-1", "offset: must be a whole number of at least 0"],
    ["offset=1.5", "offset: must be a whole number of at least 0"],
    ["sorts=label:asc", "sorts.0: must be one of createdAt:asc, createdAt:desc, name:asc"],
    ["sorts=name", "sorts.0: must be one of"],
    ["sorts=name:asc,createdAt:asc", "sorts.0: must be one of"],
    ["cursor=x", "cursor: is not a known field"],
  ])("reject ?%s by name", async (bad, message) => {
    for (const { path } of lists) {
      const { status, body } = await rest(systemAdmin).get(`${path}?${bad}`);
      expect([status, body.message]).toEqual([400, expect.stringContaining(message)]);
    }
  });

  it("read from the same state as they count, while rows come and go", async () => {
    const list = workspacesOf((await db.organization.create({ data: { name: "Busy" } })).id);
    const organizationId = list.path.split("/")[2] ?? "";
    const change = async () => {
      for (let n = 0; n < 20; n++) {
        await db.workspace.create({ data: { id: `busy${n}`, label: `Busy ${n}`, organizationId } });
        if (n % 3 === 2) await db.workspace.delete({ where: { id: `busy${n}` } });
      }
    };
    const read = async () => {
      for (let n = 0; n < 20; n++) {
        const { ids: found, total } = await page(list, [], 0, 1000);
        expect(found).toHaveLength(total);
      }
    };
    await Promise.all([change(), read(), read()]);
  });
});

describe("filters", () => {
  const list = workspacesOf(DEFAULT_ORGANIZATION);
  const [one, two, three] = ids.filter((_, n) => n % 3 !== 0) as [string, string, string];
  const elsewhere = ids[0] ?? "";
  const labelOf = async (id: string) => (await db.workspace.findUniqueOrThrow({ where: { id } })).label;
  const found = async (filter: string) => {
    const { body } = await rest(systemAdmin).get(`${list.path}?${filter}`);
    expect(body.totalCount).toBe(body.workspaces.length);
    return idsIn(list, body).sort();
  };

  it("select Workspaces by ID and name", async () => {
    const [first, second] = [await labelOf(one), await labelOf(two)].map(encodeURIComponent);
    expect(await found(`workspaceIds=${one}`)).toEqual([one]);
    expect(await found(`workspaceIds=${one}&workspaceIds=${two}&workspaceIds=${one}`)).toEqual([one, two].sort());
    expect(await found(`names=${first}`)).toEqual([one]);
    expect(await found(`names=${first}&names=${second}&names=nothing`)).toEqual([one, two].sort());
    expect(await found(`names=${first}&workspaceIds=${one}&workspaceIds=${three}`)).toEqual([one]);
  });

  it("find nothing where nothing fits: in another Organization, in another case, or one condition only", async () => {
    const first = encodeURIComponent(await labelOf(one));
    for (const filter of [
      "workspaceIds=nothing",
      `workspaceIds=${elsewhere}`,
      `names=${first.toUpperCase()}`,
      `names=${first}&workspaceIds=${two}`,
      "names=",
      "workspaceIds=",
    ]) {
      expect(await found(filter)).toEqual([]);
    }
  });

  it("take values that mean something to SQL as they are", async () => {
    for (const text of ["%", "_", "'; DROP TABLE x", "{a,b}", '"', "\\", "NULL", "😀"]) {
      expect(await found(`names=${encodeURIComponent(text)}`)).toEqual([]);
    }
    const { workspace } = await build.workspace({ label: "{a,NULL}\"\\'%" });
    expect(await found(`names=${encodeURIComponent(workspace.label)}`)).toEqual([workspace.id]);
    await db.workspace.delete({ where: { id: workspace.id } });
  });

  it("page through what they select", async () => {
    const all = ids.filter((_, n) => n % 3 !== 0).slice(0, 7);
    const filter = all.map((id) => `workspaceIds=${id}`).join("&");
    const pages = [0, 3, 6].map((offset) =>
      rest(systemAdmin).get(`${list.path}?${filter}&sorts=name:desc&limit=3&offset=${offset}`),
    );
    const bodies = (await Promise.all(pages)).map(({ body }) => body);
    expect(bodies.map(({ totalCount }) => totalCount)).toEqual([7, 7, 7]);
    const order = bodies.flatMap((body) => idsIn(list, body));
    expect([...order].sort()).toEqual([...all].sort());
  });

  it("select Organizations by plan and product", async () => {
    await db.organization.update({ where: { id: another.id }, data: { supportPlan: "PREMIUM", product: "HYBRID" } });
    const total = await db.organization.count();
    const count = async (filter: string) => (await rest(systemAdmin).get(`/organizations?${filter}`)).body.totalCount;
    expect(await count("supportPlan=PREMIUM")).toBe(1);
    expect(await count("productPlan=PREMIUM")).toBe(1);
    expect(await count("supportPlan=PREMIUM&productPlan=PREMIUM")).toBe(1);
    expect(await count("supportPlan=PREMIUM&productPlan=BASIC")).toBe(0);
    expect(await count("supportPlan=BASIC")).toBe(total - 1);
    expect(await count("product=HYBRID&astronomerProduct=ASTRO")).toBe(1);
    expect(await count("product=HOSTED")).toBe(total - 1);
    expect(await count("astronomerProduct=OBSERVE")).toBe(0);
    for (const bad of [
      "supportPlan=POV",
      "product=hosted",
      "astronomerProduct=",
      "supportPlan=TRIAL&supportPlan=TRIAL",
    ]) {
      expect((await rest(systemAdmin).get(`/organizations?${bad}`)).status).toBe(400);
    }
  });
});

describe("rights", () => {
  it("decide which rows a list has and counts", async () => {
    const organization = await db.organization.create({ data: { name: "Large" } });
    const list = workspacesOf(organization.id);
    const all = Array.from({ length: 200 }, (_, n) => `large${n}`);
    await db.workspace.createMany({
      data: all.map((id, n) => ({ id, label: `Large ${n}`, organizationId: organization.id, createdAt: day(n % 9) })),
    });
    const mine = ["large3", "large77", "large199"];
    const roles = mine.map((workspaceId) => ({ role: "WORKSPACE_VIEWER", workspaceId }) as const);
    const half = await build.user({ roles: roles.slice(0, 1) });
    // The same Workspace through two ways counts once.
    await build.team({ members: [half], roles });
    const deployments = await build.deployment({ workspaceId: "large5" });
    const account = await build.serviceAccount({ role: "WORKSPACE_EDITOR", workspaceId: "large77" });
    const system = (role: "SYSTEM_VIEWER" | "SYSTEM_EDITOR" | "SYSTEM_ADMIN") => build.user({ roles: [{ role }] });
    for (const [someone, visible] of [
      [await build.user({ roles }), mine],
      [half, mine],
      [account, ["large77"]],
      [deployments.viewer, []],
      [await system("SYSTEM_VIEWER"), all],
      [await system("SYSTEM_EDITOR"), all],
      [await system("SYSTEM_ADMIN"), all],
      [await build.serviceAccount({ role: "SYSTEM_VIEWER" }), all],
    ] as const) {
      const { body } = await rest(someone).get(`${list.path}?limit=1000`);
      expect(body.totalCount).toBe(visible.length);
      expect(idsIn(list, body).sort()).toEqual([...visible].sort());
    }
    const someone = await build.user({ roles });
    for (const sort of ["createdAt:desc", "name:asc", "updatedAt:asc"]) {
      const pages = await Promise.all(
        [0, 1, 2, 3].map((offset) => rest(someone).get(`${list.path}?limit=1&offset=${offset}&sorts=${sort}`)),
      );
      expect(pages.flatMap(({ body }) => idsIn(list, body)).sort()).toEqual([...mine].sort());
      expect(pages.map(({ body }) => body.totalCount)).toEqual([3, 3, 3, 3]);
    }
    const filtered = await rest(someone).get(`${list.path}?workspaceIds=large3&workspaceIds=large4`);
    expect([filtered.body.totalCount, idsIn(list, filtered.body)]).toEqual([1, ["large3"]]);
    // The Organizations that they belong to.
    const { body } = await rest(someone).get("/organizations");
    expect(idsIn(organizations, body).sort()).toEqual([DEFAULT_ORGANIZATION, organization.id].sort());
    expect(body.totalCount).toBe(2);
  });
});

describe("one statement", () => {
  it("reads a list or a row, whatever its length, with caller and rights", async () => {
    const { workspace, viewer } = await build.workspace();
    const { deployment } = await build.deployment({ workspaceId: workspace.id });
    const account = await build.serviceAccount({ role: "WORKSPACE_VIEWER", workspaceId: workspace.id });
    for (const someone of [systemAdmin, viewer, account]) {
      for (const path of [
        "/organizations",
        "/organizations?limit=1000&sorts=name:desc",
        `/organizations/${DEFAULT_ORGANIZATION}`,
        `/organizations/${DEFAULT_ORGANIZATION}/workspaces?limit=0`,
        `/organizations/${DEFAULT_ORGANIZATION}/workspaces?limit=1000&offset=3`,
        `/organizations/${DEFAULT_ORGANIZATION}/workspaces?workspaceIds=${workspace.id}&names=x`,
        `/organizations/${DEFAULT_ORGANIZATION}/clusters?limit=1000&sorts=updatedAt:desc`,
        `/organizations/${DEFAULT_ORGANIZATION}/deployments?limit=1000&offset=1&sorts=name:asc`,
        `/organizations/${DEFAULT_ORGANIZATION}/workspaces/${workspace.id}`,
        `/organizations/${DEFAULT_ORGANIZATION}/clusters/${deployment.clusterId}`,
        `/organizations/${DEFAULT_ORGANIZATION}/deployments/${deployment.id}`,
      ]) {
        const { result, statements } = await countStatements(() => rest(someone).get(path));
        expect([result.status, statements.length], path).toEqual([200, 1]);
      }
    }
  });

  it("writes a Workspace", async () => {
    const path = `/organizations/${DEFAULT_ORGANIZATION}/workspaces`;
    const user = await build.user();
    const made = await countStatements(() => rest(user).post(path, { name: "Single" }));
    const one = `${path}/${made.result.body.id}`;
    const given = { name: "Single", description: "", cicdEnforcedDefault: true };
    const changed = await countStatements(() => rest(user).post(one, given));
    const deleted = await countStatements(() => rest(user).delete(one));
    expect([made, changed, deleted].map(({ result }) => result.status)).toEqual([200, 200, 204]);
    for (const { statements } of [made, changed, deleted]) {
      // On the fast path, a write is sent in a batch of its own.
      const own = statements.filter((text) => !/^(BEGIN|COMMIT)/i.test(text));
      expect(own, fastPathEnabled ? "fast" : "plain").toHaveLength(1);
    }
  });
});
