import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { configFrom } from "../../src/platform/config/config.ts";
import { createAlpha } from "../support/alpha.ts";
import { type BrowserPage, openBrowser } from "../support/browser.ts";
import { testHouston } from "../support/houston.ts";

const { url, as, build } = await testHouston({ limits: { depth: 4, aliases: 3 } });
const alpha = createAlpha(url);
const html = { accept: "text/html,application/xhtml+xml,*/*;q=0.8" };
const json = { "content-type": "application/json" };
const list = "{ organizations { id name } }";

describe("/alpha", () => {
  it.each(["/alpha", "/alpha/"])("accepts POST at %s", async (path) => {
    const { token } = await build.user();
    const body = JSON.stringify({ query: list, operationName: "" });
    const answer = await fetch(url + path, { method: "POST", headers: { ...json, authorization: token }, body });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(await answer.json()).toMatchObject({ data: { organizations: [{ name: "Default" }] } });
  });

  it("answers other GET requests than a browser's as /v1 does", async () => {
    const { token } = await build.user();
    const path = `/alpha?query=${encodeURIComponent(list)}`;
    const headers = { authorization: token, "apollo-require-preflight": "1" };
    expect(await (await fetch(url + path, { headers })).json()).toMatchObject({ data: { organizations: [{}] } });
    expect((await fetch(url + path)).status).toBe(400);
    const signIn = encodeURIComponent(`mutation { createToken(username: "a", password: "b") { success } }`);
    expect((await fetch(`${url}/alpha?query=${signIn}`, { headers })).status).toBe(405);
  });

  it("has the fields of alpha.graphql only, also for documents that /v1 has answered before", async () => {
    const admin = await build.systemAdmin();
    for (let n = 0; n < 3; n++) await as(admin).send("{ workspaces { id } }");
    const { status, errors } = await alpha(admin).send("{ workspaces { id } }");
    expect(status).toBe(400);
    expect(errors?.[0]?.message).toContain('Cannot query field "workspaces"');
    for (let n = 0; n < 3; n++) expect((await alpha(admin).send(list)).data.organizations).toHaveLength(1);
    expect((await as(admin).send(list)).status).toBe(400);
  });

  it("has the limits of /v1", async () => {
    const { token } = await build.user();
    const times = (count: number, text: string) => Array.from({ length: count }, () => text).join(" ");
    const tokens = await alpha({ token }).send(`{ ${times(400, "organizations { id }")} }`);
    expect([tokens.status, tokens.errors?.[0]?.message]).toEqual([
      400,
      expect.stringContaining("must have at most 500 tokens"),
    ]);
    const aliases = await alpha({ token }).send(
      `{ ${["a", "b", "c", "d"].map((a) => `${a}: organizations { id }`).join(" ")} }`,
    );
    expect(aliases.errors?.[0]?.message).toContain("Aliases limit of 3 exceeded");
    const broken = await alpha({ token }).send(`{ ${times(600, "{{")} ${times(600, "}}")} }`);
    expect([broken.status, broken.errors?.[0]?.message]).toEqual([
      400,
      expect.stringContaining("must have at most 500 tokens"),
    ]);
    const bodies = await fetch(`${url}/alpha`, {
      method: "POST",
      headers: json,
      body: JSON.stringify([{ query: list }]),
    });
    expect(bodies.status).toBe(400);
    const large = JSON.stringify({ query: list, variables: { a: "x".repeat(1_100_000) } });
    expect((await fetch(`${url}/alpha`, { method: "POST", headers: json, body: large })).status).toBe(413);
    expect(
      (await fetch(`${url}/alpha`, { method: "POST", headers: { "content-type": "text/plain" }, body: list })).status,
    ).toBe(415);
  });

  it("tells in introspection who may call a field", async () => {
    const { data } = await alpha(await build.user()).send(
      `{ __type(name: "Mutation") { fields { name description } } }`,
    );
    const { description } = data.__type.fields.find(({ name }: { name: string }) => name === "createToken");
    expect(description).toContain("Permission: none; anyone may call it.");
  });
});

describe("webserver.alphaEndpoint", () => {
  it("is the path of the alpha API", async () => {
    const other = await testHouston({ webserver: { alphaEndpoint: "/first/" } });
    const body = JSON.stringify({ query: "{ __typename }" });
    expect((await fetch(`${other.url}/first`, { method: "POST", headers: json, body })).status).toBe(200);
    expect((await fetch(`${other.url}/alpha`, { method: "POST", headers: json, body })).status).toBe(404);
  });

  it("may be /", async () => {
    const root = await testHouston({ webserver: { alphaEndpoint: "/" } });
    expect(await (await fetch(root.url, { headers: html })).text()).toContain("GraphQL Playground");
  });

  it("must differ from webserver.endpoint", () => {
    const same = (webserver: object) => () => configFrom({ webserver });
    expect(same({ alphaEndpoint: "/v1/" })).toThrow(
      'webserver.alphaEndpoint: must differ from webserver.endpoint, not "/v1" (from overrides)',
    );
    expect(same({ endpoint: "/alpha" })).toThrow("webserver.endpoint: must differ from webserver.alphaEndpoint");
  });
});

describe("GraphQL Playground of the alpha API", () => {
  let browser: BrowserPage;
  beforeAll(async () => {
    browser = await openBrowser();
  }, 60_000);
  afterAll(() => browser?.close());

  it("is returned to browsers, with the files of the one at /v1", async () => {
    const answer = await fetch(`${url}/alpha`, { headers: html });
    expect([answer.status, answer.headers.get("vary")]).toEqual([200, expect.stringContaining("accept")]);
    const files = (text: string) => [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path);
    expect(files(await answer.text())).toEqual(files(await (await fetch(`${url}/v1`, { headers: html })).text()));
  });

  it("greets on the first visit, also after one of /v1, and keeps the tabs of each", async () => {
    const { page, hosts, errors } = browser;
    const editor = page.locator(".CodeMirror").first();
    const type = async (text: string) => {
      await page.keyboard.press("Control+A");
      await page.keyboard.insertText(text);
      // Playground keeps it a moment later.
      const all = () => page.evaluate(() => JSON.stringify(Object.values(localStorage)));
      await expect.poll(all).toContain(text.slice(-10, -1));
    };
    await page.goto(`${url}/v1`);
    await editor.getByText("appConfig").waitFor();
    await editor.click();
    await type("{ appConfig { version } } # edited");
    await page.goto(`${url}/alpha`);
    await editor.getByText("The alpha API").waitFor();
    expect(await editor.textContent()).not.toContain("appConfig");
    await page.getByText(/^HTTP Headers/).click();
    expect(await page.locator(".CodeMirror").nth(1).textContent()).toContain("organization");

    const { token } = await build.user();
    await page.locator(".CodeMirror").nth(1).click();
    await page.keyboard.press("Control+A");
    await page.keyboard.insertText(JSON.stringify({ authorization: token, organization: "" }));
    await editor.click();
    await type("{ organizations { name } } # changed");
    await page.keyboard.press("Control+Enter");
    await page.locator(".CodeMirror").nth(2).getByText('"Default"').first().waitFor();

    await page.goto(`${url}/v1`);
    await editor.getByText("# edited").waitFor();
    await page.goto(`${url}/alpha`);
    await editor.getByText("# changed").waitFor();
    expect(errors).toEqual([]);
    expect([...hosts]).toEqual([new URL(url).host]);
  }, 60_000);
});
