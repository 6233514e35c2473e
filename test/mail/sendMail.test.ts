import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { domainToASCII } from "node:url";
import { type ParsedMail, simpleParser } from "mailparser";
import { pino } from "pino";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Config } from "../../src/platform/config/config.ts";
import { parseSender } from "../../src/platform/input/parseSender.ts";
import { runJobs } from "../../src/platform/jobs/worker.ts";
import type { Mail } from "../../src/platform/mail/mail.ts";
import { mailTasks } from "../../src/platform/mail/mailTasks.ts";
import { queueMail } from "../../src/platform/mail/queueMail.ts";
import { secretBox } from "../../src/platform/secrets/secretBox.ts";
import { jobDatabase } from "../jobs/jobDatabase.ts";

const token = "kR7-a-token-that-stays-secret";
const link = `https://app.example.com/signup?inviteToken=${token}`;
const invite: Mail = {
  template: "invite",
  to: "ada@example.com",
  data: {
    inviterName: "Grace Hopper",
    scopeName: "Weather & Sons <b>",
    roleName: "Workspace Editor",
    link,
    expiresIn: "7 days",
  },
};

/** The sender unless a test sets `email.reply`. */
const named = { name: "Blue, Inc.", address: "noreply@blue.example" };

const secrets = secretBox([randomBytes(32).toString("base64")]);
let database: Awaited<ReturnType<typeof jobDatabase>>;
let dataFolder: string;
let logged: { level: number; msg: string; [key: string]: unknown }[];
const log = pino({ level: "debug" }, { write: (line: string) => void logged.push(JSON.parse(line)) });
const open: SMTPServer[] = [];

beforeAll(async () => {
  database = await jobDatabase();
});
afterAll(() => database.close());

beforeEach(async () => {
  logged = [];
  dataFolder = await mkdtemp(join(tmpdir(), "houston-mail-"));
});
afterEach(async () => {
  await Promise.all(open.splice(0).map(close));
  await rm(dataFolder, { recursive: true });
  await database.pool.query("DELETE FROM graphile_worker._private_jobs");
});

/** A mail server on loopback and the mails it received. Port 0 is any free one. */
async function mailServer(options: SMTPServerOptions = {}, port = 0) {
  const mails: ParsedMail[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    disableReverseLookup: true,
    onData: (stream, _session, done) => {
      simpleParser(stream).then((mail) => {
        mails.push(mail);
        done();
      }, done);
    },
    ...options,
  });
  server.on("error", () => {});
  open.push(server);
  server.listen(port, "127.0.0.1");
  await once(server.server, "listening");
  return { server, mails, port: (server.server.address() as AddressInfo).port };
}

const close = (server: SMTPServer) => new Promise<void>((resolve) => server.close(() => resolve()));

function settings(given: Partial<Config["email"]> = {}): Config["email"] {
  return {
    enabled: false,
    reply: "Houston <noreply@example.com>",
    smtpUrl: null,
    smtp: {
      enabled: false,
      host: null,
      port: null,
      secure: true,
      auth: { user: null, pass: null },
      tls: { rejectUnauthorized: true },
    },
    templatesFolder: null,
    folder: null,
    ...given,
  };
}

const bySmtp = (port: number, given: Partial<Config["email"]> = {}) =>
  settings({ enabled: true, smtpUrl: `smtp://127.0.0.1:${port}`, ...given });

const queue = (mail: Mail = invite) => database.db.$transaction((tx) => queueMail({ secrets }, tx, mail));
const work = (email: Config["email"]) =>
  runJobs({
    pool: database.pool,
    tasks: mailTasks({ email, sender: parseSender(email.reply ?? "") ?? named, dataFolder, secrets, log }),
    log,
  });

async function jobs() {
  const { rows } = await database.pool.query(
    `SELECT jobs.* FROM graphile_worker._private_jobs AS jobs
     JOIN graphile_worker._private_tasks AS tasks ON tasks.id = jobs.task_id WHERE tasks.identifier = 'sendMail'`,
  );
  return rows as { id: string; attempts: number; max_attempts: number; last_error: string; payload: unknown }[];
}

