import { describe, expect, it } from "vitest";
import { boundedFetch } from "../../src/services/signOn/boundedFetch.ts";
import { cachedDocument } from "../../src/services/signOn/cachedDocument.ts";
import { jsonServer } from "../support/jsonServer.ts";

const server = await jsonServer(({ url }) => {
  if (url.pathname === "/large") return { status: 200, body: "x".repeat(1024 * 1024 + 1) };
  if (url.pathname === "/broken") return { status: 502, body: {} };
  if (url.pathname === "/moved") return { status: 302, body: {}, headers: { location: "/ok" } };
  return { status: 200, body: { ok: true } };
});
const get = (path: string) => boundedFetch(new URL(path, server.url).href, {});

describe("a request to an identity provider", () => {
  it("ends with an error for a large answer, a failure of the server, and a URL without https", async () => {
    expect(await (await get("/ok")).json()).toEqual({ ok: true });
    const refused = { reason: "unavailable" };
    for (const path of ["/large", "/broken"]) await expect(get(path)).rejects.toMatchObject(refused);
    const cause = { message: "http://id.example.com is neither https nor this machine" };
    await expect(get("http://id.example.com/token")).rejects.toMatchObject({ ...refused, cause });
  });

  it("follows no redirect", async () => {
    const before = server.requests.length;
    expect((await get("/moved")).status).toBe(302);
    expect(server.requests).toHaveLength(before + 1);
  });
});

describe("a document of a provider", () => {
  it("is fetched once for all who wait, and an error counts for them and for a moment", async () => {
    let fetches = 0;
    let fail = true;
    const document = cachedDocument(async () => {
      fetches += 1;
      if (fail) throw new Error("down");
      return fetches;
    });
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => document.get()));
    expect(results.every(({ status }) => status === "rejected")).toBe(true);
    await expect(document.renewed()).rejects.toThrow("down");
    expect(fetches).toBe(1);
    fail = false;
    await new Promise((resolve) => setTimeout(resolve, 2_100));
    expect(await Promise.all([document.get(), document.renewed(), document.get()])).toEqual([2, 2, 2]);
    expect(await document.renewed()).toBe(2);
    expect(fetches).toBe(2);
  });
});
