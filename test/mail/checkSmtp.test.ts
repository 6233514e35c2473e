import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { pino } from "pino";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import { afterEach, describe, expect, it } from "vitest";
import { configFrom, type DeepPartial } from "../../src/platform/config/config.ts";
import { checkSmtp } from "../../src/platform/mail/checkSmtp.ts";
import { selfSigned } from "../support/selfSigned.ts";

const cleanup: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const clean of cleanup.splice(0)) await clean();
});

/** The port of an SMTP server. */
async function smtp(options: SMTPServerOptions): Promise<number> {
  const server = new SMTPServer({ disableReverseLookup: true, ...options });
  server.on("error", () => undefined);
  server.listen(0, "127.0.0.1");
  await once(server.server, "listening");
  cleanup.push(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return (server.server.address() as AddressInfo).port;
}

/** What is logged about the SMTP server at start. */
async function warnings(smtp: DeepPartial<ReturnType<typeof configFrom>["email"]>): Promise<string[]> {
  const lines: string[] = [];
  const log = pino({ level: "warn" }, { write: (line: string) => void lines.push(JSON.parse(line).msg) });
  await checkSmtp(configFrom({ email: { enabled: true, ...smtp } }).email, log);
  expect(JSON.stringify(lines)).not.toContain("canary");
  return lines.map((line) => line.replace("E-mails cannot be sent at present: ", ""));
}

const plain: SMTPServerOptions = { authOptional: true, disabledCommands: ["STARTTLS"] };

describe("at start, a warning names the e-mail setting at fault:", () => {
  it("none if the server can be used, or there is none", async () => {
    expect(await warnings({ smtpUrl: `smtp://127.0.0.1:${await smtp(plain)}` })).toEqual([]);
    expect(await warnings({ enabled: false })).toEqual([]);
  });

  it("refused", async () => {
    const free = createServer().listen(0, "127.0.0.1");
    await once(free, "listening");
    const { port } = free.address() as AddressInfo;
    await new Promise((resolve) => free.close(resolve));
    const text = "nothing accepts connections at 127.0.0.1 on this port";
    expect(await warnings({ smtpUrl: `smtp://127.0.0.1:${port}` })).toEqual([
      `email.smtpUrl (EMAIL__SMTP_URL): ${text}`,
    ]);
    expect(await warnings({ smtp: { enabled: true, host: "127.0.0.1", port } })).toEqual([
      `email.smtp.host and email.smtp.port: ${text}`,
    ]);
  });

  it("host unknown", async () => {
    expect(await warnings({ smtpUrl: "smtp://mail.invalid" })).toEqual([
      "email.smtpUrl (EMAIL__SMTP_URL): the host mail.invalid is unknown",
    ]);
  });

  it("password wrong", async () => {
    const port = await smtp({
      allowInsecureAuth: true,
      disabledCommands: ["STARTTLS"],
      onAuth: (_auth, _session, done) => done(new Error("Invalid login")),
    });
    const auth = { user: "ada", pass: "canary" };
    expect(await warnings({ smtp: { enabled: true, host: "127.0.0.1", port, secure: false, auth } })).toEqual([
      "email.smtp.auth: 127.0.0.1 rejected the user or the password",
    ]);
  });

  it("TLS not offered", async () => {
    const port = await smtp(plain);
    expect(await warnings({ smtp: { enabled: true, host: "127.0.0.1", port, secure: true } })).toEqual([
      "email.smtp.secure: 127.0.0.1 does not offer TLS on this port; false uses STARTTLS",
    ]);
  });

  it("certificate not trusted", async () => {
    const port = await smtp({ authOptional: true, secure: true, ...selfSigned() });
    expect(await warnings({ smtp: { enabled: true, host: "127.0.0.1", port, secure: true } })).toEqual([
      "email.smtp.tls.rejectUnauthorized: the certificate of 127.0.0.1 is not trusted; add its authority with NODE_EXTRA_CA_CERTS",
    ]);
  });
});
