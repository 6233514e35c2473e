import { readFile } from "node:fs/promises";
import bcrypt from "bcrypt";
import { describe, expect, it, vi } from "vitest";
import { hashOf, newToken } from "../../src/platform/secrets/tokens.ts";
import { Password } from "../../src/services/users/password.ts";
import { testHouston } from "../support/houston.ts";
import { createMailbox } from "../support/mailbox.ts";
import { codeOf, PASSWORD, SIGN_IN } from "../support/signIns.ts";

const mailbox = createMailbox();
const settings = { publicSignups: true, emailConfirmation: false, email: { folder: mailbox.folder } };
const { as, build, db } = await testHouston(settings);
await build.systemAdmin();

const signIn = (identity: string, password: string) => as(undefined).send(SIGN_IN, { identity, password });
const withHash = (passwordHash: string) => build.user({ localCredential: { create: { passwordHash } } });

const SIGN_UP = `mutation ($email: String!, $password: String!, $username: String) {
  createUser(email: $email, password: $password, username: $username) { user { id } }
}`;
const RESET = `mutation ($token: String!, $password: String!) { resetPassword(token: $token, password: $password) { isAdmin } }`;
const UPDATE = `mutation ($payload: JSON!) { updateSelf(payload: $payload) { id } }`;

let people = 0;

/** Tries to set `password` at sign-up, with an e-mailed token, and when signed in; returns the three errors. */
async function setEverywhere(password: string) {
  const email = `person${people++}@example.com`;
  const signedUp = await as(undefined).send(SIGN_UP, { email, password, username: `Ada Lovelace ${people}` });
  const user = await withHash(await bcrypt.hash(PASSWORD, 4));
  await db.user.update({ where: { id: user.id }, data: { username: `Grace Hopper ${people}` } });
  const token = newToken();
  const reset = { resetTokenHash: hashOf(token), resetTokenExpiresAt: new Date(Date.now() + 60_000) };
  await db.localCredential.update({ where: { userId: user.id }, data: reset });
  const byMail = await as(undefined).send(RESET, { token, password });
  const session = { token: await build.tokenOf(user.id) };
  const currentPassword = byMail.errors ? PASSWORD : password;
  const bySelf = await as(session).send(UPDATE, { payload: { currentPassword, password } });
  return [signedUp, byMail, bySelf].map(({ errors }) => errors?.[0]?.message ?? "ok");
}

describe("a password", () => {
  it("T11: of more than 72 bytes is rejected everywhere, never cut", async () => {
    const first72 = "0123456789ab".repeat(6);
    for (const password of [`${first72}c`, `${first72}d`, "é".repeat(37)]) {
      const message = "password: must be at most 72 bytes in UTF-8";
      expect(await setEverywhere(password)).toEqual([message, message, `payload.${message}`]);
    }
    expect(await setEverywhere(first72)).toEqual(["ok", "ok", "ok"]);
    const { email } = await withHash(await bcrypt.hash(first72, 4));
    expect(codeOf(await signIn(email, `${first72}c`))).toBe("UNAUTHENTICATED");
    expect(codeOf(await signIn(email, first72))).toBe("ok");
  });

  it.each([
    ["64 characters", "correct horse battery staple and some more words to reach it all"],
    ["lower-case letters only", "abcdefghxyzw"],
    ["spaces", "        x"],
    ["another script", "пароль для меня"],
    ["emoji", "🐎🐎🐎🐎🐎🐎🐎🐎"],
  ])("T12: may consist of %s", async (_, password) => {
    expect(await setEverywhere(password)).toEqual(["ok", "ok", "ok"]);
  });

  it("of fewer than 8 characters is rejected everywhere", async () => {
    for (const password of ["1234567", "🐎🐎🐎🐎🐎🐎🐎"]) {
      const message = "password: must be a string of at least 8 characters";
      expect(await setEverywhere(password)).toEqual([message, message, `payload.${message}`]);
    }
  });

  it("T12: signs in in every Unicode form, whichever form it was set in", async () => {
    const forms = (["NFC", "NFD", "NFKC", "NFKD"] as const).map((form) => "Ångström ﬁsh ½".normalize(form));
    for (const password of forms) {
      const email = `form${people++}@example.com`;
      await as(undefined).send(SIGN_UP, { email, password });
      for (const other of forms) expect(codeOf(await signIn(email, other))).toBe("ok");
      expect(codeOf(await signIn(email, `${password} `))).toBe("UNAUTHENTICATED");
    }
  });

  it("T12: that was hashed as it was typed still signs in, and afterwards in every form", async () => {
    const password = "Ångström ﬁsh".normalize("NFD");
    const { email } = await withHash(await bcrypt.hash(password, 10));
    expect(codeOf(await signIn(email, password.normalize("NFKC")))).toBe("UNAUTHENTICATED");
    expect(codeOf(await signIn(email, password))).toBe("ok");
    expect(codeOf(await signIn(email, password.normalize("NFKC")))).toBe("ok");
  });
});

