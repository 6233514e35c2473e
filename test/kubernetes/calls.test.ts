import type { ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Credentials } from "../../src/platform/kubernetes/credentials.ts";
import { helmReleases, namespaces } from "../../src/platform/kubernetes/resources.ts";
import { kubernetesServer, sendJson, sendStatus } from "../support/kubernetesServer.ts";
import { all, clientOf, release } from "./client.ts";

const tokens = new Set(["some-token"]);
const server = await kubernetesServer({ tokens });
const client = clientOf(server.url);
const credentials = (token: string): Credentials => ({ server: server.url, token, insecureSkipTlsVerify: false });
/** How many requests were received while `work` ran. */
async function requestsOf(work: () => Promise<unknown>) {
  const before = server.requests.length;
  await work();
  return server.requests.slice(before);
}

afterEach(() => {
  server.intercept = undefined;
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe("a token that was refused", () => {
  it("is replaced once by the one that is there now", async () => {
    let token = "expired";
    const asked: boolean[] = [];
    let current = credentials(token);
    const rotating = clientOf((fresh) => {
      asked.push(fresh);
      if (fresh && current.token !== token) current = credentials(token);
      return current;
    });
    await expect(rotating.version()).rejects.toMatchObject({ status: 401, reason: "Unauthorized" });
    expect(asked).toEqual([false, true]);
    token = "some-token";
    expect(await requestsOf(() => rotating.version())).toHaveLength(2);
    expect(await requestsOf(() => rotating.version())).toHaveLength(1);
  });

  it("is not replaced twice", async () => {
    let count = 0;
    const rotating = clientOf(() => credentials(`expired-${count++}`));
    const requests = await requestsOf(() => expect(rotating.version()).rejects.toMatchObject({ status: 401 }));
    expect(requests.map(({ headers }) => headers.authorization)).toEqual(["Bearer expired-0", "Bearer expired-1"]);
  });

  it("is not sent again", async () => {
    const same = credentials("expired");
    const refused = clientOf(() => same);
    expect(await requestsOf(() => expect(refused.version()).rejects.toMatchObject({ status: 401 }))).toHaveLength(1);
  });

  it("is replaced for watches, too", async () => {
    const rotating = clientOf((fresh) => credentials(fresh ? "some-token" : "expired"));
    const from = `${server.store.version}`;
    await client.apply(release("rotated"), helmReleases);
    const events = rotating.watch(helmReleases, { resourceVersion: from });
    expect((await events.next()).value).toMatchObject({ type: "ADDED" });
    await events.return(undefined);
  });
});

describe("a busy server", () => {
  /** Answers 429 this many times. */
  const busy = (times: number, retryAfter?: string) => {
    let left = times;
    server.intercept = (_, response) => {
      if (left === 0) return false;
      left -= 1;
      if (retryAfter !== undefined) response.setHeader("retry-after", retryAfter);
      sendStatus(response, 429, "TooManyRequests", "too many requests, try again later");
      return true;
    };
  };

  it("is asked again after the time that it names", async () => {
    busy(1, "1");
    const requests = await requestsOf(async () => expect(await client.version()).toBe("v1.37.2"));
    expect(requests).toHaveLength(2);
  });

  it("is not asked again after the time for the call", async () => {
    busy(9, "11");
    const requests = await requestsOf(() =>
      expect(client.version()).rejects.toMatchObject({ status: 429, message: "too many requests, try again later" }),
    );
    expect(requests).toHaveLength(1);
  });

  it.each([undefined, "Wed, 21 Oct 2026 07:28:00 GMT"])(
    "is not asked again if Retry-After is %s instead of seconds",
    async (value) => {
      busy(1, value);
      const requests = await requestsOf(() => expect(client.version()).rejects.toMatchObject({ status: 429 }));
      expect(requests).toHaveLength(1);
    },
  );

  it("is not waited for once the caller has left", async () => {
    busy(9, "9");
    const controller = new AbortController();
    const version = client.version(controller.signal);
    const { length } = server.requests;
    await expect.poll(() => server.requests.length).toBeGreaterThan(length);
    controller.abort();
    await expect(version).rejects.toThrow("The call was canceled");
  });
});

describe("a call", () => {
  it.each([
    ["does not answer", () => true],
    [
      "does not finish its answer",
      (_: unknown, response: ServerResponse) => {
        response.writeHead(200).write("{");
        return true;
      },
    ],
  ])("fails if the server %s in time, and closes the connection", async (_, intercept) => {
    server.intercept = intercept;
    await expect(clientOf(server.url, 300).version()).rejects.toMatchObject({
      name: "KubernetesError",
      status: undefined,
      message: "The Kubernetes API did not answer within 300 ms",
    });
    await expect.poll(() => server.requests.at(-1)?.left).toBe(true);
  });

  it("fails when its signal aborts, and closes the connection", async () => {
    server.intercept = () => true;
    const controller = new AbortController();
    const { length } = server.requests;
    const running = client.get({ resource: namespaces, name: "x" }, controller.signal);
    await expect.poll(() => server.requests.length).toBeGreaterThan(length);
    controller.abort(new Error("stopping"));
    await expect(running).rejects.toMatchObject({ name: "KubernetesError", message: "The call was canceled" });
    await expect.poll(() => server.requests.at(-1)?.left).toBe(true);
  });

  it("is not made with a signal that has aborted", async () => {
    const signal = AbortSignal.abort();
    const requests = await requestsOf(async () => {
      await expect(client.version(signal)).rejects.toThrow("The call was canceled");
      await expect(all(client.list(helmReleases, { signal }))).rejects.toThrow("The call was canceled");
      await expect(all(client.watch(helmReleases, { resourceVersion: "1", signal }))).rejects.toThrow(
        "The call was canceled",
      );
      await expect(client.delete({ resource: namespaces, name: "x" }, { signal })).rejects.toThrow(
        "The call was canceled",
      );
    });
    expect(requests).toEqual([]);
  });

  it("leaves nothing on the signal of its caller", async () => {
    const { signal } = new AbortController();
    const add = vi.spyOn(signal, "addEventListener");
    const remove = vi.spyOn(signal, "removeEventListener");
    await client.version(signal);
    expect(add).toHaveBeenCalledTimes(1);
    expect(remove.mock.calls[0]?.[1]).toBe(add.mock.calls[0]?.[1]);
  });

  it("fails if nobody listens", async () => {
    await expect(clientOf("http://127.0.0.1:1").version()).rejects.toMatchObject({
      name: "KubernetesError",
      status: undefined,
      message: "The Kubernetes API cannot be reached: connect ECONNREFUSED 127.0.0.1:1",
    });
  });

  it("fails if the server speaks something else", async () => {
    const other = createServer((socket) => socket.end("SSH-2.0-OpenSSH\r\n"));
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const { port } = other.address() as AddressInfo;
    await expect(clientOf(`http://127.0.0.1:${port}`).version()).rejects.toThrow(
      /^The Kubernetes API cannot be reached: /,
    );
    other.close();
  });

  it("fails for an answer of more than 64 MiB, and closes the connection", async () => {
    server.intercept = (_, response) => {
      const chunk = Buffer.alloc(1024 * 1024, " ");
      const send = () => response.write(chunk, (error) => error || setImmediate(send));
      send();
      return true;
    };
    await expect(client.version()).rejects.toThrow("The Kubernetes API answered with more than 67108864 bytes");
    await expect.poll(() => server.requests.at(-1)?.left).toBe(true);
  });

  it("fails for an answer that is not JSON, without quoting it", async () => {
    server.intercept = (_, response) => {
      response.end("<html>secret</html>");
      return true;
    };
    await expect(client.version()).rejects.toThrow(/^The Kubernetes API sent something other than JSON$/);
  });

  it("does not follow redirects, which would take the token elsewhere", async () => {
    server.intercept = (_, response) => {
      response.writeHead(302, { location: `${server.url}/elsewhere` }).end();
      return true;
    };
    const requests = await requestsOf(() =>
      expect(client.version()).rejects.toMatchObject({
        status: 302,
        message: "The Kubernetes API answered with HTTP status 302",
      }),
    );
    expect(requests).toHaveLength(1);
  });

  it("uses the path of the server", async () => {
    server.intercept = (_, response) => {
      sendJson(response, 200, { gitVersion: "v1" });
      return true;
    };
    const [request] = await requestsOf(() => clientOf(`${server.url}/k8s/clusters/c-1/`).version());
    expect(request?.url.pathname).toBe("/k8s/clusters/c-1/version");
  });
});

describe("the message of an error", () => {
  const fails = (status: number, body: string) => {
    server.intercept = (_, response) => {
      response.writeHead(status).end(body);
      return true;
    };
    return expect(client.version()).rejects;
  };

  it("is the server's, with its reason", async () => {
    const body = { kind: "Status", code: 403, reason: "Forbidden", message: 'namespaces is forbidden: User "x"' };
    await fails(403, JSON.stringify(body)).toMatchObject({
      status: 403,
      reason: "Forbidden",
      message: 'namespaces is forbidden: User "x"',
    });
  });

  it("has about 500 characters at most", async () => {
    const message = `start ${"x".repeat(5_000)} end`;
    await fails(422, JSON.stringify({ kind: "Status", code: 422, message })).toMatchObject({
      message: expect.stringMatching(/^start x{244} … x{246} end$/),
    });
  });

  it("never contains the token", async () => {
    await fails(400, JSON.stringify({ kind: "Status", message: "bad header: Bearer some-token" })).toMatchObject({
      status: 400,
      message: "bad header: Bearer [token]",
    });
  });

  it("is the status for anything else", async () => {
    await fails(502, "<html>Bearer some-token</html>").toMatchObject({
      status: 502,
      reason: undefined,
      message: "The Kubernetes API answered with HTTP status 502",
    });
    await fails(500, " ".repeat(2 * 1024 * 1024)).toMatchObject({ status: 500 });
  });
});

describe("connections", () => {
  it("are used again", async () => {
    const requests = await requestsOf(async () => {
      await client.version();
      await client.version();
    });
    expect(requests[0]?.port).toBe(requests[1]?.port);
  });

  it("that the server has closed meanwhile are replaced without a failure", async () => {
    await client.version();
    // The server closes the connection when the next request arrives, as if it had expired just then.
    let isFirst = true;
    server.intercept = (_, response) => {
      if (!isFirst) return false;
      isFirst = false;
      response.socket?.destroy();
      return true;
    };
    expect(await requestsOf(() => client.version())).toHaveLength(2);
  });

  it("are at most 100 for calls", async () => {
    const held: (() => void)[] = [];
    server.intercept = (_, response) => {
      held.push(() => sendJson(response, 200, { gitVersion: "v1" }));
      return true;
    };
    const calls = Array.from({ length: 130 }, () => client.version());
    await expect.poll(() => held.length).toBe(100);
    await new Promise(setImmediate);
    expect(held).toHaveLength(100);
    server.intercept = undefined;
    for (const release of held) release();
    await Promise.all(calls);
  });

  it("are closed by close, and calls fail then", async () => {
    const closing = clientOf(server.url);
    await closing.version();
    server.intercept = () => true;
    const { length } = server.requests;
    const running = [closing.version(), closing.watch(helmReleases, { resourceVersion: "1" }).next()];
    await expect.poll(() => server.requests.length).toBe(length + 2);
    closing.close();
    const closed = "The client of the Kubernetes API was closed";
    for (const call of running) await expect(call).rejects.toThrow(closed);
    await expect.poll(() => server.requests.slice(length).every(({ left }) => left)).toBe(true);
    await expect(closing.version()).rejects.toThrow(closed);
    expect(server.requests).toHaveLength(length + 2);
  });

  it("are made again after the server was away", async () => {
    await client.version();
    await server.stop();
    await expect(client.version()).rejects.toMatchObject({ status: undefined });
    await server.start();
    expect(await client.version()).toBe("v1.37.2");
  });
});

describe("credentials that cannot be read", () => {
  it("make calls fail with their message", async () => {
    const unreadable = clientOf(() => Promise.reject(new Error("nothing there")));
    await expect(unreadable.version()).rejects.toMatchObject({ name: "KubernetesError", status: undefined });
  });
});
