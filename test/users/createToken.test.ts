import { setTimeout as sleep } from "node:timers/promises";
import bcrypt from "bcrypt";
import { describe, expect, it, vi } from "vitest";
import { testHouston } from "../support/houston.ts";

const { as, build, db } = await testHouston();
const off = await testHouston({ auth: { local: { enabled: false } } });

const SIGN_IN = `mutation ($identity: String, $password: String!, $duration: Int) {
  createToken(identity: $identity, password: $password, duration: $duration) {
    user { id roleBindings { role } } token { value payload { id uuid iat exp } } isAdmin permissions
  }
}`;

const PASSWORD = "correct horse";
const passwordHash = bcrypt.hashSync(PASSWORD, 10);

/** A person with a password. */
const person = (given: Parameters<typeof build.user>[0] = {}) =>
  build.user({ ...given, localCredential: { create: { passwordHash } } });

const signIn = (identity: unknown, password = PASSWORD, duration?: number) =>
  as(undefined).send(SIGN_IN, { identity, password, duration });

describe("createToken", () => {
  it("signs in by e-mail in any case and by username", async () => {
    const user = await person({ username: "grace", email: "grace@example.com" });
    for (const identity of ["grace@example.com", " GRACE@Example.com", "grace"]) {
      const { data } = await signIn(identity);
      const { token, user: own } = data.createToken;
      expect(own.id).toBe(user.id);
      expect(token.payload).toMatchObject({ id: user.id, uuid: user.id });
      const self = await as({ token: token.value }).send("{ self { user { username } } }");
      expect(self.data.self.user.username).toBe("grace");
    }
    expect(await db.session.count({ where: { userId: user.id } })).toBe(4);
  });

  it("answers roles and permissions of the person", async () => {
    const { email } = await person({ roles: [{ role: "SYSTEM_ADMIN" }] });
    const { data } = await signIn(email);
    expect(data.createToken).toMatchObject({ isAdmin: true, user: { roleBindings: [{ role: "SYSTEM_ADMIN" }] } });
    expect(data.createToken.permissions.system).toContain("system.user.delete");
  });

  it.each([
    [60_000, 60],
    [86_400_000, 86_400],
    [2_000_000_000, 86_400],
  ])("gives a token of %i ms a life of %i s", async (duration, seconds) => {
    const { email, id } = await person();
    const { data } = await signIn(email, PASSWORD, duration);
    const { iat, exp } = data.createToken.token.payload;
    expect(exp - iat).toBe(seconds);
    const session = await db.session.findFirstOrThrow({ where: { userId: id }, orderBy: { expiresAt: "asc" } });
    expect(session.expiresAt.getTime()).toBeLessThanOrEqual(Date.now() + seconds * 1000);
  });

  it("answers an unknown identity, a wrong password and a missing one alike, in like time", async () => {
    const { email, username } = await person({ username: "hopper" });
    const without = await build.user();
    const cases = [
      ["nobody@example.com", PASSWORD],
      ["nobody", PASSWORD],
      [email, "wrong horse"],
      [username.toUpperCase(), PASSWORD],
      [without.email, PASSWORD],
      [without.email, "!"],
      [email, `${PASSWORD}${"x".repeat(72)}`],
    ] as const;
    const compare = vi.spyOn(bcrypt, "compare");
    for (const [identity, password] of cases) {
      compare.mockClear();
      const { data, errors, status } = await signIn(identity, password);
      // What takes the time is done for all of them, whether there is a stored hash or not.
      expect(compare).toHaveBeenCalledTimes(1);
      expect(status).toBe(200);
      expect(data.createToken).toBeNull();
      expect(errors).toMatchObject([
        { message: "Invalid username or password", extensions: { code: "UNAUTHENTICATED" } },
      ]);
      expect(errors?.[0]?.extensions.argument).toBeUndefined();
    }
    compare.mockRestore();
  });

  it("tells a pending person with the right password, and only them, to confirm", async () => {
    const { email } = await person({ status: "pending" });
    expect((await signIn(email)).errors).toMatchObject([{ extensions: { code: "FORBIDDEN" } }]);
    expect((await signIn(email, "wrong horse")).errors).toMatchObject([{ extensions: { code: "UNAUTHENTICATED" } }]);
  });

  it("opens no session with a password that is changed while it is compared", async () => {
    const { email, id } = await person();
    const signedIn = await db.$transaction(async (tx) => {
      await tx.localCredential.update({ where: { userId: id }, data: { passwordHash: "changed" } });
      const answer = signIn(email);
      // Long enough for the comparison with the hash from before.
      await sleep(500);
      return { answer };
    });
    expect((await signedIn.answer).errors).toMatchObject([{ extensions: { code: "UNAUTHENTICATED" } }]);
    expect(await db.session.count({ where: { userId: id } })).toBe(1);
  });

  it("reads the same password in another normal form", async () => {
    const { email } = await build.user({
      localCredential: { create: { passwordHash: bcrypt.hashSync("Ångström8", 10) } },
    });
    expect((await signIn(email, "A\u030angstro\u0308m8")).errors).toBeUndefined();
  });

  it.each([
    [null, undefined, "identity"],
    ["", undefined, "identity"],
    ["  ", undefined, "identity"],
    ["grace", 1, "duration"],
    ["grace", -1, "duration"],
  ])("refuses identity %j with duration %j", async (identity, duration, argument) => {
    const { errors } = await signIn(identity, PASSWORD, duration);
    expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT", argument } }]);
  });

  it("is switched off with local sign-in", async () => {
    const { errors } = await off.as(undefined).send(SIGN_IN, { identity: "a", password: PASSWORD });
    expect(errors).toMatchObject([{ extensions: { code: "FEATURE_DISABLED" } }]);
  });
});
