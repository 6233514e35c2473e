import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build, db } = await testHouston();

const REGISTER = `mutation ($name: String!, $metadataUrl: String!, $deploymentsConfigOverride: JSON) {
  registerCluster(name: $name, metadataUrl: $metadataUrl, deploymentsConfigOverride: $deploymentsConfigOverride) { id name status }
}`;

const admin = await build.systemAdmin();
const metadataUrl = "https://deployments.east.example.com/metadata";
const clusters = () => db.cluster.count();

describe("registerCluster", () => {
  it("registers a cluster with its own settings", async () => {
    const override = { maxPodAu: 10, helm: { airflow: { uid: 5000, anything: { at: "all" } } } };
    const { data } = await as(admin).send(REGISTER, {
      name: " east ",
      metadataUrl,
      deploymentsConfigOverride: override,
    });
    const { id } = data.registerCluster;
    expect(data.registerCluster).toEqual({ id, name: "east", status: "ACTIVE" });
    expect(await db.cluster.findUniqueOrThrow({ where: { id } })).toMatchObject({
      name: "east",
      metadataUrl,
      isDefault: false,
      config: override,
    });
    expect(await db.auditEntry.findFirstOrThrow({ where: { entityId: id } })).toMatchObject({
      action: "registerCluster",
      actor: `user:${admin.id}`,
      detail: { name: "east", settings: ["maxPodAu", "helm"] },
    });
  });

  it("makes the cluster available in lists and to Deployments immediately", async () => {
    await as(admin).send(REGISTER, { name: "west", metadataUrl, deploymentsConfigOverride: null });
    const { data } = await as(admin).send(`{ paginatedClusters(searchPhrase: "west") { count clusters { name } } }`);
    expect(data.paginatedClusters).toEqual({ count: 1, clusters: [{ name: "west" }] });
  });

  it("denies lesser system roles, Workspace Admins and anonymous callers", async () => {
    const before = await clusters();
    const variables = { name: "mine", metadataUrl };
    const editor = await build.user({ roles: [{ role: "SYSTEM_EDITOR" }] });
    const { admin: workspaceAdmin } = await build.workspace();
    expect(outcomeOf(await as(editor).send(REGISTER, variables))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(workspaceAdmin).send(REGISTER, variables))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(undefined).send(REGISTER, variables))).toBe("UNAUTHENTICATED");
    expect(await clusters()).toBe(before);
  });

  it.each([
    [{ name: " " }, "BAD_USER_INPUT name"],
    [{ name: "x".repeat(81) }, "BAD_USER_INPUT name"],
    [{ name: "default" }, "CONFLICT name"],
    [{ metadataUrl: "" }, "BAD_USER_INPUT metadataUrl"],
    [{ metadataUrl: "ftp://east.example.com" }, "BAD_USER_INPUT metadataUrl"],
    [{ metadataUrl: "file:///etc/passwd" }, "BAD_USER_INPUT metadataUrl"],
    [{ metadataUrl: "https://user:secret@east.example.com" }, "BAD_USER_INPUT metadataUrl"],
    [{ metadataUrl: "https:east.example.com" }, "BAD_USER_INPUT metadataUrl"],
    [{ metadataUrl: "https://east.exam\nple.com" }, "BAD_USER_INPUT metadataUrl"],
    [{ deploymentsConfigOverride: [] }, "BAD_USER_INPUT deploymentsConfigOverride"],
    [{ deploymentsConfigOverride: { maxPodAu: 0 } }, "BAD_USER_INPUT deploymentsConfigOverride.maxPodAu"],
    [{ deploymentsConfigOverride: { maxPodAu: "many" } }, "BAD_USER_INPUT deploymentsConfigOverride.maxPodAu"],
    [{ deploymentsConfigOverride: { pagination: {} } }, "BAD_USER_INPUT deploymentsConfigOverride.pagination"],
  ])("rejects %j", async (bad, outcome) => {
    const before = await clusters();
    expect(outcomeOf(await as(admin).send(REGISTER, { name: "north", metadataUrl, ...bad }))).toBe(outcome);
    expect(await clusters()).toBe(before);
  });
});
