import { pino } from "pino";
import { afterAll, describe, expect, it, vi } from "vitest";
import { startTestApp } from "../support/app.ts";
import { createAs } from "../support/as.ts";
import { createBuild } from "../support/build.ts";
import { lastRunners } from "../support/fastPathRunners.ts";

vi.mock(import("../../src/fastPath/batching/batchRunners.ts"), async (original) => {
  const { recordRunners } = await import("../support/fastPathRunners.ts");
  return recordRunners(original);
});

const lines: Record<string, unknown>[] = [];
const log = pino({ level: "info" }, { write: (line: string) => void lines.push(JSON.parse(line)) });
const running = await startTestApp({ fastPath: { enabled: true } }, { log });
afterAll(running.close);
const runners = lastRunners();
const { app, db, operationsUrl, url } = running;
const [as, build] = [createAs(url), createBuild(db, running.config)];
const { workspace, admin } = await build.workspace();
for (let n = 0; n < 20; n++) {
  const another = await build.workspace();
  await db.roleBinding.create({
    data: { role: "WORKSPACE_VIEWER", userId: admin.id, workspaceId: another.workspace.id },
  });
}

const READ = "query Mine { workspaces { id label createdAt } }";
const WRITE = `mutation Make($label: String!, $id: Uuid!) {
  createWorkspaceServiceAccount(label: $label, workspaceUuid: $id, role: WORKSPACE_VIEWER) { id }
}`;
let labels = 0;
const variables = () => ({ id: workspace.id, label: `Account ${labels++}` });

function post(query: string, given: object, headers: Record<string, string> = {}) {
  const all = { "content-type": "application/json", authorization: admin.token, ...headers };
  return fetch(`${url}/v1`, { method: "POST", headers: all, body: JSON.stringify({ query, variables: given }) });
}

/** The access log line and response headers of a request, without what differs between requests. */
async function logAndHeaders(id: string, query: string, given: object) {
  const answer = await post(query, given, { "x-request-id": id });
  expect((await answer.json()).errors).toBeUndefined();
  const find = () => lines.find((line) => line.requestId === id);
  await expect.poll(find).toBeDefined();
  const { time: _, ms, ...line } = find() ?? {};
  expect(ms).toEqual(expect.any(Number));
  const headers = Object.fromEntries(answer.headers);
  for (const name of ["date", "content-length", "connection", "keep-alive"]) delete headers[name];
  return JSON.parse(JSON.stringify({ line, headers }).replaceAll(id, "<id>"));
}

async function countOf(field: string, via: "fast" | "apollo") {
  const text = await (await fetch(`${operationsUrl}/metrics`)).text();
  const series = `houston_graphql_root_fields_total{field="${field}",outcome="ok",via="${via}"} `;
  const line = text.split("\n").find((one) => one.startsWith(series));
  return Number(line?.slice(series.length) ?? 0);
}

describe("a request on the fast path", () => {
  it.each([
    ["read", READ, "workspaces", "reads"],
    ["write", WRITE, "createWorkspaceServiceAccount", "writes"],
  ] as const)(
    "has the same log line, headers and count as on Apollo's path: a %s",
    async (name, query, field, connections) => {
      const first = await logAndHeaders(`${name}-1`, query, variables());
      const before = await countOf(field, "fast");
      expect(await countOf(field, "apollo")).toBe(1);
      const execute = vi.spyOn(runners[connections], "query");
      const again = await logAndHeaders(`${name}-2`, query, variables());
      expect(execute).toHaveBeenCalledTimes(1);
      execute.mockRestore();
      expect(first.line.via).toBe("apollo");
      expect(again).toEqual({ ...first, line: { ...first.line, via: "fast" } });
      expect(again.line).toMatchObject({ requestId: "<id>", path: "/v1", status: 200, fields: [field] });
      expect(again.line).toHaveProperty("operation");
      expect(again.headers).toMatchObject({ "x-request-id": "<id>", "cache-control": "no-store" });
      expect(await countOf(field, "fast")).toBe(before + 1);
      expect(await countOf(field, "apollo")).toBe(1);
    },
  );

  it("is compressed for clients that accept it", async () => {
    const [plain, zipped] = [
      await post(READ, {}, { "accept-encoding": "identity" }),
      await post(READ, {}, { "accept-encoding": "gzip" }),
    ];
    expect(plain.headers.get("content-encoding")).toBeNull();
    expect(zipped.headers.get("content-encoding")).toBe("gzip");
    expect(await zipped.text()).toBe(await plain.text());
  });

  it("is not repeated when a write may or may not have happened", async () => {
    await as(admin).send(WRITE, variables());
    const failing = vi.spyOn(runners.writes, "query").mockRejectedValue(new Error("the line went dead: secret"));
    const pool = vi.spyOn(app.services.pool, "query");
    const given = variables();
    const answer = await (await post(WRITE, given, { "x-request-id": "dead-1" })).json();
    expect(pool).not.toHaveBeenCalled();
    pool.mockRestore();
    failing.mockRestore();
    expect(answer).toEqual({
      data: null,
      errors: [{ message: "Internal server error", extensions: { code: "INTERNAL_SERVER_ERROR" } }],
    });
    const logged = lines.filter((line) => line.requestId === "dead-1");
    expect(JSON.stringify(logged)).toContain("the line went dead");
    expect(logged.some((line) => JSON.stringify(line.errors) === '["INTERNAL_SERVER_ERROR"]')).toBe(true);
    expect(await db.serviceAccount.count({ where: { label: given.label } })).toBe(0);
  });

  it("is retried on Apollo's path when a read fails unexpectedly", async () => {
    await as(admin).send(READ);
    const failing = vi.spyOn(runners.reads, "query").mockRejectedValue(new Error("odd"));
    const answer = await as(admin).send(READ);
    failing.mockRestore();
    expect(answer.errors).toBeUndefined();
    expect(answer.data.workspaces).toHaveLength(21);
  });

  it("returns SERVICE_UNAVAILABLE immediately when the database is unavailable", async () => {
    await as(admin).send(READ);
    const away = vi
      .spyOn(runners.reads, "query")
      .mockRejectedValue(Object.assign(new Error("gone"), { code: "ECONNRESET" }));
    const pool = vi.spyOn(app.services.pool, "query");
    const answer = await as(admin).send(READ);
    expect(pool).not.toHaveBeenCalled();
    pool.mockRestore();
    away.mockRestore();
    expect(answer.errors?.[0]?.extensions.code).toBe("SERVICE_UNAVAILABLE");
  });
});
