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

  it("clears the reason that a data plane gave for INACTIVE, but no reason of an operator's", async () => {
    const { id } = await registered();
    const reasonAfter = async (statusReason: { code: string }, given: object) => {
      await db.cluster.update({ where: { id }, data: { status: "INACTIVE", statusReason } });
      expect((await as(admin).send(UPDATE, { id, ...given })).errors).toBeUndefined();
      return (await stored(id)).statusReason;
    };
    const maintenance = { code: "MAINTENANCE" };
    expect(await reasonAfter(maintenance, { status: "ACTIVE" })).toEqual(maintenance);
    for (const code of ["DATA_PLANE_UNREACHABLE", "DATA_PLANE_UNHEALTHY"]) {
      expect(await reasonAfter({ code }, { status: "ACTIVE" })).toBeNull();
      expect(await reasonAfter({ code }, { status: "ACTIVE", statusReason: maintenance })).toEqual(maintenance);
      expect(await reasonAfter({ code }, { status: "INACTIVE" })).toEqual({ code });
      expect(await reasonAfter({ code }, {})).toEqual({ code });
    }
  });

  it("returns that there is no failover", async () => {
    const { id } = await registered();
    const FAILOVER = `query ($id: Uuid!) { cluster(id: $id) { failoverEnabled failoverUpgradeStatus } }`;
    const { data } = await as(admin).send(FAILOVER, { id });
    expect(data.cluster).toEqual({ failoverEnabled: false, failoverUpgradeStatus: null });
  });

  it("merges the override into the stored one, at any depth", async () => {
    const { id } = await registered();
    const send = (deploymentsConfigOverride: unknown) => as(admin).send(UPDATE, { id, deploymentsConfigOverride });
    await send({ astroUnit: { cpu: 3 } });
    await send({ astroUnit: { memory: 4 } });
    expect((await stored(id)).config).toEqual({ maxPodAu: 9, astroUnit: { cpu: 3, memory: 4 } });
    await send(null);
    await send({});
    expect((await stored(id)).config).toEqual({ maxPodAu: 9, astroUnit: { cpu: 3, memory: 4 } });
  });

  it("keeps both of two concurrent updates of different keys", async () => {
    const { id } = await registered();
    const keys = Array.from({ length: 10 }, (_, index) => `own${index}`);
    await Promise.all(keys.map((key) => as(admin).send(UPDATE, { id, deploymentsConfigOverride: { [key]: 1 } })));
    expect(Object.keys((await stored(id)).config as object).sort()).toEqual(["maxPodAu", ...keys].sort());
  });

  it("adds, changes and deletes keys of the cluster's own", async () => {
    const { id } = await registered();
    const send = async (override: object) =>
      outcomeOf(await as(admin).send(UPDATE, { id, deploymentsConfigOverride: override }));
    expect(await send({ team: { name: "blue", size: 1 }, astroUnit: { gpu: 1 } })).toBe("ok");
    expect(await send({ team: { size: 2 } })).toBe("ok");
    expect((await stored(id)).config).toMatchObject({ team: { name: "blue", size: 2 }, astroUnit: { gpu: 1 } });
    expect(await send({ team: { size: "DELETE_KEY" }, astroUnit: { gpu: "DELETE_KEY" } })).toBe("ok");
    expect((await stored(id)).config).toEqual({ maxPodAu: 9, team: { name: "blue" } });
    expect(await send({ team: "DELETE_KEY" })).toBe("ok");
    expect((await stored(id)).config).toEqual({ maxPodAu: 9 });
  });

  it("checks known keys, which cannot be deleted, only overridden", async () => {
    const { id } = await registered();
    const send = async (override: object) =>
      (await as(admin).send(UPDATE, { id, deploymentsConfigOverride: override })).errors?.[0]?.message;
    const undeletable = (key: string) =>
      `deploymentsConfigOverride.${key}: cannot be deleted for a cluster, only overridden`;
    expect(await send({ maxPodAu: "DELETE_KEY" })).toBe(undeletable("maxPodAu"));
    expect(await send({ astroUnit: "DELETE_KEY" })).toBe(undeletable("astroUnit"));
    expect(await send({ airflowComponents: { triggerer: { enabled: "DELETE_KEY" } } })).toBe(
      undeletable("airflowComponents.triggerer.enabled"),
    );
    expect(await send({ maxPodAu: 0, own: 1 })).toContain("deploymentsConfigOverride.maxPodAu: must be a whole number");
    expect(await send({ airflowComponents: { triggerer: { enabled: "no" } } })).toContain(
      "deploymentsConfigOverride.airflowComponents.triggerer.enabled: must be true or false",
    );
    expect((await stored(id)).config).toEqual({ maxPodAu: 9 });
  });

  describe("of an INACTIVE cluster", () => {
    const NOT_ACTIVE = "This operation is not allowed as the cluster is not active";
    const messageOf = async (variables: Record<string, unknown>) =>
      (await as(admin).send(UPDATE, variables)).errors?.map(({ message }) => message) ?? "ok";

    it("rejects a change of name or override, also of the default cluster", async () => {
      const other = await registered();
      const byDefault = await db.cluster.findFirstOrThrow({ where: { isDefault: true } });
      for (const { id, name, config } of [other, byDefault]) {
        expect(await messageOf({ id, status: "INACTIVE" })).toBe("ok");
        expect(await messageOf({ id, name: "renamed there" })).toEqual([NOT_ACTIVE]);
        expect(await messageOf({ id, deploymentsConfigOverride: { maxExtraAu: 3 } })).toEqual([NOT_ACTIVE]);
        expect(await messageOf({ id, status: "INACTIVE", name: "renamed there" })).toEqual([NOT_ACTIVE]);
        expect(await stored(id)).toMatchObject({ name, config, status: "INACTIVE" });
        expect(await messageOf({ id, status: "ACTIVE" })).toBe("ok");
        expect(await messageOf({ id, deploymentsConfigOverride: { maxExtraAu: 3 } })).toBe("ok");
      }
    });

    it("accepts a status, its reason, values that change nothing, and a change that makes it ACTIVE", async () => {
      const { id, name } = await registered();
      await as(admin).send(UPDATE, { id, status: "INACTIVE" });
      const same = { id, name, deploymentsConfigOverride: { maxPodAu: 9 } };
      expect(await messageOf({ ...same, statusReason: { code: "DOWN" } })).toBe("ok");
      expect(await messageOf({ id, status: "ACTIVE", name: `${name} again` })).toBe("ok");
      expect(await stored(id)).toMatchObject({ name: `${name} again`, status: "ACTIVE" });
    });
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
