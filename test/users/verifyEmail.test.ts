import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build, db } = await testHouston();

const VERIFY = `mutation ($email: String!) { verifyEmail(email: $email) }`;

const admin = await build.systemAdmin();

async function pendingUser() {
  const user = await build.user({ status: "pending" });
  await db.email.update({
    where: { address: user.email },
    data: { verified: false, confirmTokenHash: user.id, confirmTokenExpiresAt: new Date(Date.now() + 60_000) },
  });
  return user;
}

describe("verifyEmail", () => {
  it("verifies the address, activates its user and grants invited roles", async () => {
    const user = await pendingUser();
    const { workspace } = await build.workspace();
    const inviter = await build.systemAdmin();
    await db.invite.create({
      data: {
        invitedBy: `user:${inviter.id}`,
        email: user.email,
        tokenHash: user.id,
        workspaceId: workspace.id,
        role: "WORKSPACE_EDITOR",
        expiresAt: new Date(Date.now() + 60_000),
      },
    });
    for (const email of [user.email.toUpperCase(), user.email]) {
      const { data } = await as(admin).send(VERIFY, { email });
      expect(data.verifyEmail).toBe(true);
    }
    const row = await db.user.findUniqueOrThrow({
      where: { id: user.id },
      include: { emails: true, roleBindings: true },
    });
    expect(row).toMatchObject({
      status: "active",
      emails: [{ verified: true, confirmTokenHash: null }],
      roleBindings: [{ role: "WORKSPACE_EDITOR", workspaceId: workspace.id }],
    });
    expect(outcomeOf(await as(user).send("{ self { user { id } } }"))).toBe("ok");
  });

  it("returns false for an unknown address and rejects a malformed one", async () => {
    const { data } = await as(admin).send(VERIFY, { email: "nobody@example.com" });
    expect(data.verifyEmail).toBe(false);
    expect(await db.auditEntry.count({ where: { detail: { path: ["email"], equals: "nobody@example.com" } } })).toBe(0);
    expect(outcomeOf(await as(admin).send(VERIFY, { email: "nobody" }))).toBe("BAD_USER_INPUT email");
  });

  it("denies everyone but System Admins", async () => {
    const { email } = await pendingUser();
    const editor = await build.user({ roles: [{ role: "SYSTEM_EDITOR" }] });
    expect(outcomeOf(await as(editor).send(VERIFY, { email }))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(undefined).send(VERIFY, { email }))).toBe("UNAUTHENTICATED");
    expect(await db.email.findUniqueOrThrow({ where: { address: email } })).toMatchObject({ verified: false });
  });
});
