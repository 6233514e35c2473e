import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { WatchEvent } from "../../src/platform/kubernetes/kubernetes.ts";
import { helmReleases } from "../../src/platform/kubernetes/resources.ts";
import { kubernetesServer, sendStatus } from "../support/kubernetesServer.ts";
import { all, clientOf, placeOfRelease, release } from "./client.ts";

const server = await kubernetesServer();
const client = clientOf(server.url);
const put = (name: string, spec = {}, namespace = "airflow") =>
  server.store.put(placeOfRelease(name, namespace), release(name, spec, namespace));
const watchFrom = (resourceVersion: string, scope: { namespace?: string; signal?: AbortSignal } = {}) =>
  client.watch(helmReleases, { resourceVersion, ...scope });
const summary = (event: WatchEvent | undefined) =>
  event && (event.type === "BOOKMARK" ? event.type : `${event.type} ${event.object.metadata.name}`);

/** Answers the next watch with these bytes, and ends or leaves it. */
function sends(chunks: (string | Buffer)[], end = true) {
  server.intercept = (_, response) => {
    response.writeHead(200, { "content-type": "application/json" }).flushHeaders();
    for (const chunk of chunks) response.write(chunk);
    if (end) response.end();
    return true;
  };
}

afterEach(() => {
  server.intercept = undefined;
  vi.useRealTimers();
});

