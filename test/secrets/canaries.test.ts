import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { simpleParser } from "mailparser";
import pg from "pg";
import { beforeAll, describe, expect, it } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import type { EncryptedValue } from "../../src/platform/secrets/encryptedColumn.ts";
import { encryptedValues } from "../../src/platform/secrets/encryptedValues.ts";
import { secretBox } from "../../src/platform/secrets/secretBox.ts";
import { encryptedColumns } from "../../src/services/encryptedColumns.ts";
import { formsOfToken } from "../support/canaries.ts";
import { dumpDatabase } from "../support/databaseDump.ts";
import { embeddedUrl } from "../support/houstonProcess.ts";
import {
  call,
  encryptionKey,
  env,
  errorBodies,
  find,
  folder,
  fresh,
  generated,
  graphql,
  houston,
  made,
  mails,
  plain,
  say,
  setupToken,
  smtpSignIns,
} from "./canaryHouston.ts";
import { putSecretsIn } from "./canaryRequests.ts";

/** The clear text of a value; empty if it cannot be decrypted. */
function opened({ value, boundTo }: EncryptedValue): string {
  try {
    return secretBox([encryptionKey]).open(value, boundTo);
  } catch {
    return "";
  }
}

describe("a hundred secrets, put in through every way in", () => {
  let dump = "";
  const audit: string[] = [];
  let metrics = "";
  const stored: { column: string; clear: string }[] = [];

  beforeAll(async () => {
    await houston.start();
    const as = await putSecretsIn();
    for (const format of ["csv", "jsonl"])
      audit.push((await call(`/v1/audit-log?format=${format}`, "", as, "GET")).text);
    audit.push((await graphql("{ auditLog(take: 1000) { action actor detail entityId } }", {}, as)).text);
    metrics = await (await fetch(`${houston.operationsUrl}/metrics`)).text();
    const pool = new pg.Pool({ connectionString: await embeddedUrl(folder.path), max: 1 });
    try {
      dump = (await dumpDatabase(pool)).map(({ table, row }) => `${table} ${JSON.stringify(row)}`).join("\n");
      for (const column of encryptedColumns)
        for await (const batch of encryptedValues(pool, column))
          stored.push(...batch.map((one) => ({ column: column.name, clear: opened(one) })));
    } finally {
      await pool.end();
    }
    await houston.stop();
  }, 120_000);

  /** What Houston generated, without the start of API keys, which is shown for recognition. */
  const leaked = (text: string) =>
    generated.filter(({ kind, value }) => {
      const secret = kind === "key" ? value.slice(8) : kind === "token" ? (value.split(".")[2] ?? value) : value;
      return formsOfToken(secret).some((form) => text.includes(form));
    });

  it("S1: are at least 100, and would be found in every form", () => {
    expect(made()).toBeGreaterThanOrEqual(100);
    expect(new Set(generated.map(({ kind }) => kind))).toEqual(new Set(["mail", "token", "key"]));
    const value = fresh();
    for (const before of ["", "a", "bc", "def"]) {
      const bytes = Buffer.from(`${before}${value}`);
      for (const form of ["utf8", "hex", "base64", "base64url"] as const)
        expect(find(bytes.toString(form)), form).toBeDefined();
    }
    for (const form of [
      encodeURIComponent(value),
      say(value),
      say(say({ value })),
      `\\x${Buffer.from(value).toString("hex").toUpperCase()}`,
    ])
      expect(find(form), form).toBeDefined();
    expect(find("nothing at all")).toBeUndefined();
    const one = generated[0]?.value ?? "";
    expect(leaked(Buffer.from(one).toString("base64"))).not.toEqual([]);
  });

  it("S1: are stored: every encrypted value is one of them", () => {
    const counts: Record<string, number> = {};
    for (const { column, clear } of stored) {
      counts[column] = (counts[column] ?? 0) + 1;
      const known = column === "ServiceAccount.keyEncrypted" ? leaked(clear).length > 0 : find(clear) !== undefined;
      expect(known, column).toBe(true);
    }
    expect(counts).toEqual({
      // 10 by GraphQL, 3 by the upsert of another Deployment, 5 by the Platform API.
      "EnvironmentVariable.value": 18,
      "Deployment.dagDeployment.sshKey": 1,
      "Deployment.dagDeployment.httpsToken": 1,
      "Deployment.dockerconfigjson": 1,
      "ServiceAccount.keyEncrypted": 3,
      "Connection.details": 7,
    });
  });

  it("S1: are in no table of the database", () => {
    expect(dump).toContain('"isSecret":true');
    expect(dump).toContain("second@example.com");
    expect(find(dump)).toBeUndefined();
    expect(leaked(dump)).toEqual([]);
  });

  it("S1: are in no file of the database, its journal included", async () => {
    const files = (await readdir(join(folder.path, "postgres"), { recursive: true, withFileTypes: true })).filter(
      (one) => one.isFile(),
    );
    let [bytes, seen] = [0, false];
    for (const file of files) {
      const content = (await readFile(join(file.parentPath, file.name))).toString("latin1");
      bytes += content.length;
      seen ||= content.includes("second@example.com");
      expect(find(content), file.name).toBeUndefined();
    }
    expect(seen).toBe(true);
    expect(bytes).toBeGreaterThan(20_000_000);
  });

  it("S1: are in no line of the log at level trace", () => {
    const log = houston.log();
    expect(log).toMatch(/"level":"(trace|debug)"/);
    expect(log).toContain("createToken");
    expect(find(log)).toBeUndefined();
    expect(leaked(log)).toEqual([]);
    // Standard error has the set-up token, for the first user, and nothing else.
    expect(find(houston.logs().replaceAll(setupToken, ""))).toBeUndefined();
  });

  it("S1: are in no error of any API that they provoked", () => {
    expect(errorBodies.length).toBeGreaterThan(50);
    for (const body of errorBodies) expect(find(body)).toBeUndefined();
    expect(leaked(errorBodies.join("\n"))).toEqual([]);
  });

  it("S1: are in no audit entry and no export of them", () => {
    for (const text of audit) {
      expect(text).toContain("updateDeploymentVariables");
      expect(find(text)).toBeUndefined();
      expect(leaked(text)).toEqual([]);
    }
  });

  it("S1: are in no e-mail, but for the token of its own link", async () => {
    expect(smtpSignIns()).toBeGreaterThan(0);
    const texts = await Promise.all(
      mails.map(async (mail) => {
        const { text, html } = await simpleParser(Buffer.from(mail));
        return `${mail}\n${text}\n${html}`;
      }),
    );
    for (const text of texts) expect(find(text)).toBeUndefined();
    for (const { kind, value } of generated) {
      const times = texts.filter((text) => text.includes(value)).length;
      expect(times, kind).toBe(kind === "mail" ? 1 : 0);
    }
  });

  it("S1: are not in the metrics, and there are no traces", () => {
    expect(metrics).toContain("houston_graphql_root_fields_total");
    expect(find(metrics)).toBeUndefined();
    expect(leaked(metrics)).toEqual([]);
    expect(
      Object.keys(manifest.dependencies).filter((name) => /telemetry|trac(e|ing)|sentry|datadog|apm/.test(name)),
    ).toEqual([]);
  });

  it("S1: are not in what `config print` and a failed start print", async () => {
    const given = {
      PATH: process.env.PATH,
      ...env,
      DATABASE_URL: `postgresql://houston:${plain()}@127.0.0.1:1/houston`,
    };
    const run = (...args: string[]) => {
      const { stdout, stderr } = spawnSync(process.execPath, ["src/main.ts", ...args], {
        encoding: "utf8",
        env: given,
      });
      return stdout + stderr;
    };
    const printed = run("config", "print");
    expect(printed).toContain('smtpUrl: "[hidden]"');
    expect(find(printed)).toBeUndefined();
    expect(find(run("config", "print", "--show-secrets"))).toBeDefined();
    for (const args of [[], ["migrate"], ["audit", "verify"], ["rotate-keys"]]) {
      const output = run(...args);
      expect(output).toContain("nothing accepts connections");
      expect(find(output)).toBeUndefined();
    }
    const password = readFileSync(join(folder.path, "postgres.password"), "utf8").trim();
    expect(houston.logs()).not.toContain(password);
    expect(dump).not.toContain(password);
  });
});
