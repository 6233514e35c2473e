import bcrypt from "bcrypt";
import { describe, expect, it } from "vitest";
import { hashOf, newToken } from "../../src/platform/secrets/tokens.ts";
import type { Answer } from "../support/as.ts";
import { testHouston } from "../support/houston.ts";
import { createMailbox } from "../support/mailbox.ts";

const mailbox = createMailbox();
const email = { folder: mailbox.folder };
// On a busy machine, fifty sign-ups wait longer for a connection than the default allows.
const closed = await testHouston({ email, database: { pool: { acquireTimeout: 25_000, requestTimeout: 25_000 } } });
const open = await testHouston({ publicSignups: true, email });
const trusting = await testHouston({ publicSignups: true, emailConfirmation: false, email });
const off = await testHouston({ auth: { local: { enabled: false } }, email });
type Houston = typeof closed;

const CREATE = `mutation ($email: String!, $password: String!, $username: String, $profile: JSON, $inviteToken: String, $duration: Int) {
  createUser(email: $email, password: $password, username: $username, profile: $profile, inviteToken: $inviteToken, duration: $duration) {
    user { id username fullName status emails { address verified primary } profile { key value } roleBindings { role } }
    token { value payload { id uuid iat exp } } permissions isAdmin authUserCapabilities { canSysAdmin }
  }
}`;

const PASSWORD = "correct horse";
const signUp = ({ as }: Houston, variables: Record<string, unknown>) =>
  as(undefined).send(CREATE, { password: PASSWORD, ...variables });

const codesOf = (answers: Answer[]) => answers.map(({ errors }) => errors?.[0]?.extensions.code ?? "ok");

/** An invitation for `address`, with its token. */
async function invite({ build, db }: Houston, address: string, given: object = {}) {
  const token = newToken();
  const invitedBy = `user:${(await build.systemAdmin()).id}`;
  const expiresAt = new Date(Date.now() + 60_000);
  await db.invite.create({ data: { email: address, tokenHash: hashOf(token), expiresAt, invitedBy, ...given } });
  return token;
}

describe("the first createUser", () => {
  it("T26: makes one System Admin of fifty users who sign up concurrently", async () => {
    const { as, db } = closed;
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, n) => signUp(closed, { email: `First${n}@Example.com` })),
    );
    expect(codesOf(answers).filter((code) => code === "ok")).toHaveLength(1);
    expect(codesOf(answers).filter((code) => code === "FEATURE_DISABLED")).toHaveLength(49);
    expect(await db.user.count()).toBe(1);
    expect(await db.roleBinding.findMany({ select: { role: true } })).toEqual([{ role: "SYSTEM_ADMIN" }]);

    const { createUser } = answers.find(({ errors }) => !errors)?.data ?? {};
    expect(createUser).toMatchObject({
      user: { status: "active", emails: [{ verified: true, primary: true }], roleBindings: [{ role: "SYSTEM_ADMIN" }] },
      isAdmin: true,
      authUserCapabilities: { canSysAdmin: true },
      permissions: { system: expect.arrayContaining(["system.iam.update", "workspace.config.get"]), workspace: {} },
    });
    const { token, user } = createUser;
    expect(token.payload).toMatchObject({ id: user.id, uuid: user.id });
    expect(token.payload.exp - token.payload.iat).toBe(86_400);
    expect((await as({ token: token.value }).send("{ self { user { id } } }")).data.self.user.id).toBe(user.id);
    expect(user.username).toBe(user.emails[0].address);
    expect(user.username).toMatch(/^first\d+@example\.com$/);
    const { passwordHash } = await db.localCredential.findFirstOrThrow();
    expect(await bcrypt.compare(PASSWORD, passwordHash)).toBe(true);
  });
});

