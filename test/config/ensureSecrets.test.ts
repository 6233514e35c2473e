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
    const config = await ensureSecrets(configFrom({ database: { dataFolder } }));
    expect(config.jwt.secret?.length).toBeGreaterThanOrEqual(32);
    expect(() => secretBox(config.encryption.keys)).not.toThrow();
    expect(statSync(join(dataFolder, "secrets.json")).mode & 0o777).toBe(0o600);
    expect(await ensureSecrets(configFrom({ database: { dataFolder } }))).toEqual(config);
  });

  it("gives the same secrets to concurrent starts and leaves one file", async () => {
    const dataFolder = newFolder();
    const config = configFrom({ database: { dataFolder } });
    const all = await Promise.all(Array.from({ length: 20 }, () => ensureSecrets(config)));
    expect(new Set(all.map((one) => JSON.stringify(one))).size).toBe(1);
    expect(readdirSync(dataFolder)).toEqual(["secrets.json"]);
  });

  it("prefers configured secrets and then leaves the file alone", async () => {
    const dataFolder = newFolder();
    const given = configFrom({ database: { dataFolder }, jwt: { secret }, encryption: { keys: [key] } });
    expect(await ensureSecrets(given)).toEqual(given);
    expect(readdirSync(dataFolder)).toEqual([]);
  });

  it("creates only what is missing", async () => {
    const config = await ensureSecrets(configFrom({ database: { dataFolder: newFolder() }, jwt: { secret } }));
    expect(config.jwt.secret).toBe(secret);
    expect(config.encryption.keys).toHaveLength(1);
  });

  it("S3: creates no secrets for a database that replicas share, and says how to make them", async () => {
    const dataFolder = newFolder();
    const attempt = ensureSecrets(configFrom({ database: { dataFolder, url: "postgresql://houston@db/houston" } }));
    await expect(attempt).rejects.toThrow(ConfigError);
    await expect(attempt).rejects.toThrow(/jwt\.secret: .*`openssl rand -hex 32`.*JWT__SECRET/);
    await expect(attempt).rejects.toThrow(/encryption\.keys: .*`openssl rand -hex 32`.*ENCRYPTION__KEYS/);
    expect(readdirSync(dataFolder)).toEqual([]);
  });

  it("accepts keys as `openssl rand -hex 32` and `openssl rand -base64 32` print them", () => {
    const bytes = Buffer.alloc(32, 7);
    const hex = bytes.toString("hex");
    expect(configFrom({ encryption: { keys: [hex, key] } }).encryption.keys).toEqual([hex, key]);
    expect(secretBox([key]).open(secretBox([hex]).seal("clear", "row"), "row")).toBe("clear");
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
