import { afterAll, beforeAll, expect, it } from "vitest";
import { type BrowserPage, openBrowser } from "../support/browser.ts";
import { testHouston } from "../support/houston.ts";

const { url, build } = await testHouston({ apollo: { anonymousIntrospection: false } });
let browser: BrowserPage;
beforeAll(async () => {
  browser = await openBrowser();
}, 60_000);
afterAll(() => browser?.close());

it("G9: GraphQL Playground tells that the schema requires a token, and shows it as soon as there is one", async () => {
  const { page, errors } = browser;
  const { token } = await build.user();
  await page.goto(`${url}/v1`);
  await page.getByText("The schema requires a token").waitFor();
  await page.getByText("Introspection requires a valid token").waitFor();
  // Operations need no schema.
  await page.locator(".CodeMirror").first().click();
  await page.keyboard.press("Control+Enter");
  await page.getByText('"appConfig"').waitFor();

  await page.getByText(/^HTTP Headers/).click();
  await page.locator(".CodeMirror").nth(1).click();
  await page.keyboard.press("Control+A");
  await page.keyboard.insertText(JSON.stringify({ authorization: token }));
  await page.getByText("The schema requires a token").waitFor({ state: "detached" });
  await page.getByText("Docs", { exact: true }).click();
  await page.getByText("createWorkspace").last().waitFor();
  expect(errors).toEqual([]);
}, 60_000);
