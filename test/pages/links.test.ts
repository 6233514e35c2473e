import { mkdirSync } from "node:fs";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { MailTemplate } from "../../src/platform/mail/mail.ts";
import { createAlpha } from "../support/alpha.ts";
import { axeFindings } from "../support/axe.ts";
import { type BrowserPage, openBrowser } from "../support/browser.ts";
import { testHouston } from "../support/houston.ts";
import { openKnownPort } from "../support/knownPort.ts";
import { createMailbox } from "../support/mailbox.ts";

const PASSWORD = "correct horse battery";

let browser: BrowserPage;
beforeAll(async () => {
  browser = await openBrowser();
}, 60_000);
afterAll(() => browser?.close());

/** Houston at a port that its settings name, so that the links in its mails lead to it as they are. */
async function start(baseDomain: string | undefined) {
  const mailbox = createMailbox();
  const known = await openKnownPort();
  const { port } = known;
  const running = await testHouston({
    email: { folder: mailbox.folder },
    publicSignups: true,
    webserver: { publicUrl: `http://${baseDomain === undefined ? "localhost" : `houston.${baseDomain}`}:${port}` },
    ...(baseDomain !== undefined && { helm: { baseDomain } }),
  });
  known.leadTo(running.url);
  const pages = baseDomain === undefined ? `http://localhost:${port}/app` : `http://app.${baseDomain}:${port}`;

  /** The link in the newest mail of a kind to an address. */
  async function link(template: MailTemplate, address: string): Promise<string> {
    await mailbox.settled(running.db);
    const text = (await mailbox.mails(template, address)).at(-1)?.text ?? "";
    return /https?:\S+/.exec(text)?.[0] ?? `no link in ${template} to ${address}: ${text}`;
  }

  return { ...running, pages, port, link };
}

/** Also looks at the page: axe finds nothing in light and dark, and a narrow screen need not be scrolled sideways. */
async function look(page: Page, title: string): Promise<void> {
  await page.getByRole("heading", { level: 1, name: title }).waitFor();
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    expect(await axeFindings(page), `${title}, ${colorScheme}`).toEqual([]);
    for (const width of [320, 1280]) {
      await page.setViewportSize({ width, height: 800 });
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
      await screenshot(page, `${title}-${colorScheme}-${width}`);
    }
  }
}

/** `TEST_SCREENSHOTS=<folder>` keeps a picture of every page. */
async function screenshot(page: Page, name: string): Promise<void> {
  const folder = process.env.TEST_SCREENSHOTS;
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: `${folder}/${name.replaceAll(/[^\w-]+/g, "_")}.png`, fullPage: true });
}

/** Types into the field that has the focus, and into the next ones, and presses Enter in the last. */
async function typeAndSend(page: Page, ...values: string[]): Promise<void> {
  // The browser focuses the first field a moment after the page has loaded.
  await page.locator("input:focus").waitFor();
  for (const [index, value] of values.entries()) {
    if (index > 0) await page.keyboard.press("Tab");
    await page.keyboard.type(value);
  }
  await page.keyboard.press("Enter");
}

const signOut = async (page: Page) => {
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByText("You are signed out.").waitFor();
};

