import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build, db } = await testHouston();

const CLUSTER = `query ($id: Uuid!) { cluster(id: $id) { id name baseDomain status } }`;
const id = "cldefault0000000000000000";

describe("cluster", () => {
  it("belongs to System Admins alone; other system roles see the list", async () => {
    const { data } = await as(await build.systemAdmin()).send(CLUSTER, { id });
    const plain = { id, name: "default", baseDomain: "localhost", status: "ACTIVE" };
    expect(data.cluster).toEqual(plain);
    for (const role of ["SYSTEM_EDITOR", "SYSTEM_VIEWER"] as const) {
      const someone = as(await build.user({ roles: [{ role }] }));
      expect(outcomeOf(await someone.send(CLUSTER, { id }))).toBe("FORBIDDEN");
      const list = await someone.send("{ paginatedClusters { clusters { id name baseDomain status healthStatus } } }");
      expect(list.data.paginatedClusters.clusters).toContainEqual({ ...plain, healthStatus: null });
    }
  });

  it("returns no domain until a registered cluster reports one", async () => {
    const row = await db.cluster.create({ data: { name: "east", metadataUrl: "https://east.example.com/metadata" } });
    const { data } = await as(await build.systemAdmin()).send(CLUSTER, { id: row.id });
    expect(data.cluster).toMatchObject({ name: "east", baseDomain: null });
  });

  it("denies users without a system role and anonymous callers", async () => {
    const { admin } = await build.workspace();
    expect(outcomeOf(await as(admin).send(CLUSTER, { id }))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(undefined).send(CLUSTER, { id }))).toBe("UNAUTHENTICATED");
  });

  it("rejects unknown and empty IDs", async () => {
    const admin = await build.systemAdmin();
    expect(outcomeOf(await as(admin).send(CLUSTER, { id: "nowhere" }))).toBe("NOT_FOUND id");
    expect(outcomeOf(await as(admin).send(CLUSTER, { id: "" }))).toBe("BAD_USER_INPUT id");
  });
});
