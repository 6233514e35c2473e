import { beforeAll, describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { DENIED } from "../support/outcome.ts";

const { as, url, build, db, app } = await testHouston();
const systemAdmin = await build.systemAdmin();
const here = await build.workspace();
const elsewhere = await build.workspace();

const LOG = `query ($workspaceUuid: Uuid, $actor: String, $action: String, $entityType: String, $entityId: Uuid,
    $outcome: AuditOutcome, $from: DateTime, $to: DateTime, $take: Int, $cursor: Uuid) {
  auditLog(workspaceUuid: $workspaceUuid, actor: $actor, action: $action, entityType: $entityType, entityId: $entityId,
    outcome: $outcome, from: $from, to: $to, take: $take, cursor: $cursor) {
    id createdAt action actor outcome count entityType entityId workspaceId requestId address via detail
  }
}`;
const log = (someone: { token: string } | undefined, variables: object = {}) =>
  as(someone).send(LOG, variables as Record<string, unknown>);
const idsOf = async (variables: object) =>
  (await log(systemAdmin, variables)).data.auditLog.map(({ id }: { id: string }) => id);

const start = Date.parse("2026-01-01T00:00:00Z");
const at = (n: number) => new Date(start + n * 1_000);
const entry = (n: number) => ({
  ...{
    id: `e${n}`,
    createdAt: at(n),
    action: n % 2 ? "odd" : "even",
    actor: `user:u${n % 3}`,
    entityType: "Deployment",
  },
  ...{ entityId: `d${n % 5}`, workspaceId: n < 5 ? here.workspace.id : elsewhere.workspace.id, address: "10.0.0.1" },
  ...{ outcome: n === 4 ? ("DENIED" as const) : ("DONE" as const), via: "rest", requestId: "r", detail: { n } },
});

beforeAll(async () => {
  await app.services.denials.flush();
  await db.auditEntry.deleteMany();
  await db.auditEntry.createMany({ data: Array.from({ length: 10 }, (_, n) => entry(n)) });
});

describe("auditLog", () => {
  it("returns the entries, newest first", async () => {
    const { data } = await log(systemAdmin, { take: 1 });
    expect(data.auditLog).toEqual([{ ...entry(9), createdAt: at(9).toISOString(), count: 1 }]);
  });

  it.each<[object, number[]]>([
    [{ workspaceUuid: here.workspace.id }, [4, 3, 2, 1, 0]],
    [{ actor: "user:u1" }, [7, 4, 1]],
    [{ action: "odd" }, [9, 7, 5, 3, 1]],
    [{ entityType: "Deployment", entityId: "d2" }, [7, 2]],
    [{ outcome: "DENIED" }, [4]],
    [{ from: at(8).toISOString() }, [9, 8]],
    [{ to: at(2).toISOString() }, [1, 0]],
    [{ from: "2026-01-01T01:00:03+01:00", to: at(6).toISOString(), action: "odd" }, [5, 3]],
    [{ entityType: "Workspace" }, []],
  ])("filters: %j", async (filter, expected) => {
    expect(await idsOf(filter)).toEqual(expected.map((n) => `e${n}`));
  });

  it("returns pages after a cursor", async () => {
    expect(await idsOf({ take: 4 })).toEqual(["e9", "e8", "e7", "e6"]);
    expect(await idsOf({ take: 4, cursor: "e6" })).toEqual(["e5", "e4", "e3", "e2"]);
    expect(await idsOf({ take: 4, cursor: "e2", from: at(1).toISOString() })).toEqual(["e1"]);
  });

  it.each([0, -1, 1_001])("rejects the page size %i", async (take) => {
    const { errors } = await log(systemAdmin, { take });
    expect(errors).toMatchObject([{ message: "take: must be a whole number from 1 to 1000" }]);
  });

  it("has 100 entries on a page by default", async () => {
    const id = (n: number) => `many${n}`;
    const data = Array.from({ length: 101 }, (_, n) => ({ ...entry(0), id: id(n), action: "many" }));
    await db.auditEntry.createMany({ data });
    expect(await idsOf({ action: "many" })).toHaveLength(100);
    expect(await idsOf({ action: "many", take: 1_000 })).toHaveLength(101);
    await db.auditEntry.deleteMany({ where: { action: "many" } });
  });

  it("shows Workspace Admins their Workspace, and nothing else", async () => {
    const { data } = await log(here.admin, { workspaceUuid: here.workspace.id });
    expect(data.auditLog).toHaveLength(5);
    for (const variables of [
      {},
      { workspaceUuid: elsewhere.workspace.id },
      { entityId: "d2" },
      { workspaceUuid: "" },
    ]) {
      expect((await log(here.admin, variables)).errors, JSON.stringify(variables)).toMatchObject([{ message: DENIED }]);
    }
  });

  it("denies lesser roles and anonymous callers", async () => {
    const workspaceUuid = here.workspace.id;
    const editor = await build.user({ roles: [{ role: "WORKSPACE_EDITOR", workspaceId: workspaceUuid }] });
    for (const someone of [editor, here.viewer, here.outsider, undefined])
      expect((await log(someone, { workspaceUuid })).errors).toMatchObject([{ message: DENIED }]);
    const systemEditor = await build.user({ roles: [{ role: "SYSTEM_EDITOR" }] });
    for (const variables of [{}, { workspaceUuid }])
      expect((await log(systemEditor, variables)).errors).toMatchObject([{ message: DENIED }]);
  });

  it.each([
    ["all", "", [], "AuditEntry_createdAt_idx"],
    ["a Workspace", `e."workspaceId" = $1 AND`, ["w1"], "AuditEntry_workspaceId_createdAt_idx"],
    ["an actor", `e.actor = $1 AND`, ["user:u1"], "AuditEntry_actor_createdAt_idx"],
    ["a row", `e."entityId" = $1 AND`, ["d1"], "AuditEntry_entityId_createdAt_idx"],
  ])("finds a page through an index that has its order: %s", async (_, condition, values, index) => {
    await db.$executeRawUnsafe(`INSERT INTO "AuditEntry" (id, "createdAt", action, actor, "entityType", "entityId", "workspaceId")
      SELECT 'plan' || n, now() AT TIME ZONE 'utc' - n * interval '1 s', 'plan', 'user:u' || n % 100, 'Deployment', 'd' || n % 1000,
        'w' || n % 50 FROM generate_series(1, 20000) n`);
    await db.$executeRawUnsafe(`ANALYZE "AuditEntry"`);
    const rows = await db.$transaction(async (tx) => {
      // Whether sorting a few entries is cheaper depends on where earlier tests have left room for them.
      await tx.$executeRawUnsafe("SET LOCAL enable_bitmapscan = off");
      return tx.$queryRawUnsafe<{ "QUERY PLAN": string }[]>(
        `EXPLAIN SELECT * FROM "AuditEntry" e WHERE ${condition} true ORDER BY e."createdAt" DESC, e.id DESC LIMIT 100`,
        ...values,
      );
    });
    const plan = rows.map((row) => row["QUERY PLAN"]).join("\n");
    expect(plan).toContain(`Index Scan Backward using "${index}"`);
    // Only entries of the same time are sorted.
    expect(plan.replaceAll("Incremental Sort", "")).not.toMatch(/Sort {2}|Seq Scan/);
    await db.auditEntry.deleteMany({ where: { action: "plan" } });
  });
});

describe("GET /v1/audit-log", () => {
  const get = (someone: { token: string } | undefined, query: string, signal?: AbortSignal) =>
    fetch(`${url}/v1/audit-log${query}`, {
      ...(someone && { headers: { authorization: someone.token } }),
      ...(signal && { signal }),
    });

  it("exports CSV, oldest first, with the filters of auditLog", async () => {
    const answer = await get(systemAdmin, `?format=csv&action=odd&to=${at(4).toISOString()}`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe("text/csv; charset=utf-8");
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(answer.headers.get("content-disposition")).toBe('attachment; filename="audit-log.csv"');
    const w = here.workspace.id;
    expect(await answer.text()).toBe(
      "id,createdAt,action,actor,outcome,count,entityType,entityId,workspaceId,requestId,address,via,detail\r\n" +
        `e1,2026-01-01T00:00:01.000Z,odd,user:u1,DONE,1,Deployment,d1,${w},r,10.0.0.1,rest,"{""n"":1}"\r\n` +
        `e3,2026-01-01T00:00:03.000Z,odd,user:u0,DONE,1,Deployment,d3,${w},r,10.0.0.1,rest,"{""n"":3}"\r\n`,
    );
  });

  it("exports JSON lines", async () => {
    const answer = await get(here.admin, `?format=jsonl&workspaceUuid=${here.workspace.id}`);
    expect(answer.headers.get("content-type")).toBe("application/jsonl; charset=utf-8");
    const lines = (await answer.text()).trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line))).toEqual(
      [0, 1, 2, 3, 4].map((n) => ({ ...entry(n), createdAt: at(n).toISOString(), count: 1 })),
    );
  });

  it.each(["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"])("keeps %j from being run as a formula", async (action) => {
    await db.auditEntry.create({ data: { ...entry(0), id: "formula", action } });
    const text = await (await get(systemAdmin, `?action=${encodeURIComponent(action)}`)).text();
    await db.auditEntry.delete({ where: { id: "formula" } });
    expect(text).toMatch(/\nformula,[^,]*,"?'/);
  });

  it("denies whom auditLog denies", async () => {
    const workspace = `?workspaceUuid=${here.workspace.id}`;
    expect((await get(undefined, "")).status).toBe(401);
    for (const query of ["", `?workspaceUuid=${elsewhere.workspace.id}`])
      expect((await get(here.admin, query)).status, query).toBe(403);
    for (const someone of [here.viewer, here.outsider]) expect((await get(someone, workspace)).status).toBe(403);
    const twice = `?workspaceUuid=${here.workspace.id}&workspaceUuid=${elsewhere.workspace.id}`;
    expect((await get(here.admin, twice)).status).toBe(400);
  });

  it.each([
    ["?format=xml", "format: must be csv or jsonl"],
    ["?outcome=done", "outcome: must be one of DONE, DENIED, FAILED"],
    ["?from=yesterday", "from: must be an RFC 3339 timestamp such as 2026-11-21T06:43:42.383Z"],
  ])("rejects %s", async (query, message) => {
    const answer = await get(systemAdmin, query);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ code: "BAD_USER_INPUT", message });
  });

  it("rejects a filter that it does not know", async () => {
    expect((await get(systemAdmin, "?actoor=x")).status).toBe(400);
  });

  describe("with many entries", () => {
    const COUNT = 30_000;
    beforeAll(async () => {
      await db.$executeRawUnsafe(`INSERT INTO "AuditEntry" (id, "createdAt", action, actor, "entityType", "entityId", detail)
        SELECT 'big' || n, '2025-01-01'::timestamp + n % 7 * interval '1 s', 'big', 'user:u', 'Platform', '1',
          jsonb_build_object('text', repeat('x', 500)) FROM generate_series(1, ${COUNT}) n`);
    });
    const pagesRead = { count: 0 };
    const query = app.services.pool.query.bind(app.services.pool);
    Object.assign(app.services.pool, {
      query(...args: unknown[]) {
        if ((args[0] as { text?: string }).text?.includes("timestamp, $")) pagesRead.count += 1;
        return Reflect.apply(query, undefined, args);
      },
    });

    it("contains each once, in constant memory", async () => {
      const answer = await get(systemAdmin, "?format=jsonl&action=big");
      const ids = new Set<string>();
      let rest = "";
      const before = process.memoryUsage().rss;
      for await (const chunk of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
        const lines = (rest + chunk).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) ids.add(JSON.parse(line).id);
      }
      expect(ids.size).toBe(COUNT);
      // All of it has 20 MB.
      expect(process.memoryUsage().rss - before).toBeLessThan(150 * 1024 * 1024);
    });

    it("stops reading when the client disconnects", async () => {
      const abort = new AbortController();
      pagesRead.count = 0;
      const answer = await get(systemAdmin, "?format=jsonl&action=big", abort.signal);
      await answer.body?.getReader().read();
      abort.abort();
      const isQuiet = async () => {
        const seen = pagesRead.count;
        await new Promise((resolve) => setTimeout(resolve, 300));
        return seen === pagesRead.count;
      };
      await expect.poll(isQuiet).toBe(true);
      expect(pagesRead.count).toBeGreaterThan(0);
      expect(pagesRead.count).toBeLessThan(COUNT / 500);
    });

    it("ends when the caller loses the permission", async () => {
      const admin = await build.user({ roles: [{ role: "SYSTEM_ADMIN" }] });
      const answer = await get(admin, "?format=jsonl&action=big");
      const reader = answer.body?.getReader();
      await reader?.read();
      await db.roleBinding.deleteMany({ where: { userId: admin.id } });
      const drained = (async () => {
        while (!(await reader?.read())?.done);
      })();
      await expect(drained).rejects.toThrow();
    });
  });
});