describe("watch", () => {
  it("asks for changes after a version, with bookmarks, for about five minutes", async () => {
    const events = watchFrom(`${server.store.version}`, { namespace: "airflow" });
    put("asked");
    await events.next();
    await events.return(undefined);
    const { url } = server.requests.at(-1) ?? {};
    expect(url?.pathname).toBe("/apis/helm.toolkit.fluxcd.io/v2/namespaces/airflow/helmreleases");
    expect(Object.fromEntries(url?.searchParams ?? [])).toMatchObject({ watch: "true", allowWatchBookmarks: "true" });
    const seconds = Number(url?.searchParams.get("timeoutSeconds"));
    expect(seconds).toBeGreaterThanOrEqual(300);
    expect(seconds).toBeLessThan(360);
  });

  it("reports what was added, modified and deleted, and how far it has come", async () => {
    const events = watchFrom(`${server.store.version}`);
    put("one");
    expect(summary((await events.next()).value)).toBe("ADDED one");
    put("one", { suspend: true });
    const { value: modified } = await events.next();
    expect(modified).toMatchObject({ type: "MODIFIED", object: { spec: { suspend: true }, kind: "HelmRelease" } });
    expect(modified?.resourceVersion).toBe(`${server.store.version}`);
    server.store.remove(placeOfRelease("one"));
    expect(summary((await events.next()).value)).toBe("DELETED one");
    server.bookmark();
    expect((await events.next()).value).toEqual({ type: "BOOKMARK", resourceVersion: `${server.store.version}` });
    await events.return(undefined);
  });

  it("reports changes of a namespace", async () => {
    const events = watchFrom(`${server.store.version}`, { namespace: "airflow" });
    put("elsewhere", {}, "other");
    put("here");
    expect(summary((await events.next()).value)).toBe("ADDED here");
    await events.return(undefined);
  });

  it("ends when the server ends it, and continues after the last version", async () => {
    const from = `${server.store.version}`;
    put("before");
    const seen: WatchEvent[] = [];
    for await (const event of watchFrom(from)) {
      seen.push(event);
      server.endWatches();
    }
    expect(seen.map(summary)).toEqual(["ADDED before"]);
    put("after");
    const next = watchFrom(seen.at(-1)?.resourceVersion ?? "");
    expect(summary((await next.next()).value)).toBe("ADDED after");
    await next.return(undefined);
  });

  it("reads events however their bytes are split", async () => {
    const line = JSON.stringify({ type: "ADDED", object: release("x", { text: "ü€😀" }) });
    const versioned = line.replace('"name":"x"', '"name":"x","resourceVersion":"9"');
    const bytes = Buffer.from(`${versioned}\n${versioned}\n`);
    server.intercept = (_, response) => {
      response.writeHead(200).flushHeaders();
      const send = (from: number) => {
        if (from >= bytes.length) return response.end();
        response.write(bytes.subarray(from, from + 1), () => setImmediate(send, from + 1));
      };
      send(0);
      return true;
    };
    const events = await all(watchFrom("1"));
    expect(events.map((event) => "object" in event && event.object.spec)).toEqual([{ text: "ü€😀" }, { text: "ü€😀" }]);
  });

  it("throws 410 in an event if the version is too old", async () => {
    const from = `${server.store.version}`;
    put("compacted");
    server.store.compact();
    await expect(all(watchFrom(from))).rejects.toMatchObject({
      name: "KubernetesError",
      status: 410,
      reason: "Expired",
      message: expect.stringMatching(/^too old resource version/),
    });
  });

  it("throws 410 as the status of the answer", async () => {
    server.intercept = (_, response) => {
      sendStatus(response, 410, "Gone", "too old");
      return true;
    };
    await expect(all(watchFrom("1"))).rejects.toMatchObject({ status: 410, message: "too old" });
  });

  it("throws what an event of type ERROR says", async () => {
    sends(['{"type":"ERROR","object":{"kind":"Status","code":504,"reason":"Timeout","message":"etcd is slow"}}\n']);
    await expect(all(watchFrom("1"))).rejects.toMatchObject({
      status: 504,
      reason: "Timeout",
      message: "etcd is slow",
    });
  });

  it("throws for events that nobody knows", async () => {
    sends(['{"type":"RENAMED","object":{"metadata":{"resourceVersion":"2"}}}\n']);
    await expect(all(watchFrom("1"))).rejects.toThrow("sent an event of an unknown type: RENAMED");
    sends(['{"type":"ADDED","object":{"metadata":{}}}\n']);
    await expect(all(watchFrom("1"))).rejects.toThrow("sent an event without resourceVersion");
  });

  it("throws without a status if the connection breaks", async () => {
    const events = watchFrom(`${server.store.version}`);
    put("broken");
    await events.next();
    server.cutConnections();
    await expect(events.next()).rejects.toMatchObject({
      name: "KubernetesError",
      status: undefined,
      message: expect.stringMatching(/^The Kubernetes API cannot be reached: /),
    });
  });

  it("closes its connection when the reader stops", async () => {
    put("read");
    for await (const event of watchFrom(`${server.store.version - 1}`)) {
      expect(summary(event)).toBe("ADDED read");
      break;
    }
    await expect.poll(() => server.requests.at(-1)?.left).toBe(true);
  });

  it("closes its connection when its signal aborts", async () => {
    const controller = new AbortController();
    const events = watchFrom(`${server.store.version}`, { signal: controller.signal });
    const next = events.next();
    const { length } = server.requests;
    await expect.poll(() => server.requests.length).toBeGreaterThan(length);
    controller.abort(new Error("stopping"));
    await expect(next).rejects.toMatchObject({
      name: "KubernetesError",
      message: "The call was canceled",
      cause: expect.objectContaining({ message: "stopping" }),
    });
    await expect.poll(() => server.requests.at(-1)?.left).toBe(true);
  });

  it("is given up when it is silent for longer than the server should be", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const events = watchFrom(`${server.store.version}`);
    put("first");
    await events.next();
    const next = events.next();
    const timeout = Number(server.requests.at(-1)?.url.searchParams.get("timeoutSeconds")) * 1_000;
    await vi.advanceTimersByTimeAsync(timeout);
    put("second");
    await next;
    const silent = expect(events.next()).rejects.toThrow(`The Kubernetes API was silent for ${timeout + 30_000} ms`);
    await vi.advanceTimersByTimeAsync(timeout + 30_001);
    await silent;
    vi.useRealTimers();
    await expect.poll(() => server.requests.at(-1)?.left).toBe(true);
  });

  it("is not given up while its reader is busy", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const events = watchFrom(`${server.store.version}`);
    put("early");
    await events.next();
    await vi.advanceTimersByTimeAsync(3_600_000);
    put("late");
    expect(summary((await events.next()).value)).toBe("ADDED late");
    await events.return(undefined);
  });

  it("is not begun forever", async () => {
    server.intercept = () => true;
    await expect(all(clientOf(server.url, 50).watch(helmReleases, { resourceVersion: "1" }))).rejects.toThrow(
      "The Kubernetes API did not answer within 50 ms",
    );
  });

  it("leaves room for other calls, however many watches there are", async () => {
    const controller = new AbortController();
    const running = Array.from({ length: 150 }, () =>
      watchFrom(`${server.store.version}`, { signal: controller.signal })
        .next()
        .catch(() => undefined),
    );
    expect(await client.version()).toBe("v1.37.2");
    controller.abort();
    await Promise.all(running);
  });
});

describe("memory", () => {
  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");

  /** Whether what `take` returned is gone after a few collections. */
  async function isCollected(take: () => Promise<object>): Promise<boolean> {
    const reference = new WeakRef(await take());
    for (let i = 0; i < 20 && reference.deref(); i++) {
      await new Promise(setImmediate);
      collect();
    }
    return reference.deref() === undefined;
  }

  it("holds no event that was read before the last one", async () => {
    const events = watchFrom(`${server.store.version}`);
    put("to be collected");
    put("last");
    const collected = await isCollected(async () => {
      const { value } = await events.next();
      await events.next();
      return (value && "object" in value && value.object) || value;
    });
    expect(collected).toBe(true);
    await events.return(undefined);
  });

  it("holds no page that was read, while the next one is awaited", async () => {
    const controller = new AbortController();
    const pages = client.list(helmReleases, { limit: 1, signal: controller.signal });
    let next: Promise<unknown> | undefined;
    const collected = await isCollected(async () => {
      const { value } = await pages.next();
      server.intercept = () => true;
      next = pages.next().catch(({ message }) => message);
      return value?.items[0] ?? value;
    });
    expect(collected).toBe(true);
    controller.abort();
    expect(await next).toBe("The call was canceled");
  });
});
