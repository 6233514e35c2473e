import { randomInt } from "node:crypto";
import bcrypt from "bcrypt";
import { describe, expect, it, vi } from "vitest";
import { startTestApp } from "../support/app.ts";
import { createAs } from "../support/as.ts";
import { createMailbox } from "../support/mailbox.ts";
import { codeOf, houstonWithLimits, PASSWORD, SIGN_IN } from "../support/signIns.ts";
import { openSocket, protocols } from "../support/sockets.ts";

const { app, as, build, buildUser, clock, config, database, db, from, url } = await houstonWithLimits();

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A client address that no other test uses. */
const address = () => `198.51.${randomInt(256)}.${randomInt(256)}`;

/** Signs in with a wrong password. */
const fail = (identity: string, at: string) => from(at).signIn(identity, "wrong horse");

/** The codes of `times` wrong passwords, one after the other. */
async function failTimes(times: number, identity: string, at = address()) {
  const codes: string[] = [];
  for (let n = 0; n < times; n++) codes.push(codeOf(await fail(identity, at)));
  return codes;
}

const tenFailures = Array(10).fill("UNAUTHENTICATED");

/** Locks the account without reaching the limit of the address. */
async function lock(identity: string, at: string) {
  for (const _ of [1, 2]) {
    clock.pass(MINUTE);
    expect(await failTimes(5, identity, at)).toEqual(tenFailures.slice(5));
  }
}

/** How many passwords `work` compares. */
async function comparisons(work: () => Promise<unknown>): Promise<number> {
  const compare = vi.spyOn(bcrypt, "compare");
  await work();
  const { length } = compare.mock.calls;
  compare.mockRestore();
  return length;
}

