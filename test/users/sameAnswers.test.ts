import { describe, expect, it } from "vitest";
import { createMailbox } from "../support/mailbox.ts";
import { codeOf, houstonWithLimits, PASSWORD } from "../support/signIns.ts";

const mailbox = createMailbox();
const { build, buildUser, clock, db, from } = await houstonWithLimits({
  publicSignups: true,
  email: { folder: mailbox.folder },
});
await build.systemAdmin();

const SIGN_UP = `mutation ($email: String!, $username: String, $profile: JSON) {
  createUser(email: $email, password: "${PASSWORD}", username: $username, profile: $profile) {
    __typename
    user {
      __typename id uuid name: username fullName status createdAt updatedAt profile { key value category }
      emails { id address primary token verified createdAt updatedAt user { id username } }
      teams { id } roleBindings { role }
    }
    serviceAccount { id } token { value } permissions isAdmin authUserCapabilities { canSysAdmin }
  }
}`;
const ALPHA = `mutation ($email: String!) {
  createNewUser(email: $email, password: "${PASSWORD}") { success message id token code decoded { id } }
}`;

let clients = 0;

/** A client address that has sent nothing yet. */
const fresh = () => from(`203.0.${clients >> 8}.${clients++ % 256}`);

let names = 0;
const unknown = () => `unknown${names++}@example.com`;

/** The answer without what differs between any two: the address, IDs of the right form, and times. */
function comparable(answer: unknown, address: string): unknown {
  return JSON.parse(
    JSON.stringify(answer)
      .replaceAll(address, "<address>")
      .replaceAll(/"c[0-9a-z]{24}"/g, '"<id>"')
      .replaceAll(/"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z?"/g, '"<time>"'),
  );
}

describe("a sign-up with confirmation", () => {
  it("T23: gets the same answer whether or not the address is in use", async () => {
    const { email: active } = await buildUser();
    const pending = unknown();
    await fresh().send(SIGN_UP, { email: pending });
    const answers: unknown[] = [];
    for (const email of [unknown(), active, active.toUpperCase(), pending]) {
      const { status, data, errors } = await fresh().send(SIGN_UP, {
        email,
        profile: { fullName: "Ada L", team: "blue", age: 36 },
      });
      answers.push(comparable({ status, data, errors }, email.toLowerCase()));
    }
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(answers[0]).toMatchObject({
      data: { createUser: { token: null, user: { status: "pending", emails: [{ verified: false }] } } },
    });
    const alpha: unknown[] = [];
    for (const email of [unknown(), active, pending]) {
      const { status, data, errors } = await fresh().send(ALPHA, { email }, "/alpha");
      alpha.push(comparable({ status, data, errors }, email));
    }
    expect(alpha[1]).toEqual(alpha[0]);
    expect(alpha[2]).toEqual(alpha[0]);
  });

  it("shows a new user what is stored", async () => {
    const email = unknown();
    const given = { email, username: `Ada ${names}`, profile: { fullName: "Ada L", team: "blue" } };
    const { user } = (await fresh().send(SIGN_UP, given)).data.createUser;
    const stored = await db.user.findUniqueOrThrow({ where: { id: user.id }, include: { emails: true } });
    const { id, username, fullName, status, createdAt, profile } = stored;
    expect(user).toMatchObject({ id, uuid: id, name: username, fullName, status, createdAt: createdAt.toISOString() });
    expect(profile).toEqual({ team: "blue" });
    expect(user.profile).toEqual([{ key: "team", value: "blue", category: null }]);
    expect(user.emails).toMatchObject([{ id: stored.emails[0]?.id, address: email, user: { id, username } }]);
  });

  it("tells the owner by e-mail, and changes nothing of theirs", async () => {
    const owner = await buildUser();
    const before = await db.user.findUniqueOrThrow({ where: { id: owner.id }, include: { emails: true } });
    const password = await db.localCredential.findUniqueOrThrow({ where: { userId: owner.id } });
    await fresh().send(SIGN_UP, { email: owner.email, username: "somebody else", profile: { fullName: "Evil" } });
    const token = await mailbox.token("exists", owner.email);
    const [mail] = await mailbox.mails("exists", owner.email);
    expect(mail?.subject).toBe("You already have an account");
    expect(`${mail?.text}${mail?.html}`).not.toMatch(/Evil|somebody else/);
    const after = await db.user.findUniqueOrThrow({ where: { id: owner.id }, include: { emails: true } });
    expect(after).toEqual(before);
    expect(await db.localCredential.findUniqueOrThrow({ where: { userId: owner.id } })).toMatchObject({
      passwordHash: password.passwordHash,
    });
    expect(await db.user.count({ where: { username: "somebody else" } })).toBe(0);
    const RESET = `mutation { resetPassword(token: "${token}", password: "another horse") { user { id } } }`;
    expect((await fresh().send(RESET)).data.resetPassword.user.id).toBe(owner.id);
    expect(await db.auditEntry.count({ where: { action: "signUpAgain", entityId: owner.id } })).toBe(1);
  });

  it("sends a new link to confirm an address that is not confirmed yet", async () => {
    const email = unknown();
    await fresh().send(SIGN_UP, { email });
    await mailbox.token("confirm", email);
    await fresh().send(SIGN_UP, { email });
    const token = await mailbox.token("confirm", email, 2);
    const CONFIRM = `mutation { confirmEmail(token: "${token}") { user { username } } }`;
    expect((await fresh().send(CONFIRM)).data.confirmEmail.user.username).toBe(email);
  });

  it("makes one user of ten concurrent ones", async () => {
    const email = unknown();
    const answers = await Promise.all(Array.from({ length: 10 }, () => fresh().send(SIGN_UP, { email })));
    expect(answers.map(codeOf)).toEqual(Array(10).fill("ok"));
    expect(await db.email.count({ where: { address: email } })).toBe(1);
    expect(await db.user.count({ where: { username: email } })).toBe(1);
  });

  it("still reports a username that is in use, whoever has the address", async () => {
    const { email, username } = await buildUser({ username: `Grace ${names++}` });
    for (const address of [email, unknown()]) {
      const { errors } = await fresh().send(SIGN_UP, { email: address, username });
      expect(errors).toMatchObject([{ extensions: { code: "CONFLICT", argument: "username" } }]);
    }
  });
});

