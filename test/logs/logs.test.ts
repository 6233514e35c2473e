import { setTimeout as sleep } from "node:timers/promises";
import { beforeEach, describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { jsonServer } from "../support/jsonServer.ts";
import { elasticsearch } from "./elasticsearch.ts";

const store = await elasticsearch();
const node = store.url.replace("http://", "http://reader:s%20cret@");
const { as, build } = await testHouston({ elasticsearch: { enabled: true, client: { node } } });
const without = await testHouston({ elasticsearch: { enabled: true } });

const LOGS = `query ($id: Uuid!, $component: String, $timestamp: DateTime, $search: String) {
  logs(deploymentUuid: $id, component: $component, timestamp: $timestamp, search: $search) {
    id uuid timestamp release component level message
  }
}`;

const { deployment, viewer, home } = await build.deployment();
const line = (
  id: string,
  second: number,
  message: string,
  component = "scheduler",
  release = deployment.releaseName,
) => ({
  id,
  timestamp: `2026-11-21T06:43:${String(second).padStart(2, "0")}.383924246Z`,
  release,
  component,
  message,
});

beforeEach(() => {
  store.instead = undefined;
  store.requests.length = 0;
  store.lines = [
    line("c", 30, "Task failed: no such bucket", "worker"),
    line("a", 10, "Scheduler started\n"),
    line("b", 20, "Loaded 5 DAGs"),
    line("x", 20, "Somebody else's", "scheduler", `${deployment.releaseName}-other`),
  ];
});

const read = async (variables: object = {}) => {
  const answer = await as(viewer).send(LOGS, { id: deployment.id, ...variables });
  expect(answer.errors).toBeUndefined();
  return answer.data.logs as { id: string; message: string }[];
};
const ids = async (variables: object = {}) => (await read(variables)).map(({ id }) => id);

describe("logs", () => {
  it("returns the Deployment's lines, oldest first, without the newline that ended each", async () => {
    expect(await read()).toEqual([
      {
        id: "a",
        uuid: "a",
        timestamp: "2026-11-21T06:43:10.383924246Z",
        release: deployment.releaseName,
        component: "scheduler",
        level: null,
        message: "Scheduler started",
      },
      expect.objectContaining({ id: "b", message: "Loaded 5 DAGs" }),
      expect.objectContaining({ id: "c" }),
    ]);
    const [request] = store.requests;
    expect(request?.url.pathname).toContain(`fluentd.${deployment.releaseName}.*`);
    expect(request?.headers.authorization).toBe(`Basic ${Buffer.from("reader:s cret").toString("base64")}`);
  });

  it("filters by component, time and words, and ignores empty arguments", async () => {
    expect(await ids({ component: "workers" })).toEqual(["c"]);
    expect(await ids({ timestamp: "2026-11-21T06:43:20.383924246Z" })).toEqual(["b", "c"]);
    expect(await ids({ search: "no such buck" })).toEqual(["c"]);
    expect(await ids({ search: "", component: "" })).toEqual(["a", "b", "c"]);
  });

  it("returns the newest thousand lines", async () => {
    store.lines = Array.from({ length: 1_500 }, (_, n) => ({
      ...line(`${n}`, 0, `line ${n}`),
      timestamp: new Date(1_800_000_000_000 + n).toISOString(),
    }));
    const lines = await read();
    expect([lines.length, lines[0]?.id, lines.at(-1)?.id]).toEqual([1_000, "500", "1499"]);
  });

  it.each([
    [3_000, 1_000],
    [6_000, 500],
    [2_500_000, 1],
  ])("returns at most 4 MiB of lines: for %i characters each, %i lines", async (length, count) => {
    store.lines = Array.from({ length: count === 1 ? 4 : 1_500 }, (_, n) => ({
      ...line(`${n}`, 0, "x".repeat(length)),
      timestamp: new Date(1_800_000_000_000 + n).toISOString(),
    }));
    const lines = await read();
    expect([lines.length, lines.at(-1)?.id]).toEqual([count, `${store.lines.length - 1}`]);
  });

  it("limits concurrent reads for all callers together", async () => {
    const { promise: body, resolve } = Promise.withResolvers<unknown>();
    store.instead = () => ({ status: 200, body });
    const waiting = Array.from({ length: 8 }, () => read());
    await expect.poll(() => store.requests.length).toBe(8);
    store.instead = undefined;
    let answered = false;
    const next = read().finally(() => {
      answered = true;
    });
    await expect.poll(() => store.requests.length).toBe(9);
    await sleep(300);
    expect(answered).toBe(false);
    resolve({ hits: { hits: [] } });
    expect(await Promise.all(waiting)).toEqual(Array(8).fill([]));
    expect(await next).toHaveLength(3);
  });

  it("passes the search text on as a value, whatever it contains", async () => {
    const search = '"} OR release:* AND _exists_:message {"match_all":{}}';
    expect(await ids({ search, component: "* OR *" })).toEqual([]);
    const filter = store.requests[0]?.body.query.bool.filter;
    expect(filter).toContainEqual({ match_phrase_prefix: { message: { query: search } } });
    expect(filter).toContainEqual({ match_phrase: { release: deployment.releaseName } });
  });

  it("denies callers without the permission and anonymous callers", async () => {
    for (const someone of [home?.viewer, home?.outsider]) {
      const { errors } = await as(someone).send(LOGS, { id: deployment.id });
      expect(errors?.[0]?.extensions.code).toBe("FORBIDDEN");
    }
    const { errors } = await as(undefined).send(LOGS, { id: deployment.id });
    expect(errors?.[0]?.extensions.code).toBe("UNAUTHENTICATED");
    expect(store.requests).toEqual([]);
  });

  it("rejects an invalid time and an overlong search", async () => {
    for (const bad of [{ timestamp: "yesterday" }, { search: "x".repeat(1_001) }, { component: "x".repeat(64) }]) {
      const { errors } = await as(viewer).send(LOGS, { id: deployment.id, ...bad });
      expect(errors?.[0]?.extensions.code).toBe("BAD_USER_INPUT");
    }
    expect(store.requests).toEqual([]);
  });

  it("sends requests to the configured server only", async () => {
    const other = await jsonServer(() => ({ status: 200, body: { hits: { hits: [] } } }));
    store.instead = () => ({ status: 307, body: "", headers: { location: other.url } });
    const { errors } = await as(viewer).send(LOGS, { id: deployment.id });
    expect(errors?.[0]?.extensions.code).toBe("SERVICE_UNAVAILABLE");
    expect(other.requests).toEqual([]);
  });

  it.each([
    ["an error", { status: 500, body: { error: "secret reason" } }],
    ["no JSON", { status: 200, body: "<html>" }],
    ["something else", { status: 200, body: { acknowledged: true } }],
    ["far too much", { status: 200, body: " ".repeat(5 * 1024 * 1024) }],
  ])("reports that the store is unavailable when it returns %s", async (_, reply) => {
    store.instead = () => reply;
    const { errors, status } = await as(viewer).send(LOGS, { id: deployment.id });
    expect(status).toBe(200);
    expect(errors?.[0]).toMatchObject({ extensions: { code: "SERVICE_UNAVAILABLE" } });
    expect(JSON.stringify(errors)).not.toContain("secret");
  });

  it("names the settings when there is no store", async () => {
    const other = await without.build.deployment();
    const { errors } = await without.as(other.viewer).send(LOGS, { id: other.deployment.id });
    expect(errors?.[0]?.extensions.code).toBe("LOGGING_NOT_CONFIGURED");
    expect(errors?.[0]?.message).toContain("elasticsearch.client.node");
    const config = "{ appConfig { elasticSearchEnabled } }";
    expect((await without.as(undefined).send(config)).data.appConfig.elasticSearchEnabled).toBe(false);
    expect((await as(undefined).send(config)).data.appConfig.elasticSearchEnabled).toBe(true);
  });
});
