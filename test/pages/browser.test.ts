import bcrypt from "bcrypt";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { axeFindings } from "../support/axe.ts";
import { type BrowserPage, openBrowser } from "../support/browser.ts";
import { testHouston } from "../support/houston.ts";
import { openKnownPort } from "../support/knownPort.ts";
import { PASSWORD } from "../support/signIns.ts";

const BASE = "platform.localhost";
const known = await openKnownPort();
const houston = await testHouston({
  helm: { baseDomain: BASE },
  webserver: { publicUrl: `http://houston.${BASE}:${known.port}` },
});
known.leadTo(houston.url);
const pages = `http://app.${BASE}:${known.port}`;
const { build, db } = houston;
const passwordHash = bcrypt.hashSync(PASSWORD, 10);

let browser: BrowserPage;
beforeAll(async () => {
  browser = await openBrowser();
}, 60_000);
afterAll(() => browser?.close());

async function signIn(page: Page, given: Parameters<typeof build.user>[0] = {}, path = "/login") {
  const user = await build.user({ ...given, localCredential: { create: { passwordHash } } });
  await page.goto(`${pages}${path}`);
  await page.getByLabel("E-mail address or username").fill(user.email);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  return user;
}

/** A new window, whose cookies and storage no other test has used. */
async function openWindow(options: { javaScriptEnabled?: boolean } = {}): Promise<Page> {
  const context = await browser.page
    .context()
    .browser()
    ?.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  if (!context) throw new Error("no browser");
  return context.newPage();
}

describe.each([BASE, `eu.${BASE}`])("signing in on the way to an Airflow on %s", (domain) => {
  it("leads there, with the cookie for Airflow and not that for the pages", async () => {
    const page = await openWindow();
    const airflow = `http://deployments.${domain}:${known.port}/quiet-comet-1000/home?tab=1`;
    const arrived = page.waitForRequest(airflow);
    await signIn(page, {}, `/login?rd=${airflow}`);
    const { cookie = "" } = await (await arrived).allHeaders();
    expect(cookie).toContain("houston_airflow=");
    expect(cookie).not.toContain("houston_session");
    expect(cookie).not.toContain("houston_form");
    const kept = await page.context().cookies();
    expect(kept.map(({ name, domain, httpOnly, sameSite }) => [name, domain, httpOnly, sameSite]).sort()).toEqual([
      ["houston_airflow", `.${BASE}`, true, "Lax"],
      ["houston_form", `app.${BASE}`, true, "Lax"],
      ["houston_session", `app.${BASE}`, true, "Lax"],
    ]);
    expect(await page.evaluate("document.cookie")).toBe("");
    await page.goto(`${pages}/login?rd=${airflow}`);
    expect(await axeFindings(page)).toEqual([]);
    await page.getByRole("link", { name: `Continue to deployments.${domain}` }).click();
    await page.waitForURL(airflow);
    await page.goto(`${pages}/sign-out`);
    await page.locator("main").getByRole("button", { name: "Sign out" }).click();
    await page.getByText("You are signed out.").waitFor();
    expect((await page.context().cookies()).map(({ name }) => name)).toEqual(["houston_form"]);
    await page.context().close();
  }, 60_000);
});

describe("the page with the token", () => {
  it("copies it", async () => {
    const page = await openWindow();
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await signIn(page);
    await page.getByRole("link", { name: "Token" }).first().click();
    await page.getByRole("button", { name: "Copy" }).press("Enter");
    await page.getByText("Copied").waitFor();
    // Pasted into the page itself: reading the clipboard needs https.
    const token = await page.locator("#token").inputValue();
    await page.goto(`${pages}/login?as=other`);
    await page.getByLabel("E-mail address or username").press("Control+V");
    expect(await page.getByLabel("E-mail address or username").inputValue()).toBe(token);
    await page.context().close();
  }, 60_000);

  it("opens Playground with it under HTTP HEADERS, and the token is in no URL", async () => {
    const page = await openWindow();
    const urls: string[] = [];
    page.on("request", (request) => urls.push(request.url()));
    const user = await signIn(page, { roles: [{ role: "SYSTEM_ADMIN" }] });
    await page.getByRole("link", { name: "Token" }).first().click();
    const token = await page.locator("#token").inputValue();
    await page.getByRole("button", { name: "Open Playground with this token" }).click();
    await page.waitForURL(`${pages}/v1`);
    const headers = page.locator(".CodeMirror").nth(1);
    await headers.getByText("authorization").waitFor();
    expect((await headers.textContent())?.replace(/\s/g, "")).toContain(token.slice(0, 60));
    await page.locator(".CodeMirror").first().click();
    await page.keyboard.press("Control+A");
    await page.keyboard.insertText("{ self { user { id } } }");
    await page.keyboard.press("Control+Enter");
    await page.locator(".CodeMirror").nth(2).getByText(user.id).waitFor();
    expect(urls.filter((url) => url.includes(token.slice(0, 60)))).toEqual([]);
    expect(await page.evaluate("sessionStorage.length")).toBe(0);

    // Once only: a later visit has what Playground itself keeps in its tabs.
    // Cleared on another page, because Playground keeps its tabs a moment later.
    await page.goto(`${pages}/v1/healthz`);
    await page.evaluate("localStorage.clear()");
    await page.goto(`${pages}/v1`);
    await page.getByText("Welcome", { exact: true }).first().waitFor();
    expect(await page.locator("body").textContent()).not.toContain(token.slice(0, 60));
    await page.context().close();
  }, 60_000);

  it("leaves headers that are there already as they are", async () => {
    const page = await openWindow();
    await signIn(page);
    await page.goto(`${pages}/v1`);
    await page.getByText(/^HTTP Headers/).click();
    await page.locator(".CodeMirror").nth(1).click();
    await page.keyboard.press("Control+A");
    await page.keyboard.insertText('{ "authorization": "my-own-key" }');
    // Playground keeps its tabs a moment later.
    const stored = () => page.evaluate('localStorage.getItem("graphql-playground")');
    await expect.poll(stored).toContain("my-own-key");
    await page.goto(`${pages}/token`);
    const token = await page.locator("#token").inputValue();
    await page.getByRole("button", { name: "Open Playground with this token" }).click();
    await page.locator(".CodeMirror").first().waitFor();
    await expect.poll(() => page.evaluate("session?.()?.headers")).toContain(token);
    const kept = "JSON.stringify(s.getState()).includes('my-own-key')";
    expect(await page.evaluate(kept)).toBe(true);
    await page.context().close();
  }, 60_000);
});