describe("attempts to sign in", () => {
  it.each([
    ["one address", () => "192.0.2.1"],
    ["a hundred addresses", (n: number) => `10.9.0.${n}`],
  ])("T15: lets at most 20 of 100 tries from %s in 10 minutes reach the hash", async (_, addressOf) => {
    const { email } = await buildUser();
    const compared = await comparisons(async () => {
      for (let n = 0; n < 100; n++) {
        await fail(email, addressOf(n));
        clock.pass(6_000);
      }
    });
    expect(compared).toBeGreaterThanOrEqual(10);
    expect(compared).toBeLessThanOrEqual(20);
  });

  it("T15: refuses the right password while locked, in the same words, without comparing it", async () => {
    const { email, id } = await buildUser();
    const at = address();
    await lock(email, at);
    clock.pass(10_000);
    const [wrong, right] = [await fail(email, at), await from(at).signIn(email)];
    expect(wrong.errors?.[0]?.message).toMatch(/^Too many attempts: try again in \d+ seconds$/);
    const { message, extensions } = right.errors?.[0] ?? {};
    expect({ status: right.status, data: right.data }).toEqual({ status: 200, data: { createToken: null } });
    expect(extensions).toEqual({ code: "TOO_MANY_REQUESTS", retryAfter: expect.any(Number) });
    expect(message).toBe(`Too many attempts: try again in ${extensions?.["retryAfter" as never]} seconds`);
    expect(right.headers.get("retry-after")).toBe(String(extensions?.["retryAfter" as never]));
    expect(await comparisons(() => from(at).signIn(email))).toBe(0);
    expect(await db.session.count({ where: { userId: id } })).toBe(1);
    clock.pass(MINUTE);
    expect(codeOf(await from(at).signIn(email))).toBe("ok");
  });

  it("T15: counts 50 at once one by one", async () => {
    const { email } = await buildUser();
    const answers: string[] = [];
    const compared = await comparisons(async () => {
      const all = await Promise.all(Array.from({ length: 50 }, () => fail(email, address())));
      answers.push(...all.map(codeOf));
    });
    expect(compared).toBe(10);
    expect(answers.sort()).toEqual([...Array(40).fill("TOO_MANY_REQUESTS"), ...tenFailures]);
  });

  it("T15: counts every spelling of address and username for one account", async () => {
    const name = `Grace ${randomInt(1e9)}`;
    const { email, id } = await build.user({ username: name });
    await db.user.update({ where: { id }, data: { usernameKey: name.toUpperCase() } });
    const spellings = [email, ` ${email.toUpperCase()} `, name, name.toUpperCase(), name.toLowerCase()];
    for (const identity of [...spellings, ...spellings])
      expect(codeOf(await fail(identity, address()))).toBe("UNAUTHENTICATED");
    for (const identity of spellings) expect(codeOf(await fail(identity, address()))).toBe("TOO_MANY_REQUESTS");
  });

  it("counts wrong current passwords of updateSelf for the same account", async () => {
    const user = await buildUser();
    const UPDATE = `mutation { updateSelf(payload: { currentPassword: "wrong horse", password: "another horse" }) { id } }`;
    for (let n = 0; n < 10; n++) expect(codeOf(await as(user).send(UPDATE))).toBe("BAD_USER_INPUT");
    expect(codeOf(await as(user).send(UPDATE))).toBe("TOO_MANY_REQUESTS");
    expect(codeOf(await fail(user.email, address()))).toBe("TOO_MANY_REQUESTS");
  });

  it.each(["username", "e-mail address"])("T23: treats an unknown %s like a known one", async (kind) => {
    const { email, username } = await buildUser({ username: `known${randomInt(1e9)}` });
    const [known, unknown] =
      kind === "username" ? [username, `unknown${randomInt(1e9)}`] : [email, `unknown${randomInt(1e9)}@example.com`];
    const seen: unknown[][] = [];
    for (const identity of [known, unknown]) {
      const answers: unknown[] = [];
      for (let n = 0; n < 13; n++) {
        const { status, data, errors } = await fail(identity, address());
        const message = errors?.[0]?.message.replace(/\d+/, "some");
        answers.push({ status, data, message, code: errors?.[0]?.extensions.code });
        if (n === 11) clock.pass(31_000);
      }
      seen.push(answers);
    }
    expect(seen[0]).toEqual(seen[1]);
    expect(seen[0]?.[10]).toMatchObject({ code: "TOO_MANY_REQUESTS" });
    expect(seen[0]?.[12]).toMatchObject({ code: "UNAUTHENTICATED" });
  });

  it("forgets failures after a success, and after the window", async () => {
    const { email } = await buildUser();
    const at = address();
    for (const _ of [1, 2]) {
      expect(await failTimes(9, email, at)).toEqual(tenFailures.slice(1));
      clock.pass(MINUTE);
      expect(codeOf(await from(at).signIn(email))).toBe("ok");
      clock.pass(MINUTE);
    }
    const other = address();
    for (const _ of [1, 2]) {
      clock.pass(5 * MINUTE + 1);
      expect(await failTimes(9, email, other)).toEqual(tenFailures.slice(1));
    }
  });

  it("T15: lock the account twice as long each time, up to an hour", async () => {
    const { email } = await buildUser();
    const at = address();
    await lock(email, at);
    const minutes: number[] = [];
    for (let n = 0; n < 8; n++) {
      const wait = waitOf(await from(at).signIn(email));
      minutes.push(Math.round(wait / MINUTE));
      clock.pass(wait);
      expect(codeOf(await fail(email, at))).toBe("UNAUTHENTICATED");
    }
    expect(minutes).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
  });
});

/** How long an answer asks to wait, in milliseconds. */
const waitOf = ({ headers }: { headers: Headers }) => Number(headers.get("retry-after")) * 1_000;

describe("another address of the owner", () => {
  it("T15: is not locked if it has signed in before", async () => {
    const { email } = await buildUser();
    const home = address();
    expect(codeOf(await from(home).signIn(email))).toBe("ok");
    for (let n = 0; n < 30; n++) await fail(email, address());
    expect(codeOf(await from(address()).signIn(email))).toBe("TOO_MANY_REQUESTS");
    expect(codeOf(await from(home).signIn(email))).toBe("ok");
  });

  it("T15: gets its turn within an hour, while one address keeps trying", async () => {
    const { email } = await buildUser();
    const [attacker, owner] = [address(), address()];
    await lock(email, attacker);
    for (let n = 0; n < 9; n++) {
      // Refused attempts count for nothing, so that asking changes nothing.
      const [attackersWait, ownersWait] = [
        waitOf(await fail(email, attacker)),
        waitOf(await from(owner).signIn(email)),
      ];
      expect(ownersWait).toBeGreaterThan(0);
      expect(ownersWait).toBeLessThanOrEqual(HOUR);
      expect(ownersWait).toBeLessThan(attackersWait);
      clock.pass(attackersWait);
      expect(codeOf(await fail(email, attacker))).toBe("UNAUTHENTICATED");
    }
    clock.pass(waitOf(await from(owner).signIn(email)));
    expect(codeOf(await fail(email, attacker))).toBe("TOO_MANY_REQUESTS");
    expect(codeOf(await from(owner).signIn(email))).toBe("ok");
  });
});

