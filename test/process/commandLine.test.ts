import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import manifest from "../../package.json" with { type: "json" };
import { readMigrations } from "../../src/platform/database/migrations.ts";
import { createTestDatabase } from "../support/db.ts";

const folder = mkdtempSync(join(tmpdir(), "houston-cli-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs Houston with these arguments, as `npm start -- <args>` does. */
const houston = (args: string[], env: Record<string, string> = {}) =>
  spawnSync(process.execPath, ["src/main.ts", ...args], {
    encoding: "utf8",
    env: { PATH: process.env.PATH, DATABASE__DATA_FOLDER: folder, ...env },
  });

describe("npm start --", () => {
  it("--help names every command and ends with code 0", () => {
    const { status, stdout, stderr } = houston(["--help"]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    for (const word of [
      "migrate",
      "rotate-keys",
      "signing-authority",
      "provision",
      "config",
      "--version",
      "--help",
      "docs/configuration.md",
    ]) {
      expect(stdout).toContain(word);
    }
  });

  it("--version prints the version and nothing else", () => {
    expect(houston(["--version"])).toMatchObject({ status: 0, stdout: `${manifest.version}\n`, stderr: "" });
  });

  it.each([["nonsense"], ["--nonsense"], ["config", "nonsense"], ["migrate", "nonsense"]])(
    "an unknown command or option prints the help and ends with code 1: %s %s",
    (...args) => {
      const { status, stdout, stderr } = houston(args);
      expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
      expect(stderr).toMatch(/^error: .*nonsense|^error: too many arguments/);
      expect(stderr).toContain("Usage: ");
    },
  );
});

describe("config print", () => {
  const canary = "canary-canary-canary-canary-canary-canary";
  const file = join(folder, "config.yaml");
  writeFileSync(
    file,
    `publicSignups: true
webserver: {port: 1234}
prisma: {secret: ${canary}}
deployments: {helm: {sslmode: require, own: {token: ${canary}}}}
`,
  );
  const env = {
    CONFIG_FILE: file,
    JWT__SECRET: canary,
    DATABASE_URL: `postgresql://u:${canary}@db/houston`,
    UI__SUBDOMAIN: "ui",
  };

  it.each([[["config", "print"]], [["config", "print", "--redacted"]]])(
    "prints the effective configuration with origins and without secrets: %j",
    (args) => {
      const { status, stdout, stderr } = houston(args, env);
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
      expect(stdout).not.toContain("canary");
      expect(stdout).toContain(`port: 1234 # from ${file}`);
      expect(stdout).toContain("subdomain: ui # from UI__SUBDOMAIN");
      expect(parse(stdout)).toMatchObject({
        publicSignups: true,
        webserver: { port: 1234, operationsPort: 8872 },
        jwt: { secret: "[hidden]", issuer: "houston" },
        database: { url: "[hidden]", pool: { max: 10 } },
        encryption: { keys: [] },
        email: { smtpUrl: null },
      });
    },
  );

  it("prints secrets on request only, as a file that Houston accepts", () => {
    const printed = houston(["config", "print", "--show-secrets"], env);
    expect(parse(printed.stdout)).toMatchObject({ jwt: { secret: canary }, prisma: { secret: canary } });
    const copy = join(folder, "printed.yaml");
    writeFileSync(copy, printed.stdout);
    const again = houston(["config", "print", "--show-secrets"], { CONFIG_FILE: copy });
    expect({ status: again.status, stderr: again.stderr }).toEqual({ status: 0, stderr: "" });
    expect(parse(again.stdout)).toEqual(parse(printed.stdout));
    expect(houston(["config", "print", "--show-secrets", "--redacted"], env).status).toBe(1);
  });

  it("reports an invalid configuration and ends with code 1", () => {
    const { status, stdout, stderr } = houston(["config", "print"], { WEBSERVER__PORT: "x" });
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toContain("webserver.port: must be");
  });
});

describe("migrate", () => {
  it("migrates the database and the job tables without starting a server, and may be repeated", async () => {
    const database = await createTestDatabase({ empty: true });
    try {
      const first = houston(["migrate"], { DATABASE_URL: database.url });
      expect(first.status).toBe(0);
      const names = (await readMigrations()).map(({ name }) => name);
      expect(first.stderr).toBe(`The database was migrated: ${names.join(", ")}\n`);
      const again = houston(["migrate"], { DATABASE_URL: database.url });
      expect(again).toMatchObject({ status: 0, stderr: "The database is up to date\n" });
      const client = new pg.Client({ connectionString: database.url });
      await client.connect();
      await client.query('SELECT count(*) FROM "User"');
      await client.query("SELECT count(*) FROM graphile_worker.jobs");
      await client.end();
    } finally {
      await database.drop();
    }
  });

  it("says what failed and ends with code 1", () => {
    const { status, stderr } = houston(["migrate"], {
      DATABASE_URL: "postgresql://houston:hidden@127.0.0.1:1/houston",
    });
    expect(status).toBe(1);
    expect(stderr).toContain("Houston did not migrate: database.url (DATABASE_URL): nothing accepts connections");
    expect(stderr).not.toContain("hidden");
  });
});
