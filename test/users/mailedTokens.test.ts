import { Writable } from "node:stream";
import { pino } from "pino";
import { afterAll, describe, expect, it } from "vitest";
import { startTestApp } from "../support/app.ts";
import type { Answer } from "../support/as.ts";
import { createBuild } from "../support/build.ts";
import { createMailbox } from "../support/mailbox.ts";
import { codeOf } from "../support/signIns.ts";

const mailbox = createMailbox();
const lines: string[] = [];
const log = pino(
  { level: "trace" },
  new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  }),
);
const running = await startTestApp(
  {
    publicSignups: true,
    email: { folder: mailbox.folder },
    logging: { level: "trace" },
    // On a busy machine, fifty requests wait longer for a connection than the default allows.
    database: { pool: { acquireTimeout: 25_000 } },
    helm: { baseDomain: "houston.example.com" },
  },
  { log },
);
afterAll(() => running.close());
const { db, url } = running;
const build = createBuild(db, running.config);
const admin = await build.systemAdmin();

/** Sends a request as a proxy that an attacker has misled would. */
async function send(
  query: string,
  { token, headers = {} }: { token?: string; headers?: Record<string, string> | undefined } = {},
) {
  const response = await fetch(`${url}/v1`, {
    method: "POST",
    headers: { "content-type": "application/json", ...(token && { authorization: token }), ...headers },
    body: JSON.stringify({ query }),
  });
  return (await response.json()) as Answer;
}

const PASSWORD = "correct horse";
const poisoned = {
  "x-forwarded-host": "evil.example",
  "x-forwarded-proto": "http",
  "x-forwarded-server": "evil.example",
  "x-original-url": "//evil.example/",
  "x-host": "evil.example",
  forwarded: "host=evil.example;proto=http",
  origin: "https://evil.example",
  referer: "https://evil.example/",
};

interface Kind {
  template: "reset" | "confirm" | "invite";
  /** Causes the e-mail. */
  request(address: string, headers?: Record<string, string>): Promise<unknown>;
  /** The operation that uses the token. */
  use(token: string, address: string): string;
  /** How many people it let in. */
  sessions(address: string): Promise<number>;
  /** Makes the token expire now. */
  expire(address: string): Promise<unknown>;
}

const sessionsOf = (address: string) => db.session.count({ where: { user: { emails: { some: { address } } } } });
const past = new Date(Date.now() - 1_000);

const kinds: Record<string, Kind> = {
  "T16: for a new password": {
    template: "reset",
    async request(address, headers) {
      if ((await db.email.count({ where: { address } })) === 0) {
        const { id } = await build.user({ email: address });
        await db.session.deleteMany({ where: { userId: id } });
      }
      return send(`mutation { forgotPassword(email: "${address}") }`, { headers });
    },
    use: (token) => `mutation { resetPassword(token: "${token}", password: "another horse") { token { value } } }`,
    sessions: sessionsOf,
    expire: (address) =>
      db.localCredential.updateMany({
        where: { user: { emails: { some: { address } } } },
        data: { resetTokenExpiresAt: past },
      }),
  },
  "T17: that confirms an address": {
    template: "confirm",
    async request(address, headers) {
      const isNew = (await db.email.count({ where: { address } })) === 0;
      if (isNew)
        return send(`mutation { createUser(email: "${address}", password: "${PASSWORD}") { isAdmin } }`, { headers });
      return send(`mutation { resendConfirmation(email: "${address}") }`, { headers });
    },
    use: (token) => `mutation { confirmEmail(token: "${token}") { token { value } } }`,
    sessions: sessionsOf,
    expire: (address) => db.email.updateMany({ where: { address }, data: { confirmTokenExpiresAt: past } }),
  },
  "T18: of an invitation": {
    template: "invite",
    request: (address, headers) =>
      send(`mutation { inviteUser(email: "${address}") { id } }`, { token: admin.token, headers }),
    use: (token, address) =>
      `mutation { createUser(email: "${address}", password: "${PASSWORD}", inviteToken: "${token}") { token { value } } }`,
    sessions: sessionsOf,
    expire: (address) => db.invite.updateMany({ where: { email: address }, data: { expiresAt: past } }),
  },
};

let people = 0;
const addressFor = () => `person${people++}@example.com`;

describe.each(Object.entries(kinds))("a mailed token %s", (_, { template, request, use, sessions, expire }) => {
  it("works for exactly one of 50 concurrent uses", async () => {
    const address = addressFor();
    await request(address);
    const token = await mailbox.token(template, address);
    const answers = await Promise.all(Array.from({ length: 50 }, () => send(use(token, address))));
    expect(answers.map(codeOf).sort()).toEqual([...Array(49).fill("BAD_USER_INPUT"), "ok"]);
    expect(await sessions(address)).toBe(1);
    expect(codeOf(await send(use(token, address)))).toBe("BAD_USER_INPUT");
  });

  it("is 256 random bits, of which the database has only the hash", async () => {
    const tokens: string[] = [];
    for (let n = 0; n < 5; n++) {
      const address = addressFor();
      await request(address);
      tokens.push(await mailbox.token(template, address));
    }
    for (const token of tokens) expect(Buffer.from(token, "base64url")).toHaveLength(32);
    expect(new Set(tokens.map((token) => token.slice(0, 6))).size).toBe(5);
    const stored = JSON.stringify([
      await db.email.findMany(),
      await db.localCredential.findMany(),
      await db.invite.findMany(),
    ]);
    const waiting = JSON.stringify(await db.$queryRaw`SELECT payload::text FROM graphile_worker._private_jobs`);
    for (const token of tokens) expect(`${stored}${waiting}`).not.toContain(token);
  });

  it("is void after it expired, and after a newer one", async () => {
    const address = addressFor();
    await request(address);
    const first = await mailbox.token(template, address);
    await request(address);
    const second = await mailbox.token(template, address, 2);
    expect(codeOf(await send(use(first, address)))).toBe("BAD_USER_INPUT");
    await expire(address);
    expect(codeOf(await send(use(second, address)))).toBe("BAD_USER_INPUT");
    expect(await sessions(address)).toBe(0);
  });

  it("is mailed in a link to the configured host, whatever the headers name", async () => {
    const address = addressFor();
    await request(address, poisoned);
    await mailbox.token(template, address);
    const [mail] = await mailbox.mails(template, address);
    const text = `${mail?.text}${mail?.html}`;
    expect(text).toContain("https://app.houston.example.com/");
    expect(text).not.toContain("evil.example");
  });

  it("is never logged, in use or not", async () => {
    const address = addressFor();
    lines.length = 0;
    await request(address);
    const token = await mailbox.token(template, address);
    await send(use(`${token}x`, address));
    await send(use(token, address));
    await send(use(token, address));
    await mailbox.settled(db);
    expect(lines.length).toBeGreaterThan(3);
    expect(lines.join("")).not.toContain(token);
    expect(lines.join("")).not.toContain(PASSWORD);
    expect(JSON.stringify(await db.auditEntry.findMany())).not.toContain(token);
  });
});
