import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BrowserPage, openBrowser } from "../support/browser.ts";
import { testHouston } from "../support/houston.ts";

const { url } = await testHouston();
const html = { accept: "text/html,application/xhtml+xml,*/*;q=0.8" };
const unknownPath = { code: "NOT_FOUND", message: "Unknown path: GraphQL accepts POST requests at /v1" };

describe("/", () => {
  it("returns name, version and links to an API client", async () => {
    const answer = await fetch(url);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("vary")?.toLowerCase().split(", ")).toEqual(expect.arrayContaining(["accept", "origin"]));
    expect(await answer.json()).toEqual({
      name: "houston",
      version: expect.any(String),
      links: {
        graphql: "/v1",
        subscriptions: "/ws",
        platform: "/platform/v1beta1",
        platformDocument: "/platform/v1beta1/openapi.json",
        alpha: "/alpha",
        playground: "/v1",
        platformDocs: "/platform/v1beta1/docs",
        alphaPlayground: "/alpha",
        pages: "/app/",
        health: "/v1/healthz",
      },
    });
  });

  it.each(["", "/"])("returns a page to a browser, whose links exist (%j)", async (path) => {
    const answer = await fetch(url + path, { headers: html });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(answer.headers.get("vary")).toContain("accept");
    const links = [...(await answer.text()).matchAll(/href="(\/[^"]*)"/g)].map((match) => match[1]);
    const platform = ["/platform/v1beta1/docs", "/platform/v1beta1/openapi.json"];
    expect(links).toEqual(["/app/", "/v1", platform[0], "/alpha", platform[1], "/v1/healthz"]);
    for (const link of links) expect((await fetch(url + link, { headers: html })).status).toBe(200);
  });

  it.each([html, {}])("answers HEAD like GET, without a body (%j)", async (headers) => {
    const get = await fetch(url, { headers });
    const head = await fetch(url, { method: "HEAD", headers });
    expect(head.status).toBe(200);
    expect(head.headers.get("content-type")).toBe(get.headers.get("content-type"));
    expect(await head.text()).toBe("");
  });

  it("follows webserver.endpoint and webserver.playground", async () => {
    const other = await testHouston({ webserver: { endpoint: "/houston/v1/", playground: false } });
    expect(await (await fetch(other.url)).json()).toMatchObject({
      links: { graphql: "/houston/v1/", subscriptions: "/ws", health: "/houston/v1/healthz" },
    });
    const page = await (await fetch(other.url, { headers: html })).text();
    expect(page).not.toContain("Playground");
    expect(page).not.toContain("/docs");
    expect(page).toContain('href="/houston/v1/healthz"');
  });

  it("is GraphQL if webserver.endpoint is /", async () => {
    const root = await testHouston({ webserver: { endpoint: "/" } });
    expect(await (await fetch(root.url, { headers: html })).text()).toContain("GraphQL Playground");
    const headers = { "content-type": "application/json" };
    const body = JSON.stringify({ query: "{ appConfig { version } }" });
    const answer = await fetch(root.url, { method: "POST", headers, body });
    expect(await answer.json()).toEqual({ data: { appConfig: { version: expect.any(String) } } });
  });
});

describe("an unknown path", () => {
  it.each(["/nothing", "/v1/nothing", "/%3Cscript%3E"])("is a page with 404 for a browser (%s)", async (path) => {
    const answer = await fetch(url + path, { headers: html });
    expect(answer.status).toBe(404);
    expect(answer.headers.get("vary")).toContain("accept");
    expect(answer.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(await answer.text()).not.toContain("<script");
    expect((await fetch(url + path, { method: "HEAD", headers: html })).status).toBe(404);
  });

  it("is a JSON error with 404 for an API client, and for any method that is not GET or HEAD", async () => {
    const plain = await fetch(`${url}/nothing`);
    expect(plain.status).toBe(404);
    expect(plain.headers.get("vary")).toContain("accept");
    expect(await plain.json()).toEqual(unknownPath);
    const deleted = await fetch(`${url}/nothing`, { method: "DELETE", headers: html });
    expect(deleted.status).toBe(404);
    expect(await deleted.json()).toEqual(unknownPath);
  });
});

describe("the pages for browsers", () => {
  let browser: BrowserPage;
  beforeAll(async () => {
    browser = await openBrowser();
  }, 60_000);
  afterAll(() => browser?.close());

  it.each(["light", "dark"] as const)(
    "are readable in %s mode and at the width of a phone",
    async (colorScheme) => {
      const { page, hosts, errors } = browser;
      const messages: string[] = [];
      page.on("console", (message) => messages.push(message.text()));
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width: 320, height: 640 });
      await page.goto(url);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
      expect(await lowestContrast(page)).toBeGreaterThanOrEqual(4.5);
      await page.keyboard.press("Tab");
      const outline = await page.evaluate(() => getComputedStyle(document.activeElement as Element).outlineStyle);
      expect(outline).toBe("solid");
      expect(messages).toEqual([]);
      await page.goto(`${url}/nothing`);
      expect(await lowestContrast(page)).toBeGreaterThanOrEqual(4.5);
      await page.getByText("GraphQL Playground").click();
      await page.locator(".CodeMirror").first().waitFor();
      expect(errors).toEqual([]);
      expect([...hosts]).toEqual([new URL(url).host]);
    },
    60_000,
  );
});

/** The lowest contrast of the page's text with its background, by the formula of WCAG 2. */
const lowestContrast = (page: Page) =>
  page.evaluate(() => {
    const luminance = (color: string) => {
      const parts = (color.match(/[\d.]+/g) ?? []).slice(0, 3).map(Number);
      const linear = parts.map((part) =>
        part / 255 <= 0.04045 ? part / 3294.6 : ((part / 255 + 0.055) / 1.055) ** 2.4,
      );
      return 0.2126 * (linear[0] ?? 0) + 0.7152 * (linear[1] ?? 0) + 0.0722 * (linear[2] ?? 0);
    };
    const card = luminance(getComputedStyle(document.querySelector("main") as Element).backgroundColor);
    const ratios = [...document.querySelectorAll("main *")].map((element) => {
      const text = luminance(getComputedStyle(element).color);
      return (Math.max(text, card) + 0.05) / (Math.min(text, card) + 0.05);
    });
    return Math.min(...ratios);
  });
