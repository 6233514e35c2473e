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

/** A user with a password. */
const buildUser = (given: Parameters<typeof build.user>[0] = {}) =>
  build.user({ ...given, localCredential: { create: { passwordHash } } });

const signIn = (identity: unknown, password = PASSWORD, duration?: number) =>
  as(undefined).send(SIGN_IN, { identity, password, duration });

describe("createToken", () => {
  it("signs in by e-mail address in any case and by username", async () => {
    const user = await buildUser({ username: "grace", email: "grace@example.com" });
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

  it("returns the user's roles and permissions", async () => {
    const { email } = await buildUser({ roles: [{ role: "SYSTEM_ADMIN" }] });
    const { data } = await signIn(email);
    expect(data.createToken).toMatchObject({ isAdmin: true, user: { roleBindings: [{ role: "SYSTEM_ADMIN" }] } });
    expect(data.createToken.permissions.system).toContain("system.user.delete");
  });

  it.each([
    [60_000, 60],
    [86_400_000, 86_400],
    [2_000_000_000, 86_400],
  ])("returns, for %i ms, a token that is valid for %i s", async (duration, seconds) => {
    const { email, id } = await buildUser();
    const { data } = await signIn(email, PASSWORD, duration);
    const { iat, exp } = data.createToken.token.payload;
    expect(exp - iat).toBe(seconds);
    const session = await db.session.findFirstOrThrow({ where: { userId: id }, orderBy: { expiresAt: "asc" } });
    expect(session.expiresAt.getTime()).toBeLessThanOrEqual(Date.now() + seconds * 1000);
  });

  it("T23: treats an unknown identity, a wrong password and no password alike, in similar time", async () => {
    const { email, username } = await buildUser({ username: "hopper" });
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
      // The password is compared in each case, with or without a stored hash.
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

  it("asks a pending user to confirm the address, only with the right password", async () => {
    const { email } = await buildUser({ status: "pending" });
    expect((await signIn(email)).errors).toMatchObject([{ extensions: { code: "FORBIDDEN" } }]);
    expect((await signIn(email, "wrong horse")).errors).toMatchObject([{ extensions: { code: "UNAUTHENTICATED" } }]);
  });

  it("creates no session when the password changes during the comparison", async () => {
    const { email, id } = await buildUser();
    const compare = vi.spyOn(bcrypt, "compare");
    const signedIn = await db.$transaction(
      async (tx) => {
        await tx.localCredential.update({ where: { userId: id }, data: { passwordHash: "changed" } });
        const answer = signIn(email);
        // Committed after the comparison with the previous hash.
        await expect.poll(() => compare.mock.settledResults[0]).toEqual({ type: "fulfilled", value: true });
        return { answer };
      },
      { timeout: 20_000 },
    );
    compare.mockRestore();
    expect((await signedIn.answer).errors).toMatchObject([{ extensions: { code: "UNAUTHENTICATED" } }]);
    expect(await db.session.count({ where: { userId: id } })).toBe(1);
  });

  it("accepts the password in another Unicode normalization", async () => {
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
  ])("rejects identity %j with duration %j", async (identity, duration, argument) => {
    const { errors } = await signIn(identity, PASSWORD, duration);
    expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT", argument } }]);
  });

  it("is disabled together with local sign-in", async () => {
    const { errors } = await off.as(undefined).send(SIGN_IN, { identity: "a", password: PASSWORD });
    expect(errors).toMatchObject([{ extensions: { code: "FEATURE_DISABLED" } }]);
  });
});
