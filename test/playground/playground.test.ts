import { execFile } from "node:child_process";
import { get } from "node:http";
import { promisify } from "node:util";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BrowserPage, openBrowser } from "../support/browser.ts";
import { testHouston } from "../support/houston.ts";

const { url, as, build, db } = await testHouston({ apollo: { anonymousIntrospection: true } });
let browser: BrowserPage;
beforeAll(async () => {
  browser = await openBrowser();
}, 60_000);
afterAll(() => browser?.close());

/** Opens Playground as on a first visit: it restores the tabs of earlier ones. */
async function openFirst(page: Page) {
  await page.goto(`${url}/healthz`);
  await page.evaluate(() => localStorage.clear());
  await page.goto(`${url}/v1`);
}

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

/** What a shell passes to curl for a command. */
async function argumentsOf(command: string): Promise<string[]> {
  const print = "console.log(JSON.stringify(process.argv.slice(1)))";
  const script = `curl() { "${process.execPath}" -e '${print}' -- "$@"; }\n${command}`;
  const { stdout } = await promisify(execFile)("sh", ["-c", script]);
  return JSON.parse(stdout);
}

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

describe("typing in GraphQL Playground", () => {
  const boxes = (page: Page) => page.locator(".CodeMirror-hints, .CodeMirror-hints-wrapper").count();

  it("shows completions, which Escape, a choice, further typing and a click elsewhere remove", async () => {
    const { page, errors } = browser;
    await openFirst(page);
    await page.getByText("Docs", { exact: true }).waitFor();
    await type(page, "query", " ");
    // Again until Playground has loaded the schema.
    const begin = async (text: string) => {
      const typed = async () => {
        await page.keyboard.press("Control+A");
        await page.keyboard.type(text, { delay: 20 });
        await page.locator(".CodeMirror-hints-wrapper .CodeMirror-hints").waitFor({ timeout: 1_000 });
        return boxes(page);
      };
      await expect.poll(typed, { timeout: 15_000 }).toBe(2);
    };
    const gone = () => expect.poll(() => boxes(page)).toBe(0);
    await begin("{ appCon");
    await page.keyboard.press("Escape");
    await gone();
    await begin("{ appCon");
    await page.keyboard.press("Enter");
    await gone();
    expect(await page.locator(".CodeMirror").first().textContent()).toContain("{ appConfig");
    await begin("{ appCon");
    await page.keyboard.type("fig { version ", { delay: 20 });
    await gone();
    await begin("{ appCon");
    await page.mouse.click(900, 600);
    await gone();
    expect(errors).toEqual([]);
  }, 60_000);
});

describe("a pane of GraphQL Playground that is not a JSON object", () => {
  const query = "{ appConfig { version } }";

  it.each(['{ "authorization": "x"', "[]", '"x"', '{ "authorization": 1 }'])(
    "is reported instead of sending the operation without HTTP HEADERS: %s",
    async (headers) => {
      const { page } = browser;
      await openFirst(page);
      await page.getByText(/^HTTP Headers/).click();
      await type(page, "headers", headers);
      await run(page, query, "HTTP HEADERS: must be a JSON object of strings");
      await run(page, 'subscription { deploymentStatus(releaseName: "a") { status } }', "HTTP HEADERS: must be");
      await type(page, "headers", " ");
      await run(page, query, '"version"');
    },
    60_000,
  );

  it("does not make Playground say that the server cannot be reached", async () => {
    const { page } = browser;
    await openFirst(page);
    await page.getByText(/^HTTP Headers/).click();
    await page.locator(".CodeMirror").nth(1).click();
    await page.keyboard.press("Control+A");
    await page.keyboard.type("{ authorization: abc");
    // Playground loads the schema again a moment after the last key.
    await expect(page.getByText("Server cannot be reached").waitFor({ timeout: 3_000 })).rejects.toThrow("Timeout");
  }, 60_000);

  it("is reported for QUERY VARIABLES", async () => {
    const { page } = browser;
    await openFirst(page);
    await page.getByText("Query Variables").click();
    await type(page, "headers", '{ "id": ');
    await run(page, query, "QUERY VARIABLES: must be a JSON object");
    await type(page, "headers", "{}");
    await run(page, query, '"version"');
  }, 60_000);
});

