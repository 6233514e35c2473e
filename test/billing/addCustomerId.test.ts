import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build, db } = await testHouston();

const ADD = `mutation ($workspaceUuid: Uuid!, $stripeCustomerId: String!) {
  addCustomerId(workspaceUuid: $workspaceUuid, stripeCustomerId: $stripeCustomerId) { id stripeCustomerId }
}`;
const READ = `query ($workspaceUuid: Uuid!) { workspace(workspaceUuid: $workspaceUuid) { id stripeCustomerId } }`;

describe("addCustomerId", () => {
  it("stores the ID and replaces an earlier one", async () => {
    const [{ workspace }, admin] = [await build.workspace(), await build.systemAdmin()];
    await as(admin).send(ADD, { workspaceUuid: workspace.id, stripeCustomerId: "cus_1" });
    const { data } = await as(admin).send(ADD, { workspaceUuid: workspace.id, stripeCustomerId: "cus_2" });
    expect(data.addCustomerId).toEqual({ id: workspace.id, stripeCustomerId: "cus_2" });
    expect(await db.workspace.findUniqueOrThrow({ where: { id: workspace.id } })).toMatchObject({
      stripeCustomerId: "cus_2",
    });
    expect(await db.auditEntry.count({ where: { entityId: workspace.id, action: "addCustomerId" } })).toBe(2);
  });

  it("returns the ID only to callers with billing permissions", async () => {
    const [{ workspace, admin }, systemAdmin] = [await build.workspace(), await build.systemAdmin()];
    await as(systemAdmin).send(ADD, { workspaceUuid: workspace.id, stripeCustomerId: "cus_1" });
    const shown = async (someone: { token: string }) =>
      (await as(someone).send(READ, { workspaceUuid: workspace.id })).data.workspace.stripeCustomerId;
    expect(await shown(systemAdmin)).toBe("cus_1");
    expect(await shown(admin)).toBeNull();
    expect(await shown(await build.user({ roles: [{ role: "SYSTEM_VIEWER" }] }))).toBeNull();
  });

  it("denies Workspace Admins and anonymous callers", async () => {
    const { workspace, admin } = await build.workspace();
    const variables = { workspaceUuid: workspace.id, stripeCustomerId: "cus_1" };
    expect(outcomeOf(await as(admin).send(ADD, variables))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(undefined).send(ADD, variables))).toBe("UNAUTHENTICATED");
    expect(await db.workspace.findUniqueOrThrow({ where: { id: workspace.id } })).toEqual(workspace);
  });

  it.each(["", "   ", "cus 1", "x".repeat(256)])("rejects the ID %j", async (stripeCustomerId) => {
    const { workspace } = await build.workspace();
    const answer = await as(await build.systemAdmin()).send(ADD, { workspaceUuid: workspace.id, stripeCustomerId });
    expect(outcomeOf(answer)).toBe("BAD_USER_INPUT stripeCustomerId");
    expect(await db.workspace.findUniqueOrThrow({ where: { id: workspace.id } })).toEqual(workspace);
  });
});
