import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createAs } from "../support/as.ts";
import { createTestDatabase } from "../support/db.ts";
import { firstUser } from "../support/firstUser.ts";
import { dataFolder, houstonProcess } from "../support/houstonProcess.ts";
import { outcomeOf } from "../support/outcome.ts";
import { rawHttp } from "../support/rawHttp.ts";

const CANARY = "canary-of-the-environment-1b2c3d4e5f60";
const KEY = Buffer.from(CANARY.slice(0, 32)).toString("hex");
const database = await createTestDatabase();
const folder = await dataFolder();
const houston = await houstonProcess({
  DATABASE_URL: database.url,
  DATABASE__DATA_FOLDER: folder.path,
  JWT__SECRET: CANARY,
  ENCRYPTION__KEYS: JSON.stringify([KEY]),
  EMAIL__SMTP_URL: `smtp://user:${CANARY}@127.0.0.1:1`,
  DEPLOYMENTS__GIT_SYNC_DAG_DEPLOYMENT: "true",
});
afterAll(async () => {
  await houston.stop();
  await folder.remove();
  await database.drop();
});
let token = "";
beforeAll(async () => {
  await houston.start();
  token = await firstUser(houston.url);
}, 60_000);

/** A part of the secrets in the environment. */
const SECRET = new RegExp(`canary-of|${KEY.slice(0, 16)}`);

/** The ports on which a process listens (Linux). */
function listeningPorts(pid: number): number[] {
  const links = readdirSync(`/proc/${pid}/fd`).map((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`);
    } catch {
      return "";
    }
  });
  const lines = ["tcp", "tcp6"].flatMap((name) =>
    readFileSync(`/proc/${pid}/net/${name}`, "utf8").split("\n").slice(1),
  );
  return lines
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , , state, , , , , , inode]) => state === "0A" && links.includes(`socket:[${inode}]`))
    .map(([, local = ""]) => Number.parseInt(local.split(":")[1] ?? "", 16));
}

const up = ["../", "..%2f", "%2e%2e/", "%2e%2e%2f", "..%5c", "..%c0%af", "....//", "%252e%252e%252f"];
const folders = ["/", "/v1/playground/", "/v1/", "/alpha/", "/platform/v1beta1/docs/", "/platform/v1beta1/"];
const paths = [
  ...folders.flatMap((one) => up.map((step) => `${one}${step.repeat(12)}proc/self/environ`)),
  ...folders.flatMap((one) => up.map((step) => `${one}${step.repeat(3)}data/secrets.json`)),
  ...["/proc/self/environ", "//proc/self/environ", "/file:///proc/self/environ", "/proc/self/maps", "/.env"],
  ...["/json", "/json/list", "/json/version", "/debug/pprof/heap", "/debug/vars", "/heapdump", "/heapsnapshot"],
  ...["/actuator/env", "/actuator/heapdump", "/config", "/env", "/status", "/metrics", "/v1/metrics", "/v1/config"],
  ...["/src/main.ts", "/package.json", "/data/secrets.json", "/v1/playground/playground.js", "/healthz", "/readyz"],
];

describe("memory and environment of the process", () => {
  it("S7: are in no answer of either port, whatever the path", async () => {
    expect(readFileSync(`/proc/${houston.pid()}/environ`, "utf8")).toMatch(SECRET);
    const known = ["/v1/playground/playground.js", "/healthz", "/readyz", "/metrics"];
    const statuses = new Set<string>();
    for (const url of [houston.url, houston.operationsUrl]) {
      const answers = await Promise.all(
        paths.map((path) =>
          rawHttp(
            url,
            `GET ${path} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${token}\r\nconnection: close\r\n\r\n`,
          ),
        ),
      );
      for (const [n, answer] of answers.entries()) {
        const status = answer.split(" ")[1] ?? "none";
        statuses.add(status);
        expect(answer, paths[n]).not.toMatch(SECRET);
        if (status === "200") expect(known).toContain(paths[n]);
      }
    }
    expect(statuses).toContain("404");
    expect(statuses).toContain("200");
  });

  it("S7: are not read through an address that Houston connects to", async () => {
    const as = createAs(houston.url)({ token });
    const { data } = await as.send(`mutation { createWorkspace(label: "Blue") { id } }`);
    const VALIDATE = `mutation ($repositoryUrl: String!) {
      validateGitSyncCredentials(clusterId: "", repositoryUrl: $repositoryUrl, httpsToken: "x",
        workspaceUuid: "${data.createWorkspace.id}") { valid message } }`;
    const REGISTER = `mutation ($metadataUrl: String!) { registerCluster(name: "x", metadataUrl: $metadataUrl) { id } }`;
    for (const address of ["file:///proc/self/environ", "/proc/self/environ", "data:text/plain,x", "netdoc:///proc"]) {
      const [git, cluster] = [
        await as.send(VALIDATE, { repositoryUrl: address }),
        await as.send(REGISTER, { metadataUrl: address }),
      ];
      expect(outcomeOf(git)).toBe("BAD_USER_INPUT repositoryUrl");
      expect(outcomeOf(cluster)).toBe("BAD_USER_INPUT metadataUrl");
      expect(JSON.stringify([git, cluster])).not.toMatch(SECRET);
    }
  });

  it("S7: cannot be read by a debugger: the process listens on its two ports only, also after SIGUSR1", async () => {
    const ports = [houston.url, houston.operationsUrl].map((url) => Number(new URL(url).port)).sort();
    expect(listeningPorts(houston.pid()).sort()).toEqual(ports);
    process.kill(houston.pid(), "SIGUSR1");
    await sleep(500);
    expect(listeningPorts(houston.pid()).sort()).toEqual(ports);
    expect(await houston.ready()).toBe(200);
    expect(houston.logs()).not.toContain("Debugger listening");
  });
});
