import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build, db } = await testHouston();

const INVITES = `query ($invite: InviteSearch) { invites(invite: $invite) { id email } }`;

const admin = await build.systemAdmin();
const { workspace } = await build.workspace();
const invite = (email: string, given: object = {}) =>
  db.invite.create({
    data: { email, tokenHash: email, expiresAt: new Date(Date.now() + 60_000), ...given },
  });
const platform = await invite("platform@example.com", { createdAt: new Date("2026-01-01") });
const member = await invite("member@example.com", { workspaceId: workspace.id, role: "WORKSPACE_VIEWER" });
await invite("late@example.com", { expiresAt: new Date(Date.now() - 1) });

describe("invites", () => {
  it("lists open invitations to the platform and to Workspaces, newest first", async () => {
    const { data } = await as(admin).send(INVITES);
    expect(data.invites).toEqual([
      { id: member.id, email: member.email },
      { id: platform.id, email: platform.email },
    ]);
  });

  it.each([
    [{ email: "Platform@example.com", inviteUuid: "" }, [platform.id]],
    [{ inviteUuid: member.id }, [member.id]],
    [{ inviteUuid: member.id, email: platform.email }, []],
    [{ email: "late@example.com" }, []],
  ])("searches for %j", async (search, ids) => {
    const { data } = await as(admin).send(INVITES, { invite: search });
    expect(data.invites.map(({ id }: { id: string }) => id)).toEqual(ids);
  });

  it("denies everyone but System Admins", async () => {
    const viewer = await build.user({ roles: [{ role: "SYSTEM_VIEWER" }] });
    expect(outcomeOf(await as(viewer).send(INVITES))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(undefined).send(INVITES))).toBe("UNAUTHENTICATED");
  });
});
