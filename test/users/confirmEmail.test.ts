import { describe, expect, it } from "vitest";
import { hashOf, newToken } from "../../src/platform/secrets/tokens.ts";
import { testHouston } from "../support/houston.ts";
import { createMailbox } from "../support/mailbox.ts";

const mailbox = createMailbox();
const { as, build, db } = await testHouston({ publicSignups: true, email: { folder: mailbox.folder } });
const root = await build.systemAdmin();

const CONFIRM = `mutation ($token: String!, $duration: Int) {
  confirmEmail(token: $token, duration: $duration) {
    user { id status emails { verified } roleBindings { role workspace { id } } } token { value payload { iat exp } }
  }
}`;

const confirm = (token: string, duration?: number) => as(undefined).send(CONFIRM, { token, duration });

/** Signs a user up and returns the token from their mail. */
async function signUp(address: string) {
  await as(undefined).send(
    `mutation { createUser(email: "${address}", password: "correct horse") { token { value } } }`,
  );
  return mailbox.token("confirm", address);
}

describe("confirmEmail", () => {
  it("verifies the address, activates the user, grants invited roles and signs in", async () => {
    const { workspace } = await build.workspace();
    const expiresAt = new Date(Date.now() + 60_000);
    const common = { email: "ada@example.com", role: "WORKSPACE_EDITOR" as const, invitedBy: `user:${root.id}` };
    await db.invite.create({ data: { ...common, workspaceId: workspace.id, tokenHash: newToken(), expiresAt } });
    const { workspace: late } = await build.workspace();
    await db.invite.create({
      data: { ...common, workspaceId: late.id, tokenHash: newToken(), expiresAt: new Date(0) },
    });

    const { data } = await confirm(await signUp("ada@example.com"), 120_000);
    const { user, token } = data.confirmEmail;
    expect(user).toMatchObject({
      status: "active",
      emails: [{ verified: true }],
      roleBindings: [{ role: "WORKSPACE_EDITOR", workspace: { id: workspace.id } }],
    });
    expect(token.payload.exp - token.payload.iat).toBe(120);
    expect((await as({ token: token.value }).send("{ self { user { id } } }")).data.self.user.id).toBe(user.id);
    expect(await db.invite.findMany({ where: { email: "ada@example.com" } })).toMatchObject([{ workspaceId: late.id }]);
    expect(await db.auditEntry.count({ where: { action: "confirmEmail", entityId: user.id } })).toBe(1);
  });

  it("T17: works once, also for twenty concurrent requests", async () => {
    const token = await signUp("once@example.com");
    const answers = await Promise.all(Array.from({ length: 20 }, () => confirm(token)));
    expect(answers.filter(({ errors }) => !errors)).toHaveLength(1);
    expect(await db.session.count({ where: { user: { username: "once@example.com" } } })).toBe(1);
    expect((await confirm(token)).errors).toMatchObject([
      { extensions: { code: "BAD_USER_INPUT", argument: "token" } },
    ]);
  });

  it("T17: rejects an unknown or expired token and keeps the user pending", async () => {
    const token = await signUp("late@example.com");
    await db.email.update({
      where: { address: "late@example.com" },
      data: { confirmTokenExpiresAt: new Date(Date.now() - 1000) },
    });
    for (const bad of [token, "", "made-up", hashOf(token)]) {
      const { data, errors } = await confirm(bad);
      expect(data.confirmEmail).toBeNull();
      expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT", argument: "token" } }]);
    }
    const user = await db.user.findUniqueOrThrow({ where: { username: "late@example.com" } });
    expect(user.status).toBe("pending");
  });

  it("rejects a duration that is too short and keeps the token", async () => {
    const token = await signUp("short@example.com");
    expect((await confirm(token, 5)).errors).toMatchObject([{ extensions: { argument: "duration" } }]);
    expect((await confirm(token)).errors).toBeUndefined();
  });
});