describe("GraphQL Playground", () => {
  it("shows that the token of a subscription is bad", async () => {
    const { page } = browser;
    await openFirst(page);
    await page.getByText(/^HTTP Headers/).click();
    await type(page, "headers", '{ "authorization": "bad" }');
    const query = 'subscription { deploymentStatus(releaseName: "a") { status } }';
    const shown = await run(page, query, "token is invalid or expired");
    expect(shown).not.toContain("Could not connect");
  }, 60_000);

  it("has no TRACING pane, and DOCS tells the permission of a field", async () => {
    const { page } = browser;
    await openFirst(page);
    await page.getByText("Docs", { exact: true }).click();
    expect(await page.getByText("Tracing", { exact: true }).isVisible()).toBe(false);
    await page.getByPlaceholder(/search/i).fill("sysWorkspaces");
    await page.getByText("sysWorkspaces").first().click();
    await page.getByText("Permission: system.workspace.get").waitFor();
  }, 60_000);

  it("copies a curl command that works, even with quotes in the operation", async () => {
    const { page } = browser;
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"], { origin: url });
    await openFirst(page);
    await page.getByText(/^HTTP Headers/).click();
    await type(page, "headers", "{}");
    await run(page, `{ it: appConfig { version } } # it's`, '"it"');
    await page.getByText("Copy CURL").click();
    const command = await page.evaluate(() => navigator.clipboard.readText());
    const [address = "", ...options] = await argumentsOf(command);
    const body = options[options.indexOf("--data-binary") + 1] ?? "";
    const answer = await fetch(address, { method: "POST", headers: { "content-type": "application/json" }, body });
    expect(await answer.json()).toEqual({ data: { it: { version: expect.any(String) } } });
  }, 60_000);
});

describe("the description of a root field, in introspection", () => {
  it.each([
    ["sysWorkspaces", "Permission: `system.workspace.get`."],
    ["workspaceUsers", "Permission: `workspace.users.get` or `system.users.get`."],
    ["self", "Permission: any signed-in caller."],
    ["appConfig", "Permission: none; anyone may call it."],
  ])("tells the permission of %s", async (field, line) => {
    const { data } = await as(undefined).send('{ __type(name: "Query") { fields { name description } } }');
    const { description } = data.__type.fields.find(({ name }: { name: string }) => name === field);
    expect(description.split("\n\n").at(-1)).toBe(line);
  });

  it("tells the permission of every field", async () => {
    const { data } = await as(undefined).send(
      `{ __schema { queryType { ...f } mutationType { ...f } subscriptionType { ...f } } }
       fragment f on __Type { fields(includeDeprecated: true) { name description } }`,
    );
    const types: { fields: { name: string; description: string }[] }[] = Object.values(data.__schema);
    const fields = types.flatMap((type) => type.fields);
    expect(fields.length).toBeGreaterThan(100);
    expect(fields.filter(({ description }) => !/\n\nPermission: .+\.$/.test(description))).toEqual([]);
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

describe("an operation that GraphQL Playground cannot parse", () => {
  it("is sent as it is written, and the answer is shown, with its error at /v1", async () => {
    const { page, errors } = browser;
    await openFirst(page);
    await page.getByText(/^HTTP Headers/).click();
    await run(page, "{ appConfig { version } }", '"version"');
    const shown = await run(page, "appConfig { version }", "Syntax Error");
    expect(shown).not.toContain('"version"');
    await run(page, "{ appConfig { version } }", '"version"');
    await type(page, "query", "appConfig { version }");
    await page.getByTitle("Execute Query (Ctrl-Enter)").click();
    await result(page).getByText("Syntax Error").first().waitFor();
    await page.reload();
    await run(page, "{ appConfig { baseDomain } }", '"baseDomain"');
    expect(errors).toEqual([]);
  }, 60_000);

  it("runs at /alpha if it is a printed example", async () => {
    const { page, errors } = browser;
    const { token } = await build.user();
    await page.goto(`${url}/alpha`);
    await page.getByText(/^HTTP Headers/).click();
    await type(page, "headers", JSON.stringify({ authorization: token }));
    const name = `Printed ${Date.now()}`;
    await run(page, `createOrganization(name: "${name}") {{ success }}`, '"success": true');
    expect(await db.organization.count({ where: { name } })).toBe(1);
    expect(errors).toEqual([]);
  }, 60_000);
});