describe("a form that was not accepted", () => {
  it("can be sent again by reloading the page", async () => {
    const page = await openWindow();
    await page.goto(`${pages}/login`);
    await page.getByLabel("E-mail address or username").fill("nobody");
    await page.getByLabel("Password").fill(PASSWORD);
    await page.keyboard.press("Enter");
    await page.getByRole("alert").getByText("Invalid username or password").waitFor();
    expect(await axeFindings(page)).toEqual([]);
    const again = await page.reload();
    expect([again?.request().method(), again?.status()]).toEqual(["POST", 401]);
    await page.context().close();
  }, 60_000);
});

describe("the account", () => {
  it("ends other sessions by mouse, and is usable by keyboard and screen reader", async () => {
    const page = await openWindow();
    const user = await signIn(page);
    await page.getByText("You are signed in as").waitFor();
    await build.tokenOf(user.id);
    await page.getByRole("link", { name: "Account" }).first().click();
    expect(await axeFindings(page)).toEqual([]);
    expect(await db.session.count({ where: { userId: user.id } })).toBe(3);
    await page
      .getByRole("button", { name: /^End the session of/ })
      .first()
      .click();
    await page.getByRole("status").getByText("The session has ended.").waitFor();
    await page.getByRole("button", { name: "End all others" }).click();
    await page.getByText("You are signed out everywhere else.").waitFor();
    expect(await db.session.count({ where: { userId: user.id } })).toBe(1);
    await page.getByLabel("Current password").fill(PASSWORD);
    await page.getByLabel("New password").fill("another horse");
    await page.keyboard.press("Enter");
    await page.getByText("Your password is changed.").waitFor();
    await page.context().close();
  }, 60_000);
});

describe("the first page", () => {
  it("is searched by keyboard, and leads to an Airflow", async () => {
    const page = await openWindow({ javaScriptEnabled: false });
    const { workspace } = await build.workspace();
    for (let n = 0; n < 21; n++) await build.deployment({ workspaceId: workspace.id, label: `Flow ${n}.` });
    const { releaseName } = await db.deployment.findFirstOrThrow({ where: { label: "Flow 7." } });
    await signIn(page, { roles: [{ role: "WORKSPACE_ADMIN", workspaceId: workspace.id }] });
    await page.getByRole("link", { name: "Next" }).click();
    await page.getByText("Page 2").waitFor();
    await page.getByLabel("Search by Deployment").fill("flow 7.");
    await page.keyboard.press("Enter");
    await page.getByRole("link", { name: "Show all" }).waitFor();
    const airflow = `http://deployments.${BASE}:${known.port}/${releaseName}/airflow`;
    const arrived = page.waitForRequest(airflow);
    await page.getByRole("link", { name: "Flow 7." }).click();
    expect((await (await arrived).allHeaders()).cookie).toContain("houston_airflow=");
    await page.context().close();

    const other = await openWindow();
    await signIn(other, { roles: [{ role: "WORKSPACE_ADMIN", workspaceId: workspace.id }] });
    await other.getByRole("link", { name: "Next" }).waitFor();
    for (const colorScheme of ["light", "dark"] as const) {
      await other.emulateMedia({ colorScheme });
      expect(await axeFindings(other)).toEqual([]);
    }
    await other.setViewportSize({ width: 320, height: 800 });
    expect(await other.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(320);
    await other.context().close();
  }, 60_000);
});

describe("without JavaScript", () => {
  it("everything works but the button that copies the token", async () => {
    const page = await openWindow({ javaScriptEnabled: false });
    const user = await signIn(page);
    await page.getByText(`You are signed in as ${user.email}`).waitFor();
    await page.getByRole("link", { name: "Token" }).first().click();
    expect(await page.getByLabel("Token", { exact: true }).inputValue()).toMatch(/^ey/);
    expect(await page.getByRole("button", { name: "Copy" }).isVisible()).toBe(false);
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByText("You are signed out.").waitFor();
    await page.context().close();
  }, 60_000);
});
