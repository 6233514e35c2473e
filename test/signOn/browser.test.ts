import { afterAll, beforeAll, expect, it } from "vitest";
import { axeFindings } from "../support/axe.ts";
import { type BrowserPage, openBrowser } from "../support/browser.ts";
import { openKnownPort } from "../support/knownPort.ts";
import { signOnHouston } from "../support/signOn.ts";

const BASE = "platform.localhost";
const known = await openKnownPort();
const pages = `http://app.${BASE}:${known.port}`;
const houston = await signOnHouston(
  { custom: { displayName: "Example ID", emailDomains: ["example.com"] }, okta: {} },
  { helm: { baseDomain: BASE }, webserver: { publicUrl: pages } },
);
known.leadTo(houston.url);
await houston.build.systemAdmin();
const { custom } = houston.idps;

let browser: BrowserPage;
beforeAll(async () => {
  browser = await openBrowser();
}, 60_000);
afterAll(() => browser?.close());

it("leads from the sign-in page to the provider and back to the token, without JavaScript", {
  timeout: 60_000,
}, async () => {
  const window = await browser.page.context().browser()?.newContext({ javaScriptEnabled: false });
  const page = await window?.newPage();
  if (!page) throw new Error("no browser");
  custom.account({ email: "ada@example.com", email_verified: true, name: "Ada Lovelace" });
  custom.asks = true;
  await page.goto(`${pages}/token`);
  expect(new URL(page.url()).pathname).toBe("/login");
  await page.getByRole("link", { name: "Sign in with Example ID" }).click();
  await page.getByRole("button", { name: "Sign in at the provider" }).click();
  await page.waitForURL(`${pages}/token`);
  const token = await page.getByLabel("Token", { exact: true }).inputValue();
  const { data } = await houston.as({ token }).send("{ self { user { fullName } } }");
  expect(data.self.user.fullName).toBe("Ada Lovelace");
  const cookies = (await page.context().cookies(pages)).map(({ name, httpOnly, sameSite }) => [
    name,
    httpOnly,
    sameSite,
  ]);
  expect(cookies.sort()).toEqual([
    ["houston_airflow", true, "Lax"],
    ["houston_form", true, "Lax"],
    ["houston_session", true, "Lax"],
  ]);
  await page.goto(`${pages}/sign-out`);
  await page.locator("main").getByRole("button", { name: "Sign out" }).last().click();
  await page.getByRole("link", { name: "Sign out of Example ID too" }).click();
  await page.waitForURL(/session\/end/);
  await page.context().close();
});

it("shows pages that a screen reader and a keyboard can use", { timeout: 60_000 }, async () => {
  const { page } = browser;
  for (const path of ["login", "login?refused=addressInUse", "login?refused=unavailable"]) {
    await page.goto(`${pages}/${path}`);
    expect(await axeFindings(page)).toEqual([]);
  }
  custom.asks = false;
  custom.account({ email: "bob@example.com", email_verified: true });
  await page.goto(`${pages}/login`);
  await page.getByRole("link", { name: "Sign in with Example ID" }).focus();
  await page.keyboard.press("Enter");
  await page.getByText("You are signed in as bob@example.com").waitFor();
  await page.goto(`${pages}/sign-out`);
  await page.locator("main").getByRole("button", { name: "Sign out" }).last().click();
  await page.getByText("You are still signed in at Example ID").waitFor();
  expect(await axeFindings(page)).toEqual([]);
  expect(browser.errors).toEqual([]);
});
