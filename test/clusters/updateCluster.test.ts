import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build, db } = await testHouston();

const UPDATE = `mutation ($id: Uuid!, $name: String, $status: ClusterStatus, $statusReason: JSON, $deploymentsConfigOverride: JSON) {
  updateCluster(id: $id, name: $name, status: $status, statusReason: $statusReason, deploymentsConfigOverride: $deploymentsConfigOverride) {
    id name status statusReason
  }
}`;

const admin = await build.systemAdmin();
let clusters = 0;
const registered = () =>
  db.cluster.create({
    data: { name: `cluster ${clusters++}`, metadataUrl: "https://x.example.com", config: { maxPodAu: 9 } },
  });
const stored = (id: string) => db.cluster.findUniqueOrThrow({ where: { id } });

describe("updateCluster", () => {
  it("changes the provided fields and keeps the rest", async () => {
    const { id, name } = await registered();
    const statusReason = { code: "MAINTENANCE" };
    const { data } = await as(admin).send(UPDATE, { id, status: "INACTIVE", statusReason, name: "" });
    expect(data.updateCluster).toEqual({ id, name, status: "INACTIVE", statusReason });
    expect(await stored(id)).toMatchObject({ name, status: "INACTIVE", config: { maxPodAu: 9 } });
    await as(admin).send(UPDATE, { id, status: "ACTIVE", statusReason: null, name: "renamed" });
    expect(await stored(id)).toMatchObject({ name: "renamed", status: "ACTIVE", statusReason: null });
    expect(await db.auditEntry.count({ where: { entityId: id, action: "updateCluster" } })).toBe(2);
  });

  it("replaces the stored override", async () => {
    const { id } = await registered();
    await as(admin).send(UPDATE, { id, deploymentsConfigOverride: { maxExtraAu: 3 } });
    expect((await stored(id)).config).toEqual({ maxExtraAu: 3 });
    await as(admin).send(UPDATE, { id, deploymentsConfigOverride: null });
    expect((await stored(id)).config).toEqual({ maxExtraAu: 3 });
    await as(admin).send(UPDATE, { id, deploymentsConfigOverride: {} });
    expect((await stored(id)).config).toEqual({});
  });

  it("denies lesser system roles, Workspace Admins and anonymous callers", async () => {
    const { id, name } = await registered();
    const editor = await build.user({ roles: [{ role: "SYSTEM_EDITOR" }] });
    const { admin: workspaceAdmin } = await build.workspace();
    expect(outcomeOf(await as(editor).send(UPDATE, { id, name: "mine" }))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(workspaceAdmin).send(UPDATE, { id, name: "mine" }))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(undefined).send(UPDATE, { id, name: "mine" }))).toBe("UNAUTHENTICATED");
    expect(await stored(id)).toMatchObject({ name });
  });

  it("rejects unknown clusters, names in use and settings that are not allowed, and changes nothing", async () => {
    const { id, name } = await registered();
    const send = async (variables: object) => outcomeOf(await as(admin).send(UPDATE, { id, ...variables }));
    expect(await send({ id: "nowhere", name: "x" })).toBe("NOT_FOUND id");
    expect(await send({ id: "" })).toBe("BAD_USER_INPUT id");
    expect(await send({ name: "default", status: "INACTIVE" })).toBe("CONFLICT name");
    expect(await send({ status: "INACTIVE", deploymentsConfigOverride: { executors: "none" } })).toBe(
      "BAD_USER_INPUT deploymentsConfigOverride.executors",
    );
    expect(await stored(id)).toMatchObject({ name, status: "ACTIVE", config: { maxPodAu: 9 } });
  });
});
