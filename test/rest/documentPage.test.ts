import type { Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type BrowserPage, openBrowser } from "../support/browser.ts";
import { testHouston } from "../support/houston.ts";

const { url, build, db } = await testHouston();
const docs = `${url}/platform/v1beta1/docs`;
const host = new URL(url).host;

let browser: BrowserPage;
const messages: string[] = [];
beforeAll(async () => {
  browser = await openBrowser();
  browser.page.on("console", (message) => messages.push(`${message.type()}: ${message.text()}`));
}, 60_000);
afterAll(() => browser?.close());
beforeEach(() => {
  messages.length = 0;
});

const operation = (page: Page, name: string) => page.locator(`[id^="operations-"][id$="-${name}"]`);

async function authorize(page: Page, token: string) {
  await page.getByRole("button", { name: "Authorize" }).first().click();
  await page.locator(".modal-ux input").fill(token);
  await page.locator(".modal-ux").getByRole("button", { name: "Apply credentials" }).click();
  await page.locator(".modal-ux").getByRole("button", { name: "Close" }).last().click();
}

/** Opens "Try it out" of the operation, fills in what is given, executes it, and returns what the page shows. */
async function tryOut(page: Page, name: string, parameters: Record<string, string> = {}, body?: string) {
  const block = operation(page, name);
  await block.waitFor();
  const start = block.locator(".try-out__btn").first();
  if (!(await start.isVisible())) await block.locator(".opblock-summary").click();
  await start.waitFor();
  if ((await start.textContent())?.startsWith("Try it out")) await start.click();
  for (const [parameter, value] of Object.entries(parameters))
    await block.locator(`tr[data-param-name="${parameter}"]`).locator("input, select").fill(value);
  if (body !== undefined) await block.locator("textarea.body-param__text").fill(body);
  await block.getByRole("button", { name: "Execute" }).click();
  const live = block.locator(".live-responses-table .response");
  await live.waitFor();
  const text = async (selector: string) => (await live.locator(selector).first().textContent()) ?? "";
  return { status: (await text(".response-col_status")).match(/\d+/)?.[0], body: await text(".highlight-code code") };
}

describe("the page of the Platform API", () => {
  it("tries operations with the token that was entered, and contacts no other host", async () => {
    const { page, hosts, errors } = browser;
    const admin = await build.systemAdmin();
    await page.goto(docs);
    await operation(page, "listOrganizations").waitFor();
    expect(await page.title()).toBe("Houston – Platform API");

    await authorize(page, admin.token);
    const listed = await tryOut(page, "listOrganizations");
    expect(listed).toMatchObject({ status: "200", body: expect.stringContaining('"totalCount": 1') });
    const organizationId = JSON.parse(listed.body).organizations[0].id;

    const body = JSON.stringify({ name: "Made on the page" });
    const created = await tryOut(page, "createWorkspace", { organizationId }, body);
    expect(created.status).toBe("200");
    expect(await db.workspace.count({ where: { label: "Made on the page" } })).toBe(1);

    const filtered = await tryOut(page, "listWorkspaces", { organizationId, limit: "1" });
    expect(JSON.parse(filtered.body)).toMatchObject({ limit: 1, workspaces: [{ name: "Made on the page" }] });

    expect(messages).toEqual([]);
    expect(errors).toEqual([]);
    expect([...hosts]).toEqual([host]);
  }, 60_000);

  it("keeps the token until the tab is closed or the user logs out, and in no other place", async () => {
    const { page } = browser;
    const { token } = await build.systemAdmin();
    await page.goto(docs);
    await operation(page, "listOrganizations").waitFor();
    await page.evaluate(() => sessionStorage.clear());
    await page.reload();
    expect((await tryOut(page, "listOrganizations")).status).toBe("401");
    await authorize(page, token);
    await page.reload();
    expect((await tryOut(page, "listOrganizations")).status).toBe("200");
    expect(await page.evaluate(() => Object.keys(localStorage))).toEqual([]);

    await page.getByRole("button", { name: "Authorize" }).first().click();
    await page.locator(".modal-ux").getByText("Logout").click();
    await page.reload();
    expect((await tryOut(page, "listOrganizations")).status).toBe("401");
  }, 60_000);

  it("can be used with the keyboard, and links to its operations", async () => {
    const { page, errors } = browser;
    await page.goto(docs);
    const summary = operation(page, "getWorkspace").locator("button.opblock-summary-control");
    await summary.focus();
    await page.keyboard.press("Enter");
    await operation(page, "getWorkspace").getByText("ID of the Workspace.").waitFor();
    await expect.poll(() => page.url()).toBe(`${docs}#/workspace/getWorkspace`);

    await page.goto("about:blank");
    await page.goto(`${docs}#/workspace/deleteWorkspace`);
    await operation(page, "deleteWorkspace").getByText("ID of the Workspace.").waitFor();
    expect(messages).toEqual([]);
    expect(errors).toEqual([]);
  }, 60_000);

  it("cannot reach another host, even by a link that names a document there", async () => {
    const { page, hosts } = browser;
    const blocked = page.waitForEvent("console", (message) => message.text().includes("Content Security Policy"));
    await page.goto(`${docs}?url=http://elsewhere.invalid/openapi.json&configUrl=http://elsewhere.invalid/config.json`);
    await operation(page, "listOrganizations").waitFor();
    expect([...hosts]).toEqual([host]);
    await page.evaluate(() => fetch("http://elsewhere.invalid/").catch(() => undefined));
    await blocked;
    expect([...hosts]).toEqual([host]);
  }, 60_000);

  it("fits the width of a phone", async () => {
    const { page } = browser;
    await page.setViewportSize({ width: 360, height: 740 });
    await page.goto(docs);
    await operation(page, "listOrganizations").click();
    await operation(page, "listOrganizations").getByText("Responses").first().waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    await page.setViewportSize({ width: 1280, height: 800 });
  }, 60_000);

  it("is dark or light, as the user's system is", async () => {
    const { page } = browser;
    await page.emulateMedia({ colorScheme: "dark" });
    await page.goto(docs);
    const background = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    await expect.poll(background).toBe("rgb(28, 32, 34)");
    await page.emulateMedia({ colorScheme: "light" });
    await expect.poll(background).not.toBe("rgb(28, 32, 34)");
  }, 60_000);

  it("is served with its files compressed, with an ETag and long caching", async () => {
    const page = await fetch(docs);
    expect(page.headers.get("cache-control")).toBe("no-cache");
    const text = await page.text();
    const files = [...text.matchAll(/(?:src|href)="([^"]+\.(?:js|css|png)\?[^"]*)"/g)].map(([, path]) => path);
    expect(files).toHaveLength(3);
    for (const path of files) {
      const answer = await fetch(`${url}${path}`, { headers: { "accept-encoding": "br" } });
      expect(answer.status, path).toBe(200);
      expect(answer.headers.get("content-encoding")).toBe(path?.includes(".png") ? null : "br");
      expect(answer.headers.get("cache-control")).toContain("max-age=31536000");
      expect(answer.headers.get("etag")).toBeTruthy();
    }
  });

  it("is absent without webserver.playground; the document is not", async () => {
    const off = await testHouston({ webserver: { playground: false } });
    const platform = `${off.url}/platform/v1beta1`;
    for (const path of ["docs", "docs/swagger-ui.js"]) expect((await fetch(`${platform}/${path}`)).status).toBe(404);
    expect((await fetch(`${platform}/openapi.json`)).status).toBe(200);
  });
});
