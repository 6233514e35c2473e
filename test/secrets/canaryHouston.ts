import { once } from "node:events";
import { writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text as textOf } from "node:stream/consumers";
import { simpleParser } from "mailparser";
import { SMTPServer } from "smtp-server";
import { afterAll, expect, vi } from "vitest";
import { createCanaries } from "../support/canaries.ts";
import { dataFolder, houstonProcess } from "../support/houstonProcess.ts";

export const { fresh, find, made } = createCanaries();
export const plain = () => fresh({ plain: true });
export const folder = await dataFolder();

/** A mail server that requires the password in the configuration. */
export const mails: string[] = [];
export const smtpPassword = plain();
let signIns = 0;
/** How often Houston has signed in to it. */
export const smtpSignIns = () => signIns;
const smtp = new SMTPServer({
  disabledCommands: ["STARTTLS"],
  allowInsecureAuth: true,
  onAuth: ({ password }, _session, done) => {
    if (password !== smtpPassword) return done(new Error("wrong password"));
    signIns += 1;
    done(null, { user: "houston" });
  },
  onData: (stream, _session, done) => {
    textOf(stream).then((mail) => done(null, String(mails.push(mail))), done);
  },
});
smtp.listen(0, "127.0.0.1");
await once(smtp.server, "listening");

const configFile = join(folder.path, "config.yaml");
writeFileSync(
  configFile,
  `prisma: {secret: ${plain()}}
deployments: {helm: {registry: {password: ${plain()}}, sslmode: prefer}}
`,
);
export const setupToken = fresh({ plain: true, length: 20 });
export const encryptionKey = Buffer.from(fresh({ plain: true, length: 32 })).toString("hex");
export const env = {
  CONFIG_FILE: configFile,
  DATABASE__DATA_FOLDER: folder.path,
  JWT__SECRET: fresh({ plain: true, length: 32 }),
  ENCRYPTION__KEYS: JSON.stringify([encryptionKey]),
  AUTH__SETUP_TOKEN: setupToken,
  AUTH__LOCAL__PASSWORD_COST: "10",
  AUTH__LOCAL__LIMITS__ATTEMPTS_PER_ADDRESS: "100000",
  AUTH__LOCAL__LIMITS__FAILURES_PER_ACCOUNT: "100000",
  EMAIL__ENABLED: "true",
  EMAIL__SMTP_URL: `smtp://houston:${smtpPassword}@127.0.0.1:${(smtp.server.address() as AddressInfo).port}`,
  ELASTICSEARCH__ENABLED: "true",
  ELASTICSEARCH__CLIENT__NODE: `http://houston:${plain()}@127.0.0.1:1`,
  DEPLOYMENTS__GIT_SYNC_DAG_DEPLOYMENT: "true",
  DEPLOYMENTS__UPSERT_DEPLOYMENT_ENABLED: "true",
  DEPLOYMENTS__ENABLE_UPDATE_DEPLOYMENT_IMAGE_ENDPOINT: "true",
  PUBLIC_SIGNUPS: "true",
  EMAIL_CONFIRMATION: "true",
  LOGGING__LEVEL: "trace",
};
export const houston = await houstonProcess(env);
afterAll(async () => {
  await houston.stop();
  smtp.close();
  await folder.remove();
});

/** Bodies of all answers that report an error. */
export const errorBodies: string[] = [];
/** What Houston generated and answered once or sent by mail, by its kind. */
export const generated: { kind: string; value: string }[] = [];

export type Headers = Record<string, string>;

export async function call(path: string, body: object | string, headers: Headers = {}, method = "POST") {
  const response = await fetch(`${houston.url}${path}`, {
    method,
    headers: { "content-type": "application/json", ...headers },
    ...(method !== "GET" && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  // biome-ignore lint/suspicious/noExplicitAny: answers of three APIs.
  let answer: any = {};
  try {
    answer = JSON.parse(text);
  } catch {
    // Not JSON.
  }
  const failed = response.status >= 400 || answer.errors !== undefined || /"success":false|"valid":false/.test(text);
  if (failed) errorBodies.push(text);
  return { status: response.status, data: answer.data, answer, failed, text };
}

export const say = (value: unknown) => JSON.stringify(value);
export const graphql = (query: string, variables: object = {}, headers: Headers = {}) =>
  call("/v1", { query, variables }, headers);
export const alpha = (query: string, variables: object = {}, headers: Headers = {}) =>
  call("/alpha", { query, variables }, headers);

/** The token in the newest mail to an address. */
export async function mailed(address: string, count = 1): Promise<string> {
  const of = () => mails.filter((one) => one.includes(`To: ${address}`));
  const mail = await vi.waitFor(
    () => {
      const found = of().at(count - 1);
      if (!found) throw new Error(`no mail number ${count} to ${address} yet`);
      return found;
    },
    { timeout: 15_000, interval: 50 },
  );
  const token = /[?&](?:inviteT|t)oken=([\w-]+)/.exec((await simpleParser(Buffer.from(mail))).text ?? "")?.[1] ?? "";
  expect(token).not.toBe("");
  generated.push({ kind: "mail", value: token });
  return token;
}

export const ok = <T extends { failed: boolean; text: string }>(result: T): T => {
  expect(result.failed, result.text).toBe(false);
  return result;
};
export const refused = <T extends { failed: boolean; text: string }>(result: T): T => {
  expect(result.failed, result.text).toBe(true);
  return result;
};