describe("a common password", () => {
  it("T13: is rejected: every one of at least 3,000", async () => {
    const file = new URL("../../src/services/users/commonPasswords.txt", import.meta.url);
    const common = (await readFile(file, "utf8")).split("\n").filter((line) => line !== "" && !/^#( |$)/.test(line));
    expect(common.length).toBeGreaterThanOrEqual(3_000);
    expect(common.filter((password) => Password.safeParse(password).success)).toEqual([]);
    expect(common.filter((password) => Password.safeParse(password.toUpperCase()).success)).toEqual([]);
  });

  it.each(["password", "12345678", "Password1", "ＰＡＳＳＷＯＲＤ", "trustno1", "qwertyuiop"])(
    "T13: is rejected everywhere: %s",
    async (password) => {
      const message = "password: must not be a password that many people use; choose another one";
      expect(await setEverywhere(password)).toEqual([message, message, `payload.${message}`]);
    },
  );

  it("still signs in where it was set before", async () => {
    const { email } = await withHash(await bcrypt.hash("password", 10));
    expect(codeOf(await signIn(email, "password"))).toBe("ok");
  });
});

describe("one's own name", () => {
  const REJECTED = /^(payload\.)?password: must not be your name or e-mail address, nor the name of the product$/;

  it.each(["houston1", "Houston!2026", "*** Astronomer ***", "airflow-123"])(
    "T13: and the product's are rejected everywhere: %s",
    async (password) => {
      for (const message of await setEverywhere(password))
        expect(message).toMatch(/many people use|must not be your name/);
    },
  );

  it("T13: is rejected as a password: address, part before the @, username, with digits around it", async () => {
    const email = "grace.hopper@example.com";
    const username = "Rear Admiral";
    const own = [email, email.toUpperCase(), "grace.hopper", "Grace.Hopper99", "rear admiral", "1 Rear Admiral!"];
    for (const password of own) {
      const { errors } = await as(undefined).send(SIGN_UP, { email, username, password });
      expect(errors).toMatchObject([
        { message: expect.stringMatching(REJECTED), extensions: { argument: "password" } },
      ]);
    }
    const user = await build.user({
      username: "Commodore Q",
      localCredential: { create: { passwordHash: await bcrypt.hash(PASSWORD, 4) } },
    });
    for (const password of [user.email, "Commodore Q!"]) {
      const { errors } = await as(user).send(UPDATE, { payload: { currentPassword: PASSWORD, password } });
      expect(errors).toMatchObject([{ message: expect.stringMatching(REJECTED) }]);
      const token = newToken();
      const reset = { resetTokenHash: hashOf(token), resetTokenExpiresAt: new Date(Date.now() + 60_000) };
      await db.localCredential.update({ where: { userId: user.id }, data: reset });
      expect((await as(undefined).send(RESET, { token, password })).errors).toMatchObject([
        { message: expect.stringMatching(REJECTED) },
      ]);
    }
  });
});

describe("a higher passwordCost", async () => {
  const dearer = await testHouston({ ...settings, auth: { local: { passwordCost: 11 } } });
  const signInThere = (identity: string, password = PASSWORD) =>
    dearer.as(undefined).send(SIGN_IN, { identity, password });
  const buildUser = async () =>
    dearer.build.user({ localCredential: { create: { passwordHash: await bcrypt.hash(PASSWORD, 10) } } });
  const hashOfUser = async (userId: string) =>
    (await dearer.db.localCredential.findUniqueOrThrow({ where: { userId } })).passwordHash;

  it("T14: hashes a password again at the next sign-in, and locks nobody out", async () => {
    const { id, email, token } = await buildUser();
    const before = await hashOfUser(id);
    expect(codeOf(await signInThere(email, "wrong horse"))).toBe("UNAUTHENTICATED");
    expect(await hashOfUser(id)).toBe(before);
    const answers = await Promise.all(Array.from({ length: 10 }, () => signInThere(email)));
    expect(answers.map(codeOf)).toEqual(Array(10).fill("ok"));
    const after = await hashOfUser(id);
    expect(bcrypt.getRounds(after)).toBe(11);
    expect(codeOf(await signInThere(email))).toBe("ok");
    expect(await hashOfUser(id)).toBe(after);
    expect((await dearer.as({ token }).send("{ self { isAdmin } }")).errors).toBeUndefined();
  });

  it("T14: signs in while another sign-in stores a new hash", async () => {
    const { id, email } = await buildUser();
    const passwordHash = await bcrypt.hash(PASSWORD, 11);
    const compare = vi.spyOn(bcrypt, "compare");
    const { answer } = await dearer.db.$transaction(
      async (tx) => {
        await tx.localCredential.update({ where: { userId: id }, data: { passwordHash } });
        const started = signInThere(email);
        // Committed after the comparison with the previous hash.
        await expect.poll(() => compare.mock.settledResults[0]).toEqual({ type: "fulfilled", value: true });
        return { answer: started };
      },
      { timeout: 20_000 },
    );
    compare.mockRestore();
    expect(codeOf(await answer)).toBe("ok");
  });

  it("T23: takes as long for a wrong password with an old hash as for an unknown user", async () => {
    const { email } = await buildUser();
    const compare = vi.spyOn(bcrypt, "compare");
    const roundsOf = async (identity: string) => {
      compare.mockClear();
      await signInThere(identity, "wrong horse");
      return compare.mock.calls.map(([, hash]) => 2 ** bcrypt.getRounds(hash)).reduce((sum, rounds) => sum + rounds);
    };
    expect(await roundsOf(email)).toBe(await roundsOf("nobody@example.com"));
    compare.mockRestore();
  });
});
