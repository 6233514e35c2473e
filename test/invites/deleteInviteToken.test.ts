import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build, db } = await testHouston();

const DELETE = `mutation ($inviteUuid: Uuid, $workspaceUuid: Uuid) {
  deleteInviteToken(inviteUuid: $inviteUuid, workspaceUuid: $workspaceUuid) { id email role assignments }
}`;

let count = 0;
async function invite(workspaceId: string | null) {
  const email = `guest${++count}@example.com`;
  return db.invite.create({
    data: {
      email,
      tokenHash: email,
      workspaceId,
      role: workspaceId === null ? null : "WORKSPACE_EDITOR",
      expiresAt: new Date(Date.now() + 60_000),
    },
  });
}

describe("deleteInviteToken", () => {
  it("deletes an invitation and returns it", async () => {
    const { workspace, admin } = await build.workspace();
    for (const workspaceUuid of [workspace.id, "", null]) {
      const { id, email } = await invite(workspace.id);
      const { data } = await as(admin).send(DELETE, { inviteUuid: id, workspaceUuid });
      expect(data.deleteInviteToken).toMatchObject({ id, email, role: "WORKSPACE_EDITOR" });
      expect(JSON.parse(data.deleteInviteToken.assignments)).toEqual({
        workspaceId: workspace.id,
        role: "WORKSPACE_EDITOR",
        deploymentRoles: [],
      });
      expect(await db.invite.count({ where: { id } })).toBe(0);
      expect(await db.auditEntry.count({ where: { entityId: id, workspaceId: workspace.id } })).toBe(1);
    }
  });

  it("allows only System Admins to delete an invitation to the platform", async () => {
    const { id: inviteUuid } = await invite(null);
    const { admin } = await build.workspace();
    expect(outcomeOf(await as(admin).send(DELETE, { inviteUuid }))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(await build.systemAdmin()).send(DELETE, { inviteUuid }))).toBe("ok");
  });

  it("denies other Workspaces' users, editors and anonymous callers", async () => {
    const [here, there] = [await build.workspace(), await build.workspace()];
    const { id: inviteUuid } = await invite(here.workspace.id);
    for (const someone of [there.admin, here.editor]) {
      expect(outcomeOf(await as(someone).send(DELETE, { inviteUuid }))).toBe("FORBIDDEN");
    }
    // The stored Workspace decides, not the one in the arguments.
    const claim = { inviteUuid, workspaceUuid: there.workspace.id };
    expect(outcomeOf(await as(there.admin).send(DELETE, claim))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(undefined).send(DELETE, { inviteUuid }))).toBe("UNAUTHENTICATED");
    expect(await db.invite.count({ where: { id: inviteUuid } })).toBe(1);
  });

  it("rejects unknown and missing IDs, and a Workspace other than the invitation's", async () => {
    const systemAdmin = await build.systemAdmin();
    const { workspace } = await build.workspace();
    const { id: inviteUuid } = await invite(null);
    expect(outcomeOf(await as(systemAdmin).send(DELETE, { inviteUuid: "nothing" }))).toBe("NOT_FOUND inviteUuid");
    expect(outcomeOf(await as(systemAdmin).send(DELETE, {}))).toBe("BAD_USER_INPUT inviteUuid");
    const elsewhere = { inviteUuid, workspaceUuid: workspace.id };
    expect(outcomeOf(await as(systemAdmin).send(DELETE, elsewhere))).toBe("NOT_FOUND inviteUuid");
    expect(await db.invite.count({ where: { id: inviteUuid } })).toBe(1);
  });

  it("succeeds once for several concurrent requests", async () => {
    const { workspace, admin } = await build.workspace();
    const { id: inviteUuid } = await invite(workspace.id);
    const answers = await Promise.all(Array.from({ length: 10 }, () => as(admin).send(DELETE, { inviteUuid })));
    expect(answers.map(outcomeOf).filter((outcome) => outcome === "ok")).toHaveLength(1);
  });
});