describe("the hard stop", () => {
  it("T15: ends the attempts of an address for a day, or until a new password is set by e-mail", async () => {
    const mailbox = createMailbox();
    const short = await houstonWithLimits({
      auth: { local: { limits: { maxFailures: 12 } } },
      email: { folder: mailbox.folder },
    });
    const { email } = await short.buildUser();
    const at = short.from(address());
    for (let n = 0; n < 12; n++) {
      expect(codeOf(await at.signIn(email, "wrong horse"))).toBe("UNAUTHENTICATED");
      short.clock.pass(n < 9 ? 0 : HOUR);
    }
    expect(waitOf(await at.signIn(email))).toBeGreaterThan(22 * HOUR);
    short.clock.pass(3 * HOUR);
    expect(codeOf(await at.signIn(email))).toBe("TOO_MANY_REQUESTS");

    await at.send(`mutation { forgotPassword(email: "${email}") }`);
    const token = await mailbox.token("reset", email);
    const RESET = `mutation { resetPassword(token: "${token}", password: "another horse") { isAdmin } }`;
    expect(codeOf(await at.send(RESET))).toBe("ok");
    expect(codeOf(await at.signIn(email, "another horse"))).toBe("ok");
  });
});

describe("the limit of a client address", () => {
  it("T15: is 10 attempts in a minute, whoever is named", async () => {
    const at = address();
    const names = Array.from({ length: 12 }, (_, n) => `nobody${n}-${randomInt(1e9)}`);
    const codes: string[] = [];
    for (const name of names) codes.push(codeOf(await fail(name, at)));
    expect(codes).toEqual([...tenFailures, "TOO_MANY_REQUESTS", "TOO_MANY_REQUESTS"]);
    clock.pass(MINUTE);
    expect(codeOf(await fail("nobody", at))).toBe("UNAUTHENTICATED");
  });

  it("counts right passwords too", async () => {
    const at = address();
    const users = await Promise.all(Array.from({ length: 11 }, () => buildUser()));
    const codes: string[] = [];
    for (const { email } of users) codes.push(codeOf(await from(at).signIn(email)));
    expect(codes).toEqual([...Array(10).fill("ok"), "TOO_MANY_REQUESTS"]);
  });

  it("counts an IPv6 network as one address", async () => {
    const codes: string[] = [];
    for (let n = 1; n <= 12; n++) codes.push(codeOf(await fail(`six${n}`, `2001:db8:1:2:${n}::${n}`)));
    expect(codes).toEqual([...tenFailures, "TOO_MANY_REQUESTS", "TOO_MANY_REQUESTS"]);
    expect(codeOf(await fail("six", "2001:db8:1:3::1"))).toBe("UNAUTHENTICATED");
  });

  it("G15: counts aliases in one document one by one", async () => {
    const { email } = await buildUser();
    const aliases = Array.from(
      { length: 15 },
      (_, n) => `a${n}: createToken(identity: "${email}", password: "guess ${n}") { isAdmin }`,
    );
    const answers: Awaited<ReturnType<ReturnType<typeof from>["send"]>>[] = [];
    const compared = await comparisons(async () => {
      answers.push(await from(address()).send(`mutation { ${aliases.join(" ")} }`));
    });
    expect(compared).toBe(10);
    const codes = answers[0]?.errors?.map(({ extensions }) => extensions.code);
    expect(codes).toEqual([...tenFailures, ...Array(5).fill("TOO_MANY_REQUESTS")]);
    expect(Number(answers[0]?.headers.get("retry-after"))).toBeGreaterThan(0);
  });

  it("G15: counts attempts of the alpha API with those of /v1", async () => {
    const { email } = await buildUser();
    const at = address();
    await failTimes(5, email, at);
    const aliases = Array.from(
      { length: 7 },
      (_, n) => `a${n}: createToken(username: "${email}", password: "guess") { code message }`,
    );
    const { data } = await from(at).send(`mutation { ${aliases.join(" ")} }`, {}, "/alpha");
    const codes = Object.values(data as Record<string, { code: string }>).map(({ code }) => code);
    expect(codes).toEqual([...tenFailures.slice(5), "TOO_MANY_REQUESTS", "TOO_MANY_REQUESTS"]);
    expect(data.a6.message).toMatch(/try again in \d+ seconds/);
  });

  it.each(protocols)("G15: counts attempts over %s", async (protocol) => {
    const { email } = await buildUser();
    const at = address();
    await failTimes(5, email, at);
    const socket = await openSocket(url, protocol, { headers: { "x-forwarded-for": at } });
    socket.send({ type: "connection_init" });
    await socket.next(({ type }) => type === "connection_ack");
    const aliases = Array.from(
      { length: 7 },
      (_, n) => `a${n}: createToken(identity: "${email}", password: "guess") { isAdmin }`,
    );
    const legacy = protocol === "graphql-ws";
    socket.send({
      id: "1",
      type: legacy ? "start" : "subscribe",
      payload: { query: `mutation { ${aliases.join(" ")} }` },
    });
    const { payload } = await socket.next(({ type }) => type === (legacy ? "data" : "next"));
    const codes = payload.errors.map((error: { extensions: { code: string } }) => error.extensions.code);
    expect(codes).toEqual([...tenFailures.slice(5), "TOO_MANY_REQUESTS", "TOO_MANY_REQUESTS"]);
    socket.socket.terminate();
  });
});

