import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { ConfigError, configFrom, ensureSecrets } from "../../src/platform/config/config.ts";
import { secretBox } from "../../src/platform/secrets/secretBox.ts";

const home = mkdtempSync(join(tmpdir(), "houston-secrets-"));
afterAll(() => rmSync(home, { recursive: true }));
const newFolder = () => mkdtempSync(join(home, "data-"));
const secret = "0123456789abcdef0123456789abcdef";
const key = Buffer.alloc(32, 7).toString("base64");

describe("ensureSecrets", () => {
  it("creates secrets once, readable by their owner only, and reads them again", async () => {
    const dataFolder = join(newFolder(), "new");
    const { config, warnings } = await ensureSecrets(configFrom({ database: { dataFolder } }));
    expect(config.jwt.secret?.length).toBeGreaterThanOrEqual(32);
    expect(() => secretBox(config.encryption.keys)).not.toThrow();
    expect(warnings).toEqual([]);
    expect(statSync(join(dataFolder, "secrets.json")).mode & 0o777).toBe(0o600);
    expect((await ensureSecrets(configFrom({ database: { dataFolder } }))).config).toEqual(config);
  });

  it("gives the same secrets to concurrent starts and leaves one file", async () => {
    const dataFolder = newFolder();
    const config = configFrom({ database: { dataFolder } });
    const all = await Promise.all(Array.from({ length: 20 }, () => ensureSecrets(config)));
    expect(new Set(all.map((one) => JSON.stringify(one.config))).size).toBe(1);
    expect(readdirSync(dataFolder)).toEqual(["secrets.json"]);
  });

  it("prefers configured secrets and then leaves the file alone", async () => {
    const dataFolder = newFolder();
    const given = configFrom({ database: { dataFolder }, jwt: { secret }, encryption: { keys: [key] } });
    expect(await ensureSecrets(given)).toEqual({ config: given, warnings: [] });
    expect(readdirSync(dataFolder)).toEqual([]);
  });

  it("creates only what is missing, and warns when the database may be shared", async () => {
    const database = { dataFolder: newFolder(), url: "postgresql://houston@db/houston" };
    const { config, warnings } = await ensureSecrets(configFrom({ database, jwt: { secret } }));
    expect(config.jwt.secret).toBe(secret);
    expect(config.encryption.keys).toHaveLength(1);
    expect(warnings).toEqual([
      expect.stringMatching(/^encryption\.keys not set; .*All replicas must use the same values/),
    ]);
    expect(warnings.join()).not.toContain(config.encryption.keys[0]);
  });

  it("rejects a damaged file instead of replacing it", async () => {
    const dataFolder = newFolder();
    writeFileSync(join(dataFolder, "secrets.json"), '{"jwtSecret": "canary');
    const attempt = ensureSecrets(configFrom({ database: { dataFolder } }));
    await expect(attempt).rejects.toThrow(ConfigError);
    await expect(attempt).rejects.not.toThrow(/canary/);
  });

  it.each([
    ["jwt.secret", { jwt: { secret: secret.slice(1) } }],
    ["encryption.keys", { encryption: { keys: [Buffer.alloc(31).toString("base64")] } }],
    ["encryption.keys", { encryption: { keys: [key, Buffer.alloc(33).toString("base64")] } }],
  ])("rejects a short or long %s", (name, overrides) => {
    expect(() => configFrom(overrides)).toThrow(name);
  });
});
