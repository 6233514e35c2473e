import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build, db } = await testHouston();

const DEREGISTER = `mutation ($id: Uuid!) { deregisterCluster(id: $id) { id name status } }`;
const theDefault = "cldefault0000000000000000";

const admin = await build.systemAdmin();
let clusters = 0;
const registered = () => db.cluster.create({ data: { name: `cluster ${clusters++}`, metadataUrl: "https://x" } });
const stored = (id: string) => db.cluster.findUnique({ where: { id } });

describe("deregisterCluster", () => {
  it("deletes the cluster and returns it", async () => {
    const { id, name } = await registered();
    const { data } = await as(admin).send(DEREGISTER, { id });
    expect(data.deregisterCluster).toEqual({ id, name, status: "ACTIVE" });
    expect(await stored(id)).toBeNull();
    expect(await db.auditEntry.findFirst({ where: { entityId: id } })).toMatchObject({ detail: { name } });
  });

  it("rejects a cluster with Deployments, and keeps the records of deleted ones", async () => {
    const { id } = await registered();
    const { deployment } = await build.deployment({ clusterId: id });
    expect(outcomeOf(await as(admin).send(DEREGISTER, { id }))).toBe("CONFLICT id");
    expect(await stored(id)).not.toBeNull();
    await db.deployment.update({ where: { id: deployment.id }, data: { deletedAt: new Date() } });
    expect(outcomeOf(await as(admin).send(DEREGISTER, { id }))).toBe("ok");
    const record = await db.deployment.findUniqueOrThrow({ where: { id: deployment.id } });
    expect(record.clusterId).toBe(theDefault);
  });

  it("rejects the default cluster and unknown clusters", async () => {
    expect(outcomeOf(await as(admin).send(DEREGISTER, { id: theDefault }))).toBe("BAD_USER_INPUT id");
    expect(outcomeOf(await as(admin).send(DEREGISTER, { id: "nowhere" }))).toBe("NOT_FOUND id");
    expect(await stored(theDefault)).not.toBeNull();
  });

  it("denies lesser system roles, Workspace Admins and anonymous callers", async () => {
    const { id } = await registered();
    const editor = await build.user({ roles: [{ role: "SYSTEM_EDITOR" }] });
    const { admin: workspaceAdmin } = await build.workspace();
    expect(outcomeOf(await as(editor).send(DEREGISTER, { id }))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(workspaceAdmin).send(DEREGISTER, { id }))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(undefined).send(DEREGISTER, { id }))).toBe("UNAUTHENTICATED");
    expect(await stored(id)).not.toBeNull();
  });
});