const INVITE = "mutation ($email: String!) { inviteUser(email: $email) { id } }";
describe.each([undefined, "platform.localhost"])("links in mails, with the base domain %s", async (baseDomain) => {
  const { app, as, build, link, pages, url } = await start(baseDomain);
  const at = (path: string) => `${pages}/${path}`;

  it("the first user signs up, with the set-up token from another host than localhost", async () => {
    const { page } = browser;
    await page.goto(at(""));
    await look(page, "Set up");
    await page.locator(":focus#email").waitFor();
    const setupToken = baseDomain === undefined ? [] : [app.setupToken ?? ""];
    if (baseDomain !== undefined) {
      await typeAndSend(page, "first@example.com", "First", PASSWORD, "wrong");
      await page.getByText("This is not the set-up token").waitFor();
      await look(page, "Set up");
      await page.locator("#password").focus();
      await typeAndSend(page, PASSWORD, ...setupToken);
    } else {
      await typeAndSend(page, "first@example.com", "First", PASSWORD);
    }
    await page.getByText("Your account is ready").waitFor();
    await look(page, "Hello First");
    await page.getByRole("link", { name: "Account" }).first().click();
    await look(page, "Account");
    await page.getByRole("link", { name: "Token" }).first().click();
    await look(page, "Token");
    await signOut(page);
    await look(page, "Sign in");
  }, 60_000);

  it("confirm: after a public sign-up", async () => {
    const { page } = browser;
    await page.goto(at("login"));
    await page.getByRole("link", { name: "Sign up" }).click();
    await look(page, "Sign up");
    await page.locator("#email").focus();
    await typeAndSend(page, "second@example.com", "Second", PASSWORD);
    await look(page, "Look for the e-mail");
    await page.goto(at("login"));
    await typeAndSend(page, "second@example.com", PASSWORD);
    await page.getByRole("alert").getByText("Confirm your e-mail address first").waitFor();
    await page.getByRole("link", { name: "Send the e-mail again" }).click();
    await look(page, "Confirm your e-mail address");
    await page.locator("#email").fill("second@example.com");
    await page.keyboard.press("Enter");
    await look(page, "Look for the e-mail");
    const confirm = await link("confirm", "second@example.com");
    await page.goto(confirm);
    await look(page, "Confirm your e-mail address");
    await page.getByRole("button", { name: "Confirm" }).click();
    await page.getByText("Your e-mail address is confirmed.").waitFor();
    await signOut(page);
    await page.goto(confirm);
    await look(page, "The link cannot be used");
  }, 60_000);

  it("reset: after a forgotten password", async () => {
    const { page } = browser;
    await page.goto(at("login"));
    await page.getByRole("link", { name: "Forgotten password" }).click();
    await look(page, "Forgotten password");
    await page.locator("#email").focus();
    await typeAndSend(page, "second@example.com");
    await look(page, "Look for the e-mail");
    const reset = await link("reset", "second@example.com");
    await page.goto(reset);
    await look(page, "Set a new password");
    await page.locator("#password").focus();
    await typeAndSend(page, "password");
    await page.getByRole("alert").getByText("many people use").waitFor();
    await look(page, "Set a new password");
    await page.locator("#password").focus();
    await typeAndSend(page, "another horse battery");
    await page.getByText("Your new password is set.").waitFor();
    await signOut(page);
    await page.goto(reset);
    await look(page, "The link cannot be used");
    await page.getByRole("link", { name: "Request an e-mail" }).click();
    await look(page, "Forgotten password");
  }, 60_000);

  it("exists: after a sign-up with an address that has an account", async () => {
    const { page } = browser;
    await page.goto(at("signup"));
    await typeAndSend(page, "second@example.com", "Someone", PASSWORD);
    await look(page, "Look for the e-mail");
    await page.goto(await link("exists", "second@example.com"));
    await look(page, "Set a new password");
    await page.locator("#password").focus();
    await typeAndSend(page, "third horse battery");
    await page.getByText("Your new password is set.").waitFor();
    await signOut(page);
  }, 60_000);

  it("invite: whose address is fixed", async () => {
    const { page } = browser;
    const admin = await build.systemAdmin();
    await as(admin).send(INVITE, { email: "invited@example.com" });
    const invite = await link("invite", "invited@example.com");
    await page.goto(invite);
    await look(page, "Accept the invitation");
    expect(await page.locator("#email").inputValue()).toBe("invited@example.com");
    await page.locator("#fullName").focus();
    await typeAndSend(page, "Invited", PASSWORD);
    await page.getByText("Your account is ready").waitFor();
    await page.getByText("You are signed in as invited@example.com").waitFor();
    await signOut(page);
    await page.goto(invite);
    await look(page, "The invitation is no longer open");
  }, 60_000);

  it("password: when an invitation makes the password from before invalid", async () => {
    const { page } = browser;
    const admin = await build.systemAdmin();
    const { workspace } = await build.workspace();
    await page.goto(at("signup"));
    await typeAndSend(page, "early@example.com", "Early", PASSWORD);
    await look(page, "Look for the e-mail");
    const add = `mutation ($workspaceUuid: Uuid!, $email: String!) {
      workspaceAddUser(workspaceUuid: $workspaceUuid, email: $email, role: WORKSPACE_VIEWER) { id }
    }`;
    await as(admin).send(add, { workspaceUuid: workspace.id, email: "early@example.com" });
    await page.goto(await link("confirm", "early@example.com"));
    await page.getByRole("button", { name: "Confirm" }).click();
    await page.getByText("Your e-mail address is confirmed.").waitFor();
    await page.getByRole("link", { name: "Account" }).first().click();
    await page.getByText("You have no password.").waitFor();
    await look(page, "Account");
    await page.goto(await link("password", "early@example.com"));
    await look(page, "Set a new password");
    await page.locator("#password").focus();
    await typeAndSend(page, "fourth horse battery");
    await page.getByText("Your new password is set.").waitFor();
    await signOut(page);
  }, 60_000);

  it("join: of someone whom an Organization added", async () => {
    const { page } = browser;
    const { organization, owner } = await build.organization();
    const { data } = await createAlpha(url)(owner, { organization: organization.id }).send(
      `mutation { updateOrganization(addUsers: ["joins@example.com"]) { success } }`,
    );
    expect(data.updateOrganization.success).toBe(true);
    await page.goto(await link("join", "joins@example.com"));
    await look(page, "Set a new password");
    await page.locator("#password").focus();
    await typeAndSend(page, "fifth horse battery");
    await page.getByText("You are signed in as joins@example.com").waitFor();
    await signOut(page);
  }, 60_000);
});