describe("createUser by invitation", () => {
  it("is required while public sign-up is off", async () => {
    await invite(closed, "waiting@example.com");
    const { errors, data } = await signUp(closed, { email: "waiting@example.com", inviteToken: "" });
    expect(data.createUser).toBeNull();
    expect(errors).toMatchObject([
      { message: expect.stringContaining("publicSignups"), extensions: { code: "FEATURE_DISABLED" } },
    ]);
  });

  it("grants the roles of all invitations for the address, except in deleted Deployments", async () => {
    const { build, db } = closed;
    const [{ deployment, home }, gone, foreign, other] = await Promise.all([
      build.deployment(),
      build.deployment({ deletedAt: new Date() }),
      build.deployment(),
      build.workspace(),
    ]);
    const workspaceId = deployment.workspaceId;
    const deploymentRoles = [deployment, gone.deployment, foreign.deployment, { id: "never-was" }].map(({ id }) => ({
      deploymentId: id,
      role: "DEPLOYMENT_EDITOR",
    }));
    const inviteToken = await invite(closed, "ada@example.com", {
      workspaceId,
      role: "WORKSPACE_VIEWER",
      deploymentRoles,
    });
    await invite(closed, "ada@example.com", { workspaceId: other.workspace.id, role: "WORKSPACE_EDITOR" });
    const variables = {
      email: "Ada@Example.com",
      username: "ada",
      profile: { fullName: "Ada L", team: "blue", age: 36 },
    };
    const { data } = await signUp(closed, { ...variables, inviteToken });
    const { user, token, permissions, isAdmin } = data.createUser;
    expect(user).toMatchObject({
      username: "ada",
      fullName: "Ada L",
      status: "active",
      emails: [{ address: "ada@example.com", verified: true }],
    });
    expect(user.profile).toEqual([
      { key: "age", value: "36" },
      { key: "team", value: "blue" },
    ]);
    expect(isAdmin).toBe(false);
    expect(token.value).toMatch(/\./);
    expect(permissions.system).toContain("system.workspace.create");
    expect(permissions.workspace[workspaceId]).toContain("workspace.config.get");
    expect(permissions.workspace[workspaceId]).not.toContain("workspace.config.update");
    expect(permissions.deployment[deployment.id]).toContain("deployment.config.update");
    const held = await db.roleBinding.findMany({ where: { userId: user.id } });
    expect(held.map(({ role, workspaceId, deploymentId }) => [role, workspaceId ?? deploymentId]).sort()).toEqual(
      [
        ["WORKSPACE_VIEWER", home?.workspace.id ?? ""],
        ["WORKSPACE_EDITOR", other.workspace.id],
        ["DEPLOYMENT_EDITOR", deployment.id],
      ].sort(),
    );
    expect(await db.invite.count({ where: { email: "ada@example.com" } })).toBe(0);
    expect(await db.auditEntry.findFirstOrThrow({ where: { entityId: user.id } })).toMatchObject({
      action: "createUser",
      actor: "anonymous",
    });
  });

  it("T18: accepts an invitation once for twenty concurrent requests", async () => {
    const { build, db } = closed;
    const { workspace } = await build.workspace();
    const where = { workspaceId: workspace.id, role: "WORKSPACE_EDITOR" as const };
    const inviteToken = await invite(closed, "race@example.com", where);
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        signUp(closed, { email: "race@example.com", username: `racer${n}`, inviteToken }),
      ),
    );
    expect(codesOf(answers).sort()).toEqual([...Array(19).fill("BAD_USER_INPUT"), "ok"]);
    expect(await db.user.count({ where: { username: { startsWith: "racer" } } })).toBe(1);
    expect(await db.roleBinding.count({ where: { ...where, user: { username: { startsWith: "racer" } } } })).toBe(1);
  });

  it("T18: rejects an invitation that is unknown, expired or for another address, and keeps it", async () => {
    const { db } = closed;
    const other = await invite(closed, "bob@example.com");
    const old = await invite(closed, "eve@example.com", { expiresAt: new Date(Date.now() - 1000) });
    for (const inviteToken of [other, old, "made-up"]) {
      const { errors } = await signUp(closed, { email: "eve@example.com", inviteToken });
      expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT", argument: "inviteToken" } }]);
    }
    expect(await db.user.count({ where: { username: "eve@example.com" } })).toBe(0);
    expect(await db.invite.count({ where: { email: { in: ["bob@example.com", "eve@example.com"] } } })).toBe(2);
  });
});