const makeDue = () => database.pool.query("UPDATE graphile_worker._private_jobs SET run_at = now()");

async function written() {
  const folder = join(dataFolder, "mail");
  return (await readdir(folder)).map((name) => join(folder, name));
}

/** An address as the client sent it: the test's server shows domains in their own script. */
const received = (address: string) => address.replace(/[^@]*$/, domainToASCII);

describe("sendMail", () => {
  it("sends in the name of the platform unless a sender is configured, also in the Message-ID", async () => {
    const { mails, port } = await mailServer();
    await queue();
    await work(bySmtp(port, { reply: null }));
    expect(mails[0]?.from?.text).toBe('"Blue, Inc." <noreply@blue.example>');
    expect(mails[0]?.messageId).toMatch(/@blue\.example>$/);
  });

  it("sends both parts, with subject, sender and link", async () => {
    const { mails, port } = await mailServer();
    await queue();
    await work(bySmtp(port));
    expect(mails).toHaveLength(1);
    const mail = mails[0] as ParsedMail;
    expect(mail.subject).toBe("Grace Hopper invited you to Weather & Sons <b>");
    expect(mail.from?.text).toBe('"Houston" <noreply@example.com>');
    expect(mail.to?.text).toBe("ada@example.com");
    expect(mail.headers.get("auto-submitted")).toBe("auto-generated");
    expect(mail.text).toContain(link);
    expect(mail.text).toContain("to Weather & Sons <b> as Workspace Editor");
    expect(mail.html).toContain(`href="${link}"`);
    expect(mail.html).toContain("Weather &amp; Sons &lt;b&gt;");
    expect(mail.html).not.toContain("<b>");
    expect(await jobs()).toEqual([]);
  });

  it.each([
    "r&d@example.com",
    "sales/emea@example.com",
    "50%off@example.com",
    "team=ops@example.com",
    "ada@x.xn--p1ai",
    "ada@xn--bcher-kva.example",
  ])("sends to %s unchanged, in the envelope and in the header", async (to) => {
    const recipients: string[] = [];
    const { mails, port } = await mailServer({
      onRcptTo: ({ address }, _session, done) => {
        recipients.push(received(address));
        done();
      },
    });
    await queue({ ...invite, to });
    await work(bySmtp(port));
    expect(recipients).toEqual([to]);
    expect(mails[0]?.headerLines.find(({ key }) => key === "to")?.line).toBe(`To: ${to}`);
  });

  it.each([
    ["R&D, Müller <r&d@bücher.example>", "R&D, Müller", "r&d@xn--bcher-kva.example"],
    ['"Houston" <noreply@example.com>', "Houston", "noreply@example.com"],
    ["team=ops@x.xn--p1ai", "", "team=ops@x.xn--p1ai"],
  ])("sends from %s, one sender with its domain in ASCII", async (reply, name, address) => {
    const senders: string[] = [];
    const { mails, port } = await mailServer({
      onMailFrom: (from, _session, done) => {
        senders.push(received(from.address));
        done();
      },
    });
    await queue();
    await work(bySmtp(port, { reply }));
    expect(senders).toEqual([address]);
    expect(mails[0]?.messageId).toMatch(new RegExp(`@${address.split("@")[1]}>$`));
    const [line = ""] = mails[0]?.headerLines.filter(({ key }) => key === "from").map((one) => one.line) ?? [];
    expect(line.endsWith(name === "" ? `From: ${address}` : `<${address}>`)).toBe(true);
    expect(mails[0]?.from?.text).toContain(name);
  });

  it("signs in as the configured user at host and port", async () => {
    const seen: unknown[] = [];
    const { mails, port } = await mailServer({
      authOptional: false,
      allowInsecureAuth: true,
      onAuth: ({ username, password }, _session, done) => {
        seen.push([username, password]);
        done(null, { user: username });
      },
    });
    await queue();
    const smtp = { ...settings().smtp, enabled: true, host: "127.0.0.1", port, secure: false };
    await work(settings({ enabled: true, smtp: { ...smtp, auth: { user: "houston", pass: "pa$$ word" } } }));
    expect(seen).toEqual([["houston", "pa$$ word"]]);
    expect(mails).toHaveLength(1);
  });

  it("keeps the mail while the server is down and delivers it once afterwards", async () => {
    const down = await mailServer();
    await close(down.server);
    await queue();
    await work(bySmtp(down.port));
    expect(await jobs()).toMatchObject([
      { attempts: 1, max_attempts: 25, last_error: expect.stringMatching(/ECONNREFUSED/) },
    ]);

    const back = await mailServer({}, down.port);
    await makeDue();
    await work(bySmtp(down.port));
    await work(bySmtp(down.port));
    expect(back.mails).toHaveLength(1);
    expect(await jobs()).toEqual([]);
  });

  it("sends what waits soon after the server is back, however rare its attempts have become", async () => {
    const down = await mailServer();
    await close(down.server);
    await queue();
    await work(bySmtp(down.port));
    await database.pool.query(
      "UPDATE graphile_worker._private_jobs SET attempts = 12, run_at = now() + interval '6 h'",
    );
    const retry = async () => {
      await database.pool.query(
        "SELECT graphile_worker.add_job('retryMails', job_key => 'retryMails', run_at => now())",
      );
      await work(bySmtp(down.port));
    };
    await retry();
    const sql = "SELECT run_at > now() + interval '10 s' AS later FROM graphile_worker.jobs WHERE key = 'retryMails'";
    expect((await database.pool.query(sql)).rows).toEqual([{ later: true }]);

    const back = await mailServer({}, down.port);
    await retry();
    expect(back.mails).toHaveLength(1);
    expect(await jobs()).toEqual([]);
  });

  it("does not wait for a server that never greets once for each mail", async () => {
    const silent = createServer((socket) => socket.on("error", () => {}).resume()).listen(0, "127.0.0.1");
    await once(silent, "listening");
    for (let n = 0; n < 5; n++) await queue();
    const began = performance.now();
    await work(bySmtp((silent.address() as AddressInfo).port));
    // One waits for the greeting for 10 s.
    expect(performance.now() - began).toBeLessThan(19_000);
    const error = "The mail server is unavailable: Greeting never received";
    expect(await jobs()).toMatchObject(Array(5).fill({ attempts: 1, last_error: expect.stringContaining(error) }));
    silent.close();
  });

  it("retries a mail with the same Message-ID", async () => {
    let answers = 0;
    const ids: (string | undefined)[] = [];
    const { port } = await mailServer({
      onData: (stream, _session, done) => {
        simpleParser(stream).then((mail) => {
          ids.push(mail.messageId);
          answers += 1;
          done(answers === 1 ? Object.assign(new Error("Try again"), { responseCode: 451 }) : null);
        }, done);
      },
    });
    await queue();
    await work(bySmtp(port));
    await makeDue();
    await work(bySmtp(port));
    expect(ids).toHaveLength(2);
    expect(ids[0]).toMatch(/^<[\w-]{36}@example\.com>$/);
    expect(ids[1]).toBe(ids[0]);
  });

  it("does not retry a permanent rejection, and stores the reason", async () => {
    const { port } = await mailServer({
      onRcptTo: (_address, _session, done) => done(Object.assign(new Error("No such user"), { responseCode: 550 })),
    });
    await queue();
    await work(bySmtp(port));
    await makeDue();
    await work(bySmtp(port));
    const [job] = await jobs();
    expect(job).toMatchObject({ attempts: 25, last_error: expect.stringContaining("550 No such user") });
    const rejections = logged.filter(({ msg }) => msg === "E-mail rejected by the server; it is not retried");
    expect(rejections).toMatchObject([{ level: 50, to: "ada@example.com" }]);
  });

  it("retries when the server rejects the sender", async () => {
    const { port } = await mailServer({
      onMailFrom: (_address, _session, done) => done(Object.assign(new Error("Not you"), { responseCode: 550 })),
    });
    await queue();
    await work(bySmtp(port));
    const [job] = await jobs();
    expect(job).toMatchObject({ attempts: 1, max_attempts: 25 });
  });

  it("writes a file without SMTP and logs its name", async () => {
    await queue();
    await work(settings());
    const [path = ""] = await written();
    expect(await written()).toHaveLength(1);
    expect(path).toMatch(/\/\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-\d{3}Z-invite-ada@example\.com-[0-9a-f]{8}\.eml$/);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(join(dataFolder, "mail"))).mode & 0o777).toBe(0o700);
    expect(logged.find(({ msg }) => msg === "E-mail written to a file")).toMatchObject({ level: 30, path });
    const mail = await simpleParser(await readFile(path));
    expect(mail.text).toContain(link);
    expect(await readFile(path, "utf8")).toContain(`\r\n${link}\r\n`);
    expect(mail.html).toContain(`href="${link}"`);
    expect(await jobs()).toEqual([]);
  });

  it("writes a file when mail is disabled although a server is configured", async () => {
    const { mails, port } = await mailServer();
    await queue();
    await work(bySmtp(port, { enabled: false }));
    expect(mails).toEqual([]);
    expect(await written()).toHaveLength(1);
  });

  it("uses the operator's template for the part it replaces", async () => {
    const templatesFolder = join(dataFolder, "own");
    await mkdir(templatesFolder);
    await writeFile(join(templatesFolder, "invite.txt"), "Subject: Join {{ scopeName }}\r\n\r\nGo to {{link}}\r\n");
    await queue();
    await work(settings({ templatesFolder }));
    const [path = ""] = await written();
    const mail = await simpleParser(await readFile(path));
    expect(mail.subject).toBe("Join Weather & Sons <b>");
    expect(mail.text?.trim()).toBe(`Go to ${link}`);
    expect(mail.html).toContain("Accept the invitation");
  });

  it("keeps line breaks in values out of the headers", async () => {
    const { mails, port } = await mailServer();
    await queue({ ...invite, data: { ...invite.data, inviterName: "Eve\r\nBcc: all@example.com\r\n\r\nHi" } });
    await work(bySmtp(port));
    expect(mails[0]?.subject).toMatch(/^Eve Bcc: all@example\.com Hi invited you/);
    expect(mails[0]?.headers.has("bcc")).toBe(false);
  });

  it("never logs a token or a body", async () => {
    const { port } = await mailServer({
      onRcptTo: (_address, _session, done) => done(Object.assign(new Error("Later"), { responseCode: 450 })),
    });
    await queue();
    await work(bySmtp(port));
    await makeDue();
    await work(settings());
    expect(logged.length).toBeGreaterThan(2);
    expect(JSON.stringify(logged)).not.toMatch(/kR7|v1\.|Accept the invitation/);
  });
});

describe("queueMail", () => {
  it("adds nothing when the transaction rolls back", async () => {
    const failing = database.db.$transaction(async (tx) => {
      await queueMail({ secrets }, tx, invite);
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    expect(await jobs()).toEqual([]);
  });

  it("stores neither token nor recipient in plain text", async () => {
    await queue();
    const [job] = await jobs();
    expect(Object.keys(job?.payload as object)).toEqual(["id", "sealed"]);
    expect(JSON.stringify(job)).not.toMatch(/kR7|ada@example/);
  });

  it.each(["ada", "ada@example.com, eve@example.com", "ada@example.com\r\nBcc: eve@example.com", ""])(
    "rejects the recipient %j",
    async (to) => {
      await expect(queue({ ...invite, to })).rejects.toMatchObject({ code: "BAD_USER_INPUT" });
      expect(await jobs()).toEqual([]);
    },
  );
});
