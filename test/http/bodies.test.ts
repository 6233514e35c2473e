import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { endlessBody, rawHttp } from "../support/rawHttp.ts";
import { openAs, protocols } from "../support/sockets.ts";

const { url } = await testHouston();
const slow = await testHouston({ webserver: { headerTimeout: 500, requestTimeout: 1_000 } });
const paths = ["/v1", "/alpha", "/platform/v1beta1/organizations"];
const json = { "content-type": "application/json" };

/** The status that an API documents for what it rejects: the Platform API has 400 for all of that. */
const documented = (path: string, status: number) => (path.startsWith("/platform") ? 400 : status);

/** The status lines in an answer. */
const statuses = (text: string) => [...text.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, status]) => Number(status));

describe("a request that is too large", () => {
  it.each(paths)("F6: gets 413 for a body of 1 MiB and a byte, and no more is read: %s", async (path) => {
    const body = `{"query":"{ __typename }"}`.padEnd(1024 * 1024 + 1);
    const response = await fetch(url + path, { method: "POST", headers: json, body });
    expect(response.status).toBe(documented(path, 413));
    const declared = `POST ${path} HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 99999999\r\n\r\n`;
    expect(statuses(await rawHttp(url, declared))).toEqual([documented(path, 413)]);
  });

  it.each(paths)("F6: gets 413 for an endless body in chunks, and is cut off: %s", async (path) => {
    const { text: answer, sent } = await endlessBody(url, path);
    expect(statuses(answer)).toEqual([documented(path, 413)]);
    // What the buffers of both sides hold is sent before the answer arrives.
    expect(sent).toBeLessThan(16 * 1024 * 1024);
  });

  it("F6: gets 413 also where a client reads nothing before it has sent everything", async () => {
    const size = 8 * 1024 * 1024;
    const head = `POST /v1 HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: ${size}\r\n\r\n`;
    for (let n = 0; n < 5; n += 1) {
      const socket = connect({ port: Number(new URL(url).port), host: "127.0.0.1", allowHalfOpen: true });
      await new Promise<unknown>((sent) =>
        socket.end(head + " ".repeat(size), () => sent(undefined)).on("error", sent),
      );
      expect(statuses(await text(socket))).toEqual([413]);
    }
  });

  it("F6: is cut off if it does not end after 413 either", async () => {
    expect(statuses((await endlessBody(url, "/v1", true)).text)).toEqual([413]);
  });

  it.each(paths)("F6: gets 408 for a body that does not end in time: %s", async (path) => {
    const start = `POST ${path} HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{`;
    expect(statuses(await rawHttp(slow.url, start))).toEqual([408]);
  });

  it.each(paths)("F6: gets 415 for a compressed body, which is not decompressed: %s", async (path) => {
    const body = gzipSync(Buffer.alloc(64 * 1024 * 1024, " "));
    for (const encoding of ["gzip", "br", "deflate", "zstd", "GZIP"]) {
      const headers = { ...json, "content-encoding": encoding };
      const response = await fetch(url + path, { method: "POST", headers, body });
      expect(response.status).toBe(documented(path, 415));
      expect(await response.text()).toContain("content-encoding: must be omitted");
    }
  });

  it("F6: gets 431 for headers of 17 KiB, in one or in many", async () => {
    const one = `GET /v1 HTTP/1.1\r\nhost: a\r\nx-long: ${"x".repeat(17 * 1024)}\r\n\r\n`;
    const many = `GET /v1 HTTP/1.1\r\nhost: a\r\n${"x-short: 0123456789\r\n".repeat(1_100)}\r\n`;
    const fields = `GET /v1 HTTP/1.1\r\nhost: a\r\n${"a:b\r\n".repeat(1_100)}\r\n`;
    const upgrade = "upgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-protocol: graphql-ws";
    const socket = `GET /ws HTTP/1.1\r\nhost: a\r\n${upgrade}\r\nx-long: ${"x".repeat(17 * 1024)}\r\n\r\n`;
    const huge = `GET /v1 HTTP/1.1\r\nhost: a\r\nx-long: ${"x".repeat(2 * 1024 * 1024)}\r\n\r\n`;
    for (const text of [one, many, fields, socket, huge]) expect(statuses(await rawHttp(url, text))).toEqual([431]);
  });
});

describe("bytes that are not one request", () => {
  it("F6: get 400: garbage behind a request in the same packet", async () => {
    const request = "GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n";
    const answered = statuses(await rawHttp(url, `${request}\x00\x01garbage\r\n\r\n`));
    expect(answered.at(-1)).toBe(400);
    expect(answered.filter((status) => status !== 400)).toEqual(answered.slice(0, -1));
    expect(answered.slice(0, -1).every((status) => status === 200)).toBe(true);
  });

  const post = `POST /v1 HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n`;
  it.each([
    [
      "a length and chunks",
      `${post}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n`,
    ],
    ["two lengths", `${post}content-length: 2\r\ncontent-length: 20\r\n\r\n{}`],
    ["a length that is no number", `${post}content-length: 2, 2\r\n\r\n{}`],
    ["a negative length", `${post}content-length: -2\r\n\r\n{}`],
    ["chunks in another encoding", `${post}transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n`],
    ["a chunk whose size is no number", `${post}transfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n`],
    ["a line feed in a header", `${post}x-a: b\nx-c: d\r\ncontent-length: 2\r\n\r\n{}`],
    ["white space before the colon", `${post}content-length : 2\r\n\r\n{}`],
    ["no host", "GET /v1 HTTP/1.1\r\n\r\n"],
  ])("F6: get 400 and the connection is closed: %s", async (_, text) => {
    expect(statuses(await rawHttp(url, text))).toEqual([400]);
  });
});

describe.each(protocols)("a frame of %s", (protocol) => {
  it("F6: of 1 MiB closes the socket with 1009, one of 256 KiB does not", async () => {
    const socket = await openAs(url, protocol);
    const filled = (bytes: number) => JSON.stringify({ type: "ping", payload: { a: "x".repeat(bytes - 40) } });
    socket.socket.send(filled(256 * 1024));
    await socket.next();
    socket.socket.send(filled(1024 * 1024));
    expect((await socket.closed).code).toBe(1009);
  });
});
