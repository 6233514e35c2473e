import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
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
  if (!(await block.getByRole("button", { name: /Try it out|Cancel/ }).isVisible())) await block.click();
  const start = block.getByRole("button", { name: "Try it out" });
  if (await start.isVisible()) await start.click();
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

    await page.screenshot({ path: "/tmp/oa-0.png" });
    await authorize(page, admin.token);
    const listed = await tryOut(page, "listOrganizations");
    expect(listed).toMatchObject({ status: "200", body: expect.stringContaining('"totalCount": 1') });
    const organizationId = JSON.parse(listed.body).organizations[0].id;

    const body = JSON.stringify({ name: "Made on the page" });
    const created = await tryOut(page, "createWorkspace", { organizationId }, body);
    expect(created.status).toBe("200");
    expect(await db.workspace.count({ where: { label: "Made on the page" } })).toBe(1);

    await page.screenshot({ path: "/tmp/oa-1.png", fullPage: true });
    expect(messages).toEqual([]);
    expect(errors).toEqual([]);
    expect([...hosts]).toEqual([host]);
  }, 60_000);
});
