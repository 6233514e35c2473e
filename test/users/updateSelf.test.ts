import bcrypt from "bcrypt";
import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";

const { as, build, db } = await testHouston();

const UPDATE = `mutation ($payload: JSON!) { updateSelf(payload: $payload) { id username fullName profile { key value } } }`;

const PASSWORD = "correct horse";
const localCredential = { create: { passwordHash: bcrypt.hashSync(PASSWORD, 10) } };

describe("updateSelf", () => {
  it("changes the provided fields and keeps the rest", async () => {
    const user = await build.user({ profile: { team: "red" } });
    const first = await as(user).send(UPDATE, { payload: { fullName: " Ada Lovelace ", username: "" } });
    expect(first.data.updateSelf).toEqual({
      id: user.id,
      username: user.username,
      fullName: "Ada Lovelace",
      profile: [{ key: "team", value: "red" }],
    });
    const second = await as(user).send(UPDATE, { payload: { username: "ada", profile: { floor: 3 } } });
    expect(second.data.updateSelf).toMatchObject({
      username: "ada",
      fullName: "Ada Lovelace",
      profile: [{ key: "floor", value: "3" }],
    });
    expect(await db.user.findUniqueOrThrow({ where: { id: user.id } })).toMatchObject({ username: "ada" });
    expect(
      await db.auditEntry.findFirst({ where: { entityId: user.id }, orderBy: { createdAt: "desc" } }),
    ).toMatchObject({
      action: "updateSelf",
      actor: `user:${user.id}`,
      detail: { changed: ["profile", "username"] },
    });
    const back = await as(user).send(UPDATE, { payload: { username: user.email.toUpperCase() } });
    expect(back.data.updateSelf.username).toBe(user.email);
  });

  it("T8: changes the password, revokes other sessions and keeps this one", async () => {
    const user = await build.user({ localCredential });
    const elsewhere = { token: await build.tokenOf(user.id) };
    await db.localCredential.update({
      where: { userId: user.id },
      data: { resetTokenHash: "x", resetTokenExpiresAt: new Date() },
    });
    const payload = { password: "another horse", currentPassword: PASSWORD };
    expect((await as(user).send(UPDATE, { payload })).data.updateSelf.id).toBe(user.id);
    expect((await as(elsewhere).send("{ self { isAdmin } }")).errors).toMatchObject([
      { extensions: { code: "UNAUTHENTICATED" } },
    ]);
    expect((await as(user).send("{ self { isAdmin } }")).errors).toBeUndefined();
    const stored = await db.localCredential.findUniqueOrThrow({ where: { userId: user.id } });
    expect(await bcrypt.compare("another horse", stored.passwordHash)).toBe(true);
    expect(stored.resetTokenHash).toBeNull();
    const { detail } = await db.auditEntry.findFirstOrThrow({ where: { entityId: user.id } });
    expect(JSON.stringify(detail)).not.toContain("horse");
  });

  it("accepts one of ten concurrent password changes", async () => {
    const user = await build.user({ localCredential });
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, n) =>
        as(user).send(UPDATE, { payload: { password: `another horse ${n}`, currentPassword: PASSWORD } }),
      ),
    );
    expect(answers.filter(({ errors }) => !errors)).toHaveLength(1);
  });

  it("rejects a username in use", async () => {
    const [user, other] = await Promise.all([build.user(), build.user({ username: "hers" })]);
    const { errors } = await as(user).send(UPDATE, { payload: { username: other.username, fullName: "Half" } });
    expect(errors).toMatchObject([{ extensions: { code: "CONFLICT", argument: "payload.username" } }]);
    expect(await db.user.findUniqueOrThrow({ where: { id: user.id } })).toMatchObject({ fullName: "Test Person" });
  });

  it.each([
    ["text", "payload: must be an object"],
    [{ role: "SYSTEM_ADMIN" }, "payload.role: is not a known field"],
    [{ status: "active", emails: [] }, "payload.status, emails: is not a known field"],
    [{ fullName: "x".repeat(201) }, "payload.fullName: must be a string of at most 200"],
    [{ username: "a\nb" }, "payload.username: must not contain"],
    [{ username: "someone.else@example.com" }, "payload.username: may only contain an @"],
    [{ password: "short", currentPassword: PASSWORD }, "payload.password: must be a string of at least 8 characters"],
    [{ password: "another horse" }, "payload.currentPassword: is required"],
    [{ currentPassword: PASSWORD }, "payload.password: is required"],
    [
      { password: "another horse", currentPassword: "wrong horse" },
      "payload.currentPassword: must be your current password",
    ],
  ])("rejects %j", async (payload, message) => {
    const user = await build.user({ localCredential });
    const { errors } = await as(user).send(UPDATE, { payload });
    expect(errors).toMatchObject([
      { message: expect.stringContaining(message), extensions: { code: "BAD_USER_INPUT" } },
    ]);
    const row = await db.user.findUniqueOrThrow({ where: { id: user.id } });
    expect(row.updatedAt).toEqual(user.updatedAt);
  });

  it("denies service accounts and anonymous callers", async () => {
    const account = await build.serviceAccount({ role: "SYSTEM_ADMIN" });
    const payload = { fullName: "Robot" };
    expect((await as(account).send(UPDATE, { payload })).errors).toMatchObject([{ extensions: { code: "FORBIDDEN" } }]);
    expect((await as(undefined).send(UPDATE, { payload })).errors).toMatchObject([
      { extensions: { code: "UNAUTHENTICATED" } },
    ]);
  });
});
