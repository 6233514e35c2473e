import { describe, expect, it } from "vitest";
import { DeploymentsPaginated } from "../../src/api/rest/deployments/schemas.ts";
import { countStatements } from "../support/countStatements.ts";
import { testHouston } from "../support/houston.ts";
import { deploymentCalls } from "./deploymentCalls.ts";
import { secondOrganization } from "./secondOrganization.ts";

const { build, db, url } = await testHouston();
const rest = deploymentCalls(url);

const admin = await build.systemAdmin();
const home = await build.workspace();
const second = await build.workspace();
const other = await secondOrganization(db, build);

const day = (n: number) => new Date(Date.UTC(2026, 0, 1 + n));
// Several are created and updated on the same day: their IDs decide.
for (let n = 0; n < 12; n++) {
  const workspaceId = n % 3 === 0 ? second.workspace.id : home.workspace.id;
  const label = `Name ${(n * 5) % 12}`;
  await build.deployment({ workspaceId, label, createdAt: day(n % 4), updatedAt: day((n * 7) % 5) });
}
const rows = await db.deployment.findMany({ where: { organizationId: home.workspace.organizationId } });

const list = async (query = "", someone = admin) => (await rest(someone).get(query)).body;
const idsIn = ({ deployments }: { deployments: { id: string }[] }) => deployments.map(({ id }) => id);
const idsOf = (some: readonly { id: string }[]) => some.map(({ id }) => id).sort();

type Row = (typeof rows)[number];
const columns = { createdAt: "createdAt", name: "label", updatedAt: "updatedAt" } as const;
const compare = (a: string | Date, b: string | Date) => (a < b ? -1 : a > b ? 1 : 0);

function ordered(...sorts: [keyof typeof columns, "asc" | "desc"][]): string[] {
  const last = sorts.at(-1)?.[1];
  const all = [...rows].sort((a: Row, b: Row) => {
    for (const [name, direction] of sorts) {
      const order = compare(a[columns[name]], b[columns[name]]);
      if (order !== 0) return direction === "asc" ? order : -order;
    }
    return last === "desc" ? -compare(a.id, b.id) : compare(a.id, b.id);
  });
  return all.map(({ id }) => id);
}

describe("listDeployments", () => {
  it("answers what the schema says, with the number of all", async () => {
    const body = await list("?limit=5&offset=3");
    expect(DeploymentsPaginated.parse(body)).toEqual(body);
    expect(body).toMatchObject({ totalCount: 12, limit: 5, offset: 3 });
    expect(idsIn(body)).toEqual(ordered(["createdAt", "asc"]).slice(3, 8));
  });

  it.each(["createdAt", "name", "updatedAt"] as const)("sorts by %s in both directions", async (name) => {
    expect(idsIn(await list(`?sorts=${name}:asc`))).toEqual(ordered([name, "asc"]));
    expect(idsIn(await list(`?sorts=${name}:desc`))).toEqual(ordered([name, "desc"]));
  });

  it("sorts by several columns, the first one before the others", async () => {
    const body = await list("?sorts=updatedAt:desc&sorts=createdAt:asc");
    expect(idsIn(body)).toEqual(ordered(["updatedAt", "desc"], ["createdAt", "asc"]));
  });

  it("reads a page from either end of the list", async () => {
    for (let offset = 0; offset <= 13; offset++) {
      const body = await list(`?sorts=name:desc&limit=3&offset=${offset}`);
      expect(idsIn(body)).toEqual(ordered(["name", "desc"]).slice(offset, offset + 3));
      expect(body.totalCount).toBe(12);
    }
  });

  it("answers the number alone with limit 0", async () => {
    expect(await list("?limit=0")).toEqual({ totalCount: 12, offset: 0, limit: 0, deployments: [] });
  });

  it("filters by IDs, Workspaces and names, all of which must fit", async () => {
    const some = rows.slice(2, 6);
    const ids = some.map(({ id }) => `deploymentIds=${id}`).join("&");
    expect(idsIn(await list(`?${ids}`)).sort()).toEqual(idsOf(some));
    const there = rows.filter(({ workspaceId }) => workspaceId === second.workspace.id);
    expect(idsIn(await list(`?workspaceIds=${second.workspace.id}`)).sort()).toEqual(idsOf(there));
    const both = some.filter(({ workspaceId }) => workspaceId === second.workspace.id);
    const body = await list(`?${ids}&workspaceIds=${second.workspace.id}`);
    expect(idsIn(body).sort()).toEqual(idsOf(both));
    expect(body.totalCount).toBe(both.length);
    const named = await list("?names=Name%203&names=Name%204");
    expect(named.deployments.map(({ name }: { name: string }) => name).sort()).toEqual(["Name 3", "Name 4"]);
    expect((await list("?names=name%203")).totalCount).toBe(0);
  });

  it.each([
    ["limit=1001", "limit: must be a whole number from 0 to 1000"],
    ["limit=-1", "limit: must be a whole number from 0 to 1000"],
    ["offset=-1", "offset: must be a whole number of at least 0"],
    ["sorts=status:asc", "sorts.0: must be one of createdAt:asc"],
    ["status=HEALTHY", "status: is not a known"],
  ])("rejects %s by name", async (query, message) => {
    const { status, body } = await rest(admin).get(`?${query}`);
    expect(status).toBe(400);
    expect(body.message).toContain(message);
  });

  it("omits deleted Deployments", async () => {
    const { deployment } = await build.deployment({ workspaceId: home.workspace.id, deletedAt: new Date() });
    expect((await list(`?deploymentIds=${deployment.id}`)).totalCount).toBe(0);
  });

  it("shows nothing of another Organization, and denies those who do not belong to it", async () => {
    const there = rest(admin, other.path);
    expect(idsIn((await there.get("")).body)).toEqual([other.inside.deployment.id]);
    expect((await list(`?deploymentIds=${other.inside.deployment.id}`)).totalCount).toBe(0);
    expect((await rest(home.admin, other.path).get("")).status).toBe(403);
    expect((await rest(undefined).get("")).status).toBe(401);
  });

  it("is one statement", async () => {
    await list("?limit=7");
    const { statements, result } = await countStatements(() => list("?limit=7"));
    expect(idsIn(result)).toHaveLength(7);
    expect(statements).toHaveLength(1);
  });
});