describe("public createUser", () => {
  it("requires confirmation: a pending user, a mail, no token, no invited roles", async () => {
    const { as, build, db } = open;
    await build.systemAdmin();
    const { workspace } = await build.workspace();
    await invite(open, "new@example.com", { workspaceId: workspace.id, role: "WORKSPACE_ADMIN" });
    const { data } = await signUp(open, { email: "new@example.com", profile: { fullName: "Visit evil.example" } });
    expect(data.createUser).toMatchObject({
      user: { status: "pending", emails: [{ address: "new@example.com", verified: false }], roleBindings: [] },
      token: null,
      isAdmin: false,
      permissions: { system: [], workspace: {}, deployment: {} },
    });
    const token = await mailbox.token("confirm", "new@example.com");
    const [mail] = await mailbox.mails("confirm", "new@example.com");
    expect(mail?.text).toContain("http://localhost:");
    expect(mail?.text).not.toContain("evil");
    const stored = await db.email.findUniqueOrThrow({ where: { address: "new@example.com" } });
    expect(stored.confirmTokenHash).toBe(hashOf(token));
    expect(await db.roleBinding.count({ where: { userId: stored.userId } })).toBe(0);
    expect(await db.invite.count({ where: { email: "new@example.com" } })).toBe(1);
    expect(await db.session.count({ where: { userId: stored.userId } })).toBe(0);
    const { errors } = await as(undefined).send(
      `mutation { createToken(identity: "new@example.com", password: "${PASSWORD}") { token { value } } }`,
    );
    expect(errors).toMatchObject([{ message: expect.stringContaining("Confirm"), extensions: { code: "FORBIDDEN" } }]);
  });

  it("activates the user without emailConfirmation, and leaves the address unverified", async () => {
    await trusting.build.systemAdmin();
    const { data } = await signUp(trusting, { email: "quick@example.com", duration: 60_000 });
    expect(data.createUser.user).toMatchObject({ status: "active", emails: [{ verified: false }] });
    const { iat, exp } = data.createUser.token.payload;
    expect(exp - iat).toBe(60);
  });

  it("rejects an address or username in use, also in concurrent requests", async () => {
    const { build, db } = trusting;
    const someone = await build.user({ username: "taken" });
    const byEmail = await signUp(trusting, { email: someone.email.toUpperCase(), username: "free" });
    expect(byEmail.errors).toMatchObject([{ extensions: { code: "CONFLICT", argument: "email" } }]);
    const byName = await signUp(trusting, { email: "free@example.com", username: "taken" });
    expect(byName.errors).toMatchObject([{ extensions: { code: "CONFLICT", argument: "username" } }]);
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => signUp(trusting, { email: "twice@example.com" })),
    );
    expect(codesOf(answers).sort()).toEqual([...Array(9).fill("CONFLICT"), "ok"]);
    expect(await db.email.count({ where: { address: { in: ["free@example.com", "twice@example.com"] } } })).toBe(1);
  });

  it.each([
    [/^email: must be an e-mail address/, { email: "nobody" }],
    [/^password: must be a string of at least 8 characters/, { password: "7 chars" }],
    [/^password: .*at most 72 bytes/, { password: "é".repeat(37) }],
    [/^password: .*at most 72 bytes/, { password: "ﬃ".repeat(25) }],
    [/^password: must be valid Unicode/, { password: "half a \ud800 pair" }],
    [/^username: may only contain an @/, { username: "victim@example.com" }],
    [/^username: must be a string of 1 to 254/, { username: "x".repeat(255) }],
    [/^username: must not contain line breaks, invisible/, { username: "ta\tb" }],
    [/^username: must not contain a NUL/, { username: "nul\0" }],
    [/^profile: must be an object/, { profile: ["a"] }],
    [/^profile\.deep: must be a string/, { profile: { deep: { er: 1 } } }],
    [/^profile\.text: must not contain a NUL/, { profile: { text: "nul\0" } }],
    [/^profile\.fullName: must be a string of at most 200/, { profile: { fullName: "x".repeat(201) } }],
    [/^profile: .*50 values/, { profile: Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`k${n}`, n])) }],
    [/^duration: must be a whole number of milliseconds, at least 60,000/, { duration: 59_999 }],
    [/^inviteToken: /, { inviteToken: "made-up" }],
  ])("rejects invalid input with %s", async (message, given) => {
    const before = await open.db.user.count();
    const { errors } = await signUp(open, { email: "bad@example.com", ...given });
    expect(errors).toMatchObject([
      { message: expect.stringMatching(message), extensions: { code: "BAD_USER_INPUT", argument: expect.any(String) } },
    ]);
    expect(await open.db.user.count()).toBe(before);
  });

  it("accepts 72 bytes, and the user's own address as username", async () => {
    const address = "long@example.com";
    const { data } = await signUp(open, { email: address, username: "LONG@example.com", password: "é".repeat(36) });
    expect(data.createUser.user.username).toBe(address);
  });

  it("is disabled together with local sign-in, even for the first user", async () => {
    const { errors } = await signUp(off, { email: "first@example.com" });
    expect(errors).toMatchObject([{ extensions: { code: "FEATURE_DISABLED" } }]);
    expect(await off.db.user.count()).toBe(0);
  });
});