const requests = [
  ["forgotPassword", "reset"],
  ["resendConfirmation", "confirm"],
] as const;

describe.each(requests)("%s", (field, template) => {
  const request = (email: string, client = fresh()) => client.send(`mutation { ${field}(email: "${email}") }`);

  async function known(): Promise<string> {
    if (field === "forgotPassword") return (await buildUser()).email;
    const email = unknown();
    await db.user.create({ data: { username: email, emails: { create: { address: email } } } });
    return email;
  }

  it("T23: sends three e-mails an hour to one address, and answers as for an unknown one", async () => {
    const email = await known();
    const answers: unknown[] = [];
    for (const address of [email, unknown()]) {
      const given: unknown[] = [];
      for (let n = 0; n < 5; n++) {
        const { status, data, errors } = await request(address);
        given.push({ status, data, errors });
      }
      answers.push(given);
    }
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[0]).toEqual(Array(5).fill({ status: 200, data: { [field]: true }, errors: undefined }));
    await mailbox.settled(db);
    expect(await mailbox.mails(template, email)).toHaveLength(3);
    clock.pass(60 * 60_000);
    await request(email.toUpperCase());
    await mailbox.token(template, email, 4);
  });

  it("keeps the last link valid when it sends no other", async () => {
    const email = await known();
    for (let n = 0; n < 5; n++) await request(email);
    const token = await mailbox.token(template, email, 3);
    const use =
      field === "forgotPassword"
        ? `mutation { resetPassword(token: "${token}", password: "another horse") { isAdmin } }`
        : `mutation { confirmEmail(token: "${token}") { isAdmin } }`;
    expect(codeOf(await fresh().send(use))).toBe("ok");
  });

  it("is refused after 20 requests an hour from one client address, for known and unknown ones alike", async () => {
    const email = await known();
    const client = fresh();
    for (let n = 0; n < 20; n++) expect(codeOf(await request(unknown(), client))).toBe("ok");
    for (const address of [email, unknown()]) {
      const { errors, headers } = await request(address, client);
      expect(errors).toMatchObject([{ extensions: { code: "TOO_MANY_REQUESTS" } }]);
      expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
    }
    clock.pass(60 * 60_000);
    expect(codeOf(await request(unknown(), client))).toBe("ok");
  });
});

it("sign-ups send three e-mails an hour to one address, and are refused after 10 a minute from one client", async () => {
  const { email } = await buildUser();
  for (let n = 0; n < 5; n++) expect(codeOf(await fresh().send(SIGN_UP, { email }))).toBe("ok");
  await mailbox.settled(db);
  expect(await mailbox.mails("exists", email)).toHaveLength(3);
  const client = fresh();
  const codes: string[] = [];
  for (let n = 0; n < 11; n++) codes.push(codeOf(await client.send(SIGN_UP, { email: unknown() })));
  expect(codes).toEqual([...Array(10).fill("ok"), "TOO_MANY_REQUESTS"]);
});