describe("the counts", () => {
  it("T15: are in the database: another process has them, and 100,000 other names do not push them out", async () => {
    const { email } = await buildUser();
    const at = address();
    await failTimes(10, email, at);
    await db.$executeRaw`INSERT INTO "AttemptCount" (id, count, "windowEndsAt", "expiresAt")
      SELECT md5('other' || n), 1, now() + interval '1 day', now() + interval '1 day' FROM generate_series(1, 100000) n`;
    const local = { limits: config.auth.local.limits };
    const second = await startTestApp({ auth: { local } }, { database: { ...database, drop: async () => undefined } });
    second.app.services.now = app.services.now;
    const answer = await createAs(second.url)(undefined).send(SIGN_IN, { identity: email, password: PASSWORD });
    expect(codeOf(answer)).toBe("TOO_MANY_REQUESTS");
    await second.close();
    await db.$executeRaw`DELETE FROM "AttemptCount" WHERE id ~ '^[0-9a-f]{32}$'`;
  });

  it("name neither people nor addresses", async () => {
    const { email, id } = await buildUser();
    await failTimes(2, email, "203.0.113.77");
    const stored = JSON.stringify(await db.attemptCount.findMany());
    for (const secret of [email, id, "203.0.113.77"]) expect(stored).not.toContain(secret);
  });

  it("T15: do not take an untrusted client's word for its address", async () => {
    const direct = await houstonWithLimits({ webserver: { trustedProxies: [] } });
    const codes: string[] = [];
    for (let n = 0; n < 12; n++) codes.push(codeOf(await direct.from(`203.0.113.${n}`).signIn(`nobody${n}`)));
    expect(codes).toEqual([...tenFailures, "TOO_MANY_REQUESTS", "TOO_MANY_REQUESTS"]);
  });

  it("T15: take the address that the trusted proxy appended, not those that the client sent before it", async () => {
    const at = address();
    const codes: string[] = [];
    for (let n = 0; n < 12; n++) codes.push(codeOf(await fail(`nobody${n}`, `203.0.113.${n}, ${at}`)));
    expect(codes).toEqual([...tenFailures, "TOO_MANY_REQUESTS", "TOO_MANY_REQUESTS"]);
  });
});
