import { X509Certificate } from "node:crypto";
import { pino } from "pino";
import { expect, it } from "vitest";
import { signingAuthority } from "../../src/platform/process/signingAuthority.ts";
import { testHouston } from "../support/houston.ts";

const { url, db, config } = await testHouston();
const log = pino({ level: "silent" });

const kids = async () => {
  const { keys } = (await (await fetch(`${url}/v1/.well-known/jwks.json`)).json()) as { keys: { kid: string }[] };
  return keys.map(({ kid }) => kid);
};

it("prints the certificate of the authority that Houston uses, and replaces the key if asked", async () => {
  const certificate = await signingAuthority(config, log, { newKey: false });
  expect(new X509Certificate(certificate).ca).toBe(true);
  const before = await kids();
  expect(before).toHaveLength(1);
  expect(await db.auditEntry.count({ where: { action: "rotateSigningKeys" } })).toBe(0);
  expect(await signingAuthority(config, log, { newKey: true })).toBe(certificate);
  const stored = await db.signingKey.findMany({ where: { isAuthority: false } });
  expect(stored.map(({ id }) => id)).not.toEqual(before);
  const [entry] = await db.auditEntry.findMany({ where: { action: "rotateSigningKeys" } });
  expect(entry).toMatchObject({
    ...{ actor: "job:rotateSigningKeys", via: "job" },
    detail: { created: stored.map(({ id }) => id), removed: before },
  });
});
