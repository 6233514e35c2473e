import { spawnSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { createAs } from "../support/as.ts";
import { firstUser } from "../support/firstUser.ts";
import { dataFolder, houstonProcess } from "../support/houstonProcess.ts";

const folder = await dataFolder();
const houston = await houstonProcess({ DATABASE__DATA_FOLDER: folder.path });
afterAll(async () => {
  await houston.stop();
  await folder.remove();
});

const rotate = (env: Record<string, string> = {}, args = ["--generate"]) =>
  spawnSync(process.execPath, ["src/main.ts", "rotate-keys", ...args], {
    encoding: "utf8",
    env: { PATH: process.env.PATH, DATABASE__DATA_FOLDER: folder.path, LOGGING__LEVEL: "fatal", ...env },
  });
const secrets = () => JSON.parse(readFileSync(join(folder.path, "secrets.json"), "utf8"));

it("S4: keys in secrets.json are replaced while Houston is stopped, and every value stays readable", {
  timeout: 120_000,
}, async () => {
  await houston.start();
  const as = createAs(houston.url)({ token: await firstUser(houston.url) });
  const CREATE = `mutation { createSystemServiceAccount(label: "Robot", role: SYSTEM_VIEWER) { apiKey } }`;
  const { apiKey } = (await as.send(CREATE)).data.createSystemServiceAccount;
  const before = secrets();
  const running = rotate();
  expect(running.status).toBe(1);
  expect(running.stderr).toContain("Houston did not rotate the keys: Another Houston process uses the data folder");
  expect(secrets()).toEqual(before);
  expect(rotate({}, []).stdout).toContain("encryption.keys has only this key, so there is none to remove");

  await houston.stop();
  const { status, stdout, stderr } = rotate();
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(stdout).toContain("ServiceAccount.keyEncrypted: 1\n");
  expect(stdout).toContain("1 were encrypted again. Under other keys than the first one: 0\n");
  expect(stdout).toContain("secrets.json contains only the new key now");
  const after = secrets();
  expect(after).toEqual({ jwtSecret: before.jwtSecret, encryptionKeys: [expect.any(String)] });
  expect(after.encryptionKeys).not.toEqual(before.encryptionKeys);
  expect(stdout).not.toContain(after.encryptionKeys[0]);
  expect(statSync(join(folder.path, "secrets.json")).mode & 0o777).toBe(0o600);

  await houston.start();
  const { data } = await as.send("{ serviceAccounts(entityType: SYSTEM) { apiKey } }");
  expect(data.serviceAccounts).toEqual([{ apiKey }]);
});

it("S4: a key is not generated where keys are configured", () => {
  const { status, stderr } = rotate({ ENCRYPTION__KEYS: JSON.stringify(["ab".repeat(32)]) });
  expect(status).toBe(1);
  expect(stderr).toContain("--generate: is for keys in secrets.json; write your new key at the start of");
});
