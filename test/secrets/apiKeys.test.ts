import { readFileSync } from "node:fs";
import { crc32 } from "node:zlib";
import { pino } from "pino";
import { afterAll, describe, expect, it } from "vitest";
import { isApiKey, keyPattern, newApiKey } from "../../src/access/apiKey.ts";
import { REST_PREFIX } from "../../src/api/http/restPrefix.ts";
import { purgeSchedule, purgeTasks } from "../../src/platform/jobs/purge.ts";
import { createAlpha } from "../support/alpha.ts";
import { startTestApp } from "../support/app.ts";
import { createAs } from "../support/as.ts";
import { createBuild } from "../support/build.ts";
import { countStatements } from "../support/countStatements.ts";
import { doorsOf } from "../support/doors.ts";
import { everyRow } from "../support/everyRow.ts";
import { openSocket, protocols } from "../support/sockets.ts";

const lines: string[] = [];
const log = pino({ level: "trace" }, { write: (line: string) => void lines.push(line) });
const running = await startTestApp({}, { log });
afterAll(running.close);
const { app, db, url, operationsUrl } = running;
const [as, build, alpha] = [createAs(url), createBuild(db, running.config), createAlpha(url)];

const { workspace, admin } = await build.workspace();
const { deployment } = await build.deployment({ workspaceId: workspace.id });
const { organization, owner } = await build.organization();
const systemAdmin = await build.systemAdmin();

/** Everything in a dump that a Houston encrypted. */
const sealedIn = (dump: string) => dump.match(/v1\.[\w-]{40,}/g);
const sealedBefore = sealedIn(await everyRow(db));

/** How a key is issued, by level; each returns the key and the ID of its account. */
const issue: Record<string, () => Promise<{ id: string; key: string }>> = {
  system: () => create("createSystemServiceAccount", "role: SYSTEM_VIEWER"),
  workspace: () => create("createWorkspaceServiceAccount", `workspaceUuid: "${workspace.id}", role: WORKSPACE_VIEWER`),
  deployment: () =>
    create("createDeploymentServiceAccount", `deploymentUuid: "${deployment.id}", role: DEPLOYMENT_VIEWER`),
  async rotated() {
    const { id } = await create("createServiceAccount", "entityType: SYSTEM");
    const ROTATE =
      "mutation ($id: Uuid!) { result: rotateServiceAccountKey(serviceAccountUuid: $id) { id key: apiKey } }";
    return (await as(systemAdmin).send(ROTATE, { id })).data.result;
  },
  async organization() {
    const CREATE = `mutation { result: createApiKey(name: "Canary") { id key: token } }`;
    const { data } = await alpha(owner, { organization: organization.id }).send(CREATE);
    return data.result;
  },
};
async function create(field: string, args: string) {
  const { data } = await as(systemAdmin).send(
    `mutation { result: ${field}(label: "Canary", ${args}) { id key: apiKey } }`,
  );
  return data.result as { id: string; key: string };
}

/** `count` new keys, of every level in turn. */
async function canaries(count: number): Promise<{ id: string; key: string }[]> {
  const levels = Object.values(issue);
  const keys = [];
  for (let n = 0; n < count; n++) keys.push(await levels[n % levels.length]?.());
  return keys as { id: string; key: string }[];
}

/** The random characters of a key, as they are and in encodings that a dump or a log could contain. */
const tracesOf = (key: string) => {
  const body = key.slice(4, 36);
  const encodings = (["base64", "base64url", "hex"] as const).map((encoding) => Buffer.from(key).toString(encoding));
  return [body, Buffer.from(body).toString("hex"), ...encodings];
};
const found = (keys: readonly string[], text: string) =>
  keys.filter((key) => tracesOf(key).some((trace) => text.includes(trace)));

/** Uses a key in every API, well and badly, so that it could get into logs and errors. */
async function use(key: string) {
  const headers = { authorization: `Bearer ${key}` };
  await Promise.all([
    as({ token: key }).send("{ self { isAdmin } }"),
    as({ token: key }).send("mutation { createSystemServiceAccount(label: 1, role: NONE) { id } }"),
    as({ token: `${key}x` }).send("{ self { isAdmin } }"),
    alpha({ token: key }).send("{ organizations { id } }"),
    fetch(`${url}${REST_PREFIX}/organizations`, { headers }),
    fetch(`${url}/alpha/applications/unknown/config`, { headers }),
  ]);
}

