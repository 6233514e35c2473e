import { get } from "node:http";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BrowserPage, openBrowser } from "../support/browser.ts";
import { testHouston } from "../support/houston.ts";

const { url, as, build, db } = await testHouston();
let browser: BrowserPage;
beforeAll(async () => {
  browser = await openBrowser();
}, 60_000);
afterAll(() => browser?.close());

/** Replaces the text of an editor, as a user would. */
async function type(page: Page, editor: "query" | "headers", text: string) {
  await page
    .locator(".CodeMirror")
    .nth(editor === "query" ? 0 : 1)
    .click();
  await page.keyboard.press("Control+A");
  // Typed key by key, the editor would add closing braces.
  await page.keyboard.insertText(text);
}

/** The result pane: the third editor, once the headers are open. */
const result = (page: Page) => page.locator(".CodeMirror").nth(2);

async function run(page: Page, query: string, expected: string) {
  await type(page, "query", query);
  await page.keyboard.press("Control+Enter");
  await result(page).getByText(expected).first().waitFor();
  return result(page).textContent();
}

/** fetch would add `cache-control: no-cache` to conditional requests, which requests the whole file. */
const statusOf = (address: string, headers: Record<string, string>) =>
  new Promise((resolve, reject) => {
    get(address, { headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    }).on("error", reject);
  });

describe("GraphQL Playground", () => {
  it("runs operations with the token in HTTP HEADERS, shows the schema and contacts no other host", async () => {
    const { page, hosts, errors } = browser;
    const signUp = `mutation { createUser(email: "first@example.com", password: "correct horse") { token { value } } }`;
    const { data } = await as(undefined).send(signUp);
    const token: string = data.createUser.token.value;

    await page.goto(`${url}/v1`);
    await page.getByText(/^HTTP Headers/).click();
    await type(page, "headers", JSON.stringify({ authorization: token }));
    const created = await run(page, `mutation { createWorkspace(label: "Blue") { id label } }`, `"createWorkspace"`);
    expect(created).toContain(`"label": "Blue"`);
    expect(await run(page, "{ workspaces { label } }", `"workspaces"`)).toContain(`"label": "Blue"`);

    await page.getByText("Schema", { exact: true }).click();
    await page.getByText("directive @auth").hover();
    // The page contains only the visible lines.
    await expect
      .poll(async () => {
        await page.mouse.wheel(0, 600);
        return page.locator(".CodeMirror-line", { hasText: /^type \w+ {/ }).count();
      })
      .toBeGreaterThan(0);
    await page.getByText("Docs", { exact: true }).click();
    await page.getByText("createWorkspace").last().waitFor();

    expect(errors).toEqual([]);
    expect([...hosts]).toEqual([new URL(url).host]);
  }, 60_000);

  it("subscribes at the server's own address", async () => {
    const { page, hosts, errors } = browser;
    const { deployment, viewer } = await build.deployment();
    await page.goto(`${url}/v1`);
    await page.getByText(/^HTTP Headers/).click();
    await type(page, "headers", JSON.stringify({ authorization: viewer.token }));
    const query = `subscription { deploymentStatus(releaseName: "${deployment.releaseName}") { status } }`;
    await run(page, query, '"UNKNOWN"');
    await db.deployment.update({ where: { id: deployment.id }, data: { status: "HEALTHY" } });
    await page.getByText('"HEALTHY"').first().waitFor();
    expect(errors).toEqual([]);
    expect([...hosts]).toEqual([new URL(url).host]);
  }, 60_000);

  it("cannot reach another host, even by a link that opens a tab", async () => {
    const { page, hosts } = browser;
    const blocked = page.waitForEvent("console", (message) => message.text().includes("Content Security Policy"));
    const link = `${url}/v1?query=%7Bx%7D&endpoint=${encodeURIComponent("http://elsewhere.invalid/")}`;
    await page.goto(link);
    await page.evaluate(() => fetch("http://elsewhere.invalid/").catch(() => undefined));
    await blocked;
    expect([...hosts]).toEqual([new URL(url).host]);
  }, 30_000);

  it("serves its files compressed, with an ETag and long caching", async () => {
    const page = await (await fetch(`${url}/v1`, { headers: { accept: "text/html" } })).text();
    const path = /src="([^"]+)"/.exec(page)?.[1];
    const headers = { "accept-encoding": "br" };
    const first = await fetch(`${url}${path}`, { headers });
    expect(first.status).toBe(200);
    expect(first.headers.get("content-encoding")).toBe("br");
    expect(first.headers.get("cache-control")).toContain("max-age=31536000");
    const etag = first.headers.get("etag") ?? "";
    expect(await statusOf(`${url}${path}`, { ...headers, "if-none-match": etag })).toBe(304);
  });

  it("is returned to browsers only: other GET requests are GraphQL", async () => {
    const headers = { "apollo-require-preflight": "1" };
    const answer = await fetch(`${url}/v1?query=${encodeURIComponent("{ appConfig { version } }")}`, { headers });
    expect(await answer.json()).toMatchObject({ data: { appConfig: { version: expect.any(String) } } });
  });
});

describe("webserver.playground", () => {
  it("returns 404 when disabled", async () => {
    const off = await testHouston({ webserver: { playground: false } });
    const page = await fetch(`${off.url}/v1`, { headers: { accept: "text/html" } });
    expect(page.status).toBe(404);
    expect((await fetch(`${off.url}/v1/playground/playground.js`)).status).toBe(404);
  });
});
