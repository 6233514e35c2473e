import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build, db } = await testHouston();

const INVITES = `query ($workspaceUuid: Uuid!, $invite: InviteSearch) {
  workspaceInvites(workspaceUuid: $workspaceUuid, invite: $invite) { id email role token assignments }
  workspace(workspaceUuid: $workspaceUuid) { invites { id } }
}`;

const { workspace, admin, editor } = await build.workspace();
const other = await build.workspace();
const invite = (email: string, workspaceId: string | null, given: object = {}) =>
  db.invite.create({
    data: {
      email,
      workspaceId,
      role: workspaceId === null ? null : "WORKSPACE_EDITOR",
      tokenHash: `${email} ${workspaceId}`,
      expiresAt: new Date(Date.now() + 60_000),
      ...given,
    },
  });
const older = await invite("older@example.com", workspace.id, { createdAt: new Date("2026-01-01") });
const newer = await invite("newer@example.com", workspace.id);
await invite("newer@example.com", other.workspace.id);
await invite("newer@example.com", null);
await invite("late@example.com", workspace.id, { expiresAt: new Date(0) });

describe("workspaceInvites", () => {
  it("lists open invitations to the Workspace, newest first", async () => {
    const { data } = await as(admin).send(INVITES, { workspaceUuid: workspace.id, invite: {} });
    expect(data.workspaceInvites).toEqual([
      {
        id: newer.id,
        email: newer.email,
        role: "WORKSPACE_EDITOR",
        token: null,
        assignments: expect.stringContaining(workspace.id),
      },
      expect.objectContaining({ id: older.id }),
    ]);
    expect(data.workspace.invites).toEqual({ id: newer.id });
  });

  it.each([
    [{ email: "OLDER@example.com" }, [older.id]],
    [{ inviteUuid: newer.id, email: "" }, [newer.id]],
    [{ inviteUuid: newer.id, email: older.email }, []],
  ])("searches for %j", async (search, ids) => {
    const { data } = await as(admin).send(INVITES, { workspaceUuid: workspace.id, invite: search });
    expect(data.workspaceInvites.map(({ id }: { id: string }) => id)).toEqual(ids);
  });

  it("denies editors, other Workspaces' users and anonymous callers", async () => {
    const variables = { workspaceUuid: workspace.id };
    expect((await as(editor).send(INVITES, variables)).errors).toMatchObject([
      { path: ["workspaceInvites"], extensions: { code: "FORBIDDEN" } },
    ]);
    expect(outcomeOf(await as(other.admin).send(INVITES, variables))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(undefined).send(INVITES, variables))).toBe("UNAUTHENTICATED");
  });
});
