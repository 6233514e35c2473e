import bcrypt from "bcrypt";
import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { createMailbox } from "../support/mailbox.ts";

const mailbox = createMailbox();
const { as, build, db } = await testHouston({ email: { folder: mailbox.folder } });

const RESET = `mutation ($token: String!, $password: String!, $duration: Int) {
  resetPassword(token: $token, password: $password, duration: $duration) { user { id } token { value payload { id } } }
}`;

const NEW = "another horse";
const reset = (token: string, password = NEW, duration?: number) =>
  as(undefined).send(RESET, { token, password, duration });

/** A user with a password who has requested a reset. */
async function forgetful(verified = true) {
  const user = await build.user({
    localCredential: { create: { passwordHash: await bcrypt.hash("correct horse", 4) } },
  });
  if (!verified) await db.email.update({ where: { address: user.email }, data: { verified } });
  await as(undefined).send(`mutation { forgotPassword(email: "${user.email}") }`);
  return { user, token: await mailbox.token("reset", user.email) };
}

describe("resetPassword", () => {
  it("T8: sets the password, revokes every session, verifies the address and signs in", async () => {
    const { user, token } = await forgetful(false);
    const { data } = await reset(token);
    expect(data.resetPassword).toMatchObject({ user: { id: user.id }, token: { payload: { id: user.id } } });
    expect((await as(user).send("{ self { isAdmin } }")).errors).toMatchObject([
      { extensions: { code: "UNAUTHENTICATED" } },
    ]);
    const fresh = { token: data.resetPassword.token.value };
    expect((await as(fresh).send("{ self { user { id } } }")).data.self.user.id).toBe(user.id);
    const signIn = `mutation ($password: String!) { createToken(identity: "${user.email}", password: $password) { isAdmin } }`;
    expect((await as(undefined).send(signIn, { password: NEW })).errors).toBeUndefined();
    expect((await as(undefined).send(signIn, { password: "correct horse" })).errors).toHaveLength(1);
    expect(await db.email.findUniqueOrThrow({ where: { address: user.email } })).toMatchObject({ verified: true });
    expect(await db.auditEntry.count({ where: { action: "resetPassword", entityId: user.id } })).toBe(1);
  });

  it("T16: works once, also for twenty concurrent requests", async () => {
    const { user, token } = await forgetful();
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => reset(token, `${NEW} ${n}`)));
    const through = answers.findIndex(({ errors }) => !errors);
    expect(answers.filter(({ errors }) => !errors)).toHaveLength(1);
    const { passwordHash } = await db.localCredential.findUniqueOrThrow({ where: { userId: user.id } });
    expect(await bcrypt.compare(`${NEW} ${through}`, passwordHash)).toBe(true);
    expect(await db.session.count({ where: { userId: user.id } })).toBe(1);
    expect((await reset(token)).errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT", argument: "token" } }]);
  });

  it("T16: rejects an unknown or expired token, and changes nothing", async () => {
    const { user, token } = await forgetful();
    const before = await db.localCredential.update({
      where: { userId: user.id },
      data: { resetTokenExpiresAt: new Date(Date.now() - 1000) },
    });
    for (const bad of [token, "", "made-up"]) {
      const { data, errors } = await reset(bad);
      expect(data.resetPassword).toBeNull();
      expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT", argument: "token" } }]);
    }
    expect(await db.localCredential.findUniqueOrThrow({ where: { userId: user.id } })).toEqual(before);
    expect((await as(user).send("{ self { isAdmin } }")).errors).toBeUndefined();
  });

  it.each([
    ["short", undefined, "password"],
    ["x".repeat(73), undefined, "password"],
    [NEW, 59_999, "duration"],
  ])("rejects the password %j with duration %j and keeps the token", async (password, duration, argument) => {
    const { token } = await forgetful();
    const { errors } = await reset(token, password, duration);
    expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT", argument } }]);
    expect((await reset(token)).errors).toBeUndefined();
  });
});
