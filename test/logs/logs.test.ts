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
  store.asked.length = 0;
  store.lines = [
    line("c", 30, "Task failed: no such bucket", "worker"),
    line("a", 10, "Scheduler started\n"),
    line("b", 20, "Loaded 5 DAGs"),
    line("x", 20, "Somebody else's", "scheduler", `${deployment.releaseName}-other`),
  ];
});

const ask = async (variables: object = {}) => {
  const answer = await as(viewer).send(LOGS, { id: deployment.id, ...variables });
  expect(answer.errors).toBeUndefined();
  return answer.data.logs as { id: string; message: string }[];
};
const ids = async (variables: object = {}) => (await ask(variables)).map(({ id }) => id);

describe("logs", () => {
  it("answers the lines of the Deployment, oldest first, each ending with a newline", async () => {
    expect(await ask()).toEqual([
      {
        id: "a",
        uuid: "a",
        timestamp: "2026-11-21T06:43:10.383924246Z",
        release: deployment.releaseName,
        component: "scheduler",
        level: null,
        message: "Scheduler started\n",
      },
      expect.objectContaining({ id: "b", message: "Loaded 5 DAGs\n" }),
      expect.objectContaining({ id: "c" }),
    ]);
    const [asked] = store.asked;
    expect(asked?.url.pathname).toContain(`fluentd.${deployment.releaseName}.*`);
    expect(asked?.headers.authorization).toBe(`Basic ${Buffer.from("reader:s cret").toString("base64")}`);
  });

  it("keeps to a part, a time and words; empty means not given", async () => {
    expect(await ids({ component: "workers" })).toEqual(["c"]);
    expect(await ids({ timestamp: "2026-11-21T06:43:20.383924246Z" })).toEqual(["b", "c"]);
    expect(await ids({ search: "no such buck" })).toEqual(["c"]);
    expect(await ids({ search: "", component: "" })).toEqual(["a", "b", "c"]);
  });

  it("answers the newest thousand of more", async () => {
    store.lines = Array.from({ length: 1_500 }, (_, n) => ({
      ...line(`${n}`, 0, `line ${n}`),
      timestamp: new Date(1_800_000_000_000 + n).toISOString(),
    }));
    const lines = await ask();
    expect([lines.length, lines[0]?.id, lines.at(-1)?.id]).toEqual([1_000, "500", "1499"]);
  });

  it.each([
    [3_000, 1_000],
    [6_000, 500],
    [2_500_000, 1],
  ])("answers lines of %i characters as long as all are no more than 4 MiB: %i", async (length, count) => {
    store.lines = Array.from({ length: count === 1 ? 4 : 1_500 }, (_, n) => ({
      ...line(`${n}`, 0, "x".repeat(length)),
      timestamp: new Date(1_800_000_000_000 + n).toISOString(),
    }));
    const lines = await ask();
    expect([lines.length, lines.at(-1)?.id]).toEqual([count, `${store.lines.length - 1}`]);
  });

  it("reads so many answers at once and no more, whoever asks", async () => {
    const { promise: body, resolve } = Promise.withResolvers<unknown>();
    store.instead = () => ({ status: 200, body });
    const held = Array.from({ length: 8 }, () => ask());
    await expect.poll(() => store.asked.length).toBe(8);
    store.instead = undefined;
    let answered = false;
    const next = ask().finally(() => {
      answered = true;
    });
    await expect.poll(() => store.asked.length).toBe(9);
    await sleep(300);
    expect(answered).toBe(false);
    resolve({ hits: { hits: [] } });
    expect(await Promise.all(held)).toEqual(Array(8).fill([]));
    expect(await next).toHaveLength(3);
  });

  it("hands what the caller wrote on as a value, whatever it looks like", async () => {
    const search = '"} OR release:* AND _exists_:message {"match_all":{}}';
    expect(await ids({ search, component: "* OR *" })).toEqual([]);
    const filter = store.asked[0]?.body.query.bool.filter;
    expect(filter).toContainEqual({ match_phrase_prefix: { message: { query: search } } });
    expect(filter).toContainEqual({ match_phrase: { release: deployment.releaseName } });
  });

  it("refuses who may not read them, and nobody", async () => {
    for (const someone of [home?.viewer, home?.outsider]) {
      const { errors } = await as(someone).send(LOGS, { id: deployment.id });
      expect(errors?.[0]?.extensions.code).toBe("FORBIDDEN");
    }
    const { errors } = await as(undefined).send(LOGS, { id: deployment.id });
    expect(errors?.[0]?.extensions.code).toBe("UNAUTHENTICATED");
    expect(store.asked).toEqual([]);
  });

  it("refuses a time that is none and words without end", async () => {
    for (const bad of [{ timestamp: "yesterday" }, { search: "x".repeat(1_001) }, { component: "x".repeat(64) }]) {
      const { errors } = await as(viewer).send(LOGS, { id: deployment.id, ...bad });
      expect(errors?.[0]?.extensions.code).toBe("BAD_USER_INPUT");
    }
    expect(store.asked).toEqual([]);
  });

  it("takes the question to no other server than the one configured", async () => {
    const other = await jsonServer(() => ({ status: 200, body: { hits: { hits: [] } } }));
    store.instead = () => ({ status: 307, body: "", headers: { location: other.url } });
    const { errors } = await as(viewer).send(LOGS, { id: deployment.id });
    expect(errors?.[0]?.extensions.code).toBe("SERVICE_UNAVAILABLE");
    expect(other.asked).toEqual([]);
  });

  it.each([
    ["an error", { status: 500, body: { error: "secret reason" } }],
    ["no JSON", { status: 200, body: "<html>" }],
    ["something else", { status: 200, body: { acknowledged: true } }],
    ["far too much", { status: 200, body: " ".repeat(5 * 1024 * 1024) }],
  ])("says that the store is not available when it answers %s", async (_, reply) => {
    store.instead = () => reply;
    const { errors, status } = await as(viewer).send(LOGS, { id: deployment.id });
    expect(status).toBe(200);
    expect(errors?.[0]).toMatchObject({ extensions: { code: "SERVICE_UNAVAILABLE" } });
    expect(JSON.stringify(errors)).not.toContain("secret");
  });

  it("says so when there is no store, and names the settings", async () => {
    const there = await without.build.deployment();
    const { errors } = await without.as(there.viewer).send(LOGS, { id: there.deployment.id });
    expect(errors?.[0]?.extensions.code).toBe("LOGGING_NOT_CONFIGURED");
    expect(errors?.[0]?.message).toContain("elasticsearch.client.node");
    const config = "{ appConfig { elasticSearchEnabled } }";
    expect((await without.as(undefined).send(config)).data.appConfig.elasticSearchEnabled).toBe(false);
    expect((await as(undefined).send(config)).data.appConfig.elasticSearchEnabled).toBe(true);
  });
});