describe("API keys at rest", () => {
  it("T19: of 100 keys of every level, none is in any table, log line or metric", async () => {
    const keys = (await canaries(100)).map(({ key }) => key);
    expect(new Set(keys.filter(isApiKey)).size).toBe(100);
    for (const key of keys) await use(key);
    await app.services.lastUsed.flush();
    const dump = await everyRow(db);
    expect(dump).toContain("createServiceAccount");
    expect(found(keys, dump)).toEqual([]);
    expect(lines.length).toBeGreaterThan(600);
    expect(found(keys, lines.join("\n"))).toEqual([]);
    expect(found(keys, await (await fetch(`${operationsUrl}/metrics`)).text())).toEqual([]);
    // The search finds what is there.
    const [key = ""] = keys;
    await db.serviceAccount.updateMany({ where: { label: "Canary" }, data: { category: `key ${key}` } });
    expect(found(keys, await everyRow(db))).toEqual([key]);
  });

  it("T20: a key is shown for 10 minutes, and in the 11th nothing is left from which it could be recovered", async () => {
    const keys = await Promise.all(
      Array.from({ length: 10 }, async () => {
        const { data } = await as(admin).send(
          `mutation { result: createWorkspaceServiceAccount(workspaceUuid: "${workspace.id}", label: "Shown",
            role: WORKSPACE_VIEWER) { id key: apiKey } }`,
        );
        return data.result as { id: string; key: string };
      }),
    );
    const shown = async () => {
      const { data } = await as(admin).send(
        `{ workspaceServiceAccounts(workspaceUuid: "${workspace.id}") { id apiKey } }`,
      );
      const rows = new Map<string, string>(
        data.workspaceServiceAccounts.map(({ id, apiKey }: { id: string; apiKey: string }) => [id, apiKey]),
      );
      return keys.map(({ id }) => rows.get(id));
    };
    const sealed = async () => {
      const rows = await db.serviceAccount.findMany({ where: { keyEncrypted: { not: null } } });
      return rows.map(({ keyHash, keyEncrypted }) =>
        app.services.secrets.open(keyEncrypted ?? "", `ServiceAccount:${keyHash}`),
      );
    };
    const purge = () => purgeTasks.purgeKeys?.({}, { query: (text: string) => app.services.pool.query(text) } as never);
    /** Lets time pass for the rows, whose times the purge compares with the clock of the database. */
    const pass = (minutes: number) =>
      db.$executeRaw`UPDATE "ServiceAccount" SET "keyShownUntil" = "keyShownUntil" - ${minutes} * interval '1 minute'`;
    await pass(9.8);
    await purge();
    expect(await shown()).toEqual(keys.map(({ key }) => key));
    expect(await sealed()).toEqual(expect.arrayContaining(keys.map(({ key }) => key)));
    // The purge runs every minute.
    const minutes = purgeSchedule.find(({ task }) => task === "purgeKeys");
    expect(
      Array.from({ length: 60 }, (_, min) => minutes?.match({ min, hour: 1, date: 1, month: 1, dow: 1 })),
    ).not.toContain(false);
    await pass(0.3);
    expect(await shown()).toEqual(keys.map(({ key }) => key.slice(0, 6)));
    await purge();
    expect(await sealed()).toEqual([]);
    const dump = await everyRow(db);
    expect(
      found(
        keys.map(({ key }) => key),
        dump,
      ),
    ).toEqual([]);
    expect(sealedIn(dump)).toEqual(sealedBefore);
  });
});

describe("damaged API keys", () => {
  const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-. ";
  const random = (below: number) => Math.floor(Math.random() * below);
  /** The key with one character replaced, removed, added or swapped with the next. */
  function damage(key: string): string {
    const [at, char] = [random(key.length), alphabet[random(alphabet.length)]];
    const [before, after] = [key.slice(0, at), key.slice(at + 1)];
    const one = [
      `${before}${char}${after}`,
      `${before}${after}`,
      `${before}${char}${key.slice(at)}`,
      `${before}${after.slice(0, 1)}${key[at]}${after.slice(1)}`,
    ][random(4)];
    return one === undefined || one.trim() === key ? damage(key) : one;
  }

  it("T21: none of 100,000 with one damaged character passes the checksum", () => {
    const accepted = Array.from({ length: 1_000 }, newApiKey).flatMap((key) =>
      Array.from({ length: 100 }, () => damage(key)).filter((one) => isApiKey(one.trim())),
    );
    expect(accepted).toEqual([]);
  });

  it("T21: they are rejected at every door without a database query", async () => {
    const { token } = await build.serviceAccount({ role: "SYSTEM_ADMIN" });
    const query = "{ self { isAdmin } }";
    for (const path of ["/v1", "/alpha"])
      await doorsOf(url, { token })
        .find(({ name }) => name === path)
        ?.send(query);
    const damaged = Array.from({ length: 50 }, () => damage(token));
    const { result, statements } = await countStatements(() =>
      Promise.all(
        damaged.map(async (one) => {
          const headers = { authorization: encodeURI(one) };
          const [v1, first, rest, router] = await Promise.all([
            as({ token: one }).send(query),
            alpha({ token: one }).send("{ organizations { id } }"),
            fetch(`${url}${REST_PREFIX}/organizations`, { headers }),
            fetch(`${url}/alpha/applications/${"0".repeat(21)}/config`, { headers }),
          ]);
          const codes = [v1, first].map(({ errors }) => errors?.[0]?.extensions.code);
          return [...codes, rest.status, router.status].join(" ");
        }),
      ),
    );
    expect(new Set(result)).toEqual(new Set(["UNAUTHENTICATED UNAUTHENTICATED 401 404"]));
    expect(statements).toEqual([]);
  });

  it.each(protocols)("T21: they open no socket, without a database query (%s)", async (protocol) => {
    const { token } = await build.serviceAccount({ role: "SYSTEM_ADMIN" });
    const { result, statements } = await countStatements(() =>
      Promise.all(
        Array.from({ length: 20 }, async () => {
          const socket = await openSocket(url, protocol);
          socket.send({ type: "connection_init", payload: { authorization: damage(token) } });
          return (await socket.closed).code;
        }),
      ),
    );
    expect(new Set(result)).toEqual(new Set([4401]));
    expect(statements).toEqual([]);
  });

  it("T21: the documentation has the pattern and the checksum for secret scanners", () => {
    const [, pattern = ""] = /`(hou_\[[^`]+)`/.exec(readFileSync("docs/api.md", "utf8")) ?? [];
    expect(`^${pattern}$`).toBe(keyPattern.source);
    const keys = Array.from({ length: 100 }, newApiKey);
    const text = keys.map((key) => `API_KEY="${key}" # ci`).join("\n");
    expect(text.match(new RegExp(pattern, "g"))).toEqual(keys);
    for (const key of keys) expect(crc32(key.slice(4, 36)).toString(16).padStart(8, "0")).toBe(key.slice(-8));
  });
});
