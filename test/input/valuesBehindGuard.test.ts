import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { openAs, operationsOn, protocols } from "../support/sockets.ts";

const { url, as, build, db } = await testHouston();

/** Every string that is looked at goes through this: the canaries among them are counted. */
const { isWellFormed } = String.prototype;
let seen = 0;
String.prototype.isWellFormed = function (this: string) {
  if (this.startsWith("canary")) seen += 1;
  return isWellFormed.call(this);
};
afterAll(() => {
  String.prototype.isWellFormed = isWellFormed;
});
beforeEach(() => {
  seen = 0;
});

const canaries = (count: number) => Array.from({ length: count }, (_, nth) => `canary ${nth}`);
const UPDATE =
  "mutation ($id: Uuid!, $payload: JSON!) { updateWorkspace(workspaceUuid: $id, payload: $payload) { id } }";
const DENIED = "You do not have the appropriate permissions for that";

describe("the values of a call", () => {
  it("are not looked at before the guard, over HTTP and both sockets", async () => {
    const { workspace, admin, outsider } = await build.workspace();
    const variables = { id: workspace.id, payload: { labels: canaries(2_000) } };
    // From then on, the fast path knows the document.
    expect((await as(admin).send(UPDATE, { id: workspace.id, payload: { label: "Blue" } })).errors).toBeUndefined();
    for (const someone of [undefined, { token: "not.a.token" }]) {
      for (let again = 0; again < 2; again += 1) {
        expect((await as(someone).send(UPDATE, variables)).errors).toMatchObject([{ message: DENIED }]);
      }
    }
    for (const protocol of protocols) {
      for (const someone of [undefined, outsider]) {
        const socket = await openAs(url, protocol, someone?.token);
        operationsOn(socket).start("1", UPDATE, variables);
        const { payload } = await socket.next(({ id }) => id === "1");
        expect(payload.errors).toMatchObject([{ message: DENIED }]);
        socket.socket.terminate();
      }
    }
    expect(seen).toBe(0);
    // The fast path looks at 1,000 and then leaves the request to the guard.
    expect((await as(outsider).send(UPDATE, variables)).errors).toMatchObject([{ message: DENIED }]);
    expect(seen).toBeLessThanOrEqual(1_000);
    seen = 0;
    await as(admin).send(UPDATE, variables);
    expect(seen).toBeGreaterThanOrEqual(2_000);
    expect(seen).toBeLessThanOrEqual(3_000);
  });

  it("are not looked at before the guard of the Platform API", async () => {
    const { workspace, outsider } = await build.workspace();
    const organization = await db.organization.findFirstOrThrow();
    for (const someone of [undefined, outsider]) {
      const response = await fetch(
        `${url}/platform/v1beta1/organizations/${organization.id}/workspaces/${workspace.id}`,
        {
          method: "POST",
          headers: { "content-type": "application/json", ...(someone && { authorization: `Bearer ${someone.token}` }) },
          body: JSON.stringify({ name: "Blue", description: canaries(2_000) }),
        },
      );
      expect(response.status).toBe(someone ? 404 : 401);
      if (!someone) expect(seen).toBe(0);
    }
    // After 1,000 values, the guard goes first.
    expect(seen).toBeLessThanOrEqual(1_000);
  });

  it("are few in public fields", async () => {
    const query = "query ($extras: JSON) { authConfig(extras: $extras) { publicSignup } }";
    expect((await as(undefined).send(query, { extras: canaries(900) })).errors).toBeUndefined();
    expect(seen).toBe(900);
    const { errors } = await as(undefined).send(query, { extras: canaries(40_000) });
    expect(errors).toMatchObject([
      { message: "extras: must have at most 1000 values", extensions: { code: "BAD_USER_INPUT", argument: "extras" } },
    ]);
    expect(seen).toBeLessThanOrEqual(1_900);
  });

  it("are at most 50,000, however often a document repeats a variable", async () => {
    const { workspace, admin } = await build.workspace();
    const query = `mutation ($id: Uuid!, $part: JSON) {
      updateWorkspace(workspaceUuid: $id, payload: { a: [${"$part ".repeat(100)}] }) { id } }`;
    const { errors } = await as(admin).send(query, { id: workspace.id, part: canaries(10_000) });
    expect(errors).toMatchObject([
      { message: "payload: must have at most 50000 values", extensions: { code: "BAD_USER_INPUT" } },
    ]);
    expect(seen).toBeLessThanOrEqual(50_000);
  });
});

describe("G16: a body", () => {
  const open = (variables: string) =>
    `{"query":"query ($extras: JSON) { authConfig(extras: $extras) { publicSignup } }","variables":{"extras":${variables}}}`;
  const headers = { "content-type": "application/json" };
  const send = async (path: string, body: string) => {
    const response = await fetch(url + path, { method: "POST", headers, body });
    return { status: response.status, text: await response.text() };
  };

  const INVALID = "Body is not valid JSON but content-type is set to 'application/json'";

  it.each([
    ["1 MiB of {}", `[${"{},".repeat(340_000)}{}]`, "body: must have at most 50000 values"],
    ["60,000 values", `[${"1,".repeat(60_000)}1]`, "body: must have at most 50000 values"],
    ["150,000 keys of one name", `{${'"a":1,'.repeat(150_000)}"a":1}`, "body: must have at most 50000 values"],
    ["100,000 nested lists", "[".repeat(100_000) + "]".repeat(100_000), "body: may be nested at most 100 levels deep"],
    ["unfinished nested objects", '{"a":'.repeat(200_000), "body: may be nested at most 100 levels deep"],
    ["the key __proto__", '{"__proto__":{"a":1}}', INVALID],
    ["constructor.prototype", '{"constructor":{"prototype":{"a":1}}}', INVALID],
  ])("is rejected with 400, in every API: %s", async (_, variables, message) => {
    for (const path of ["/v1", "/alpha"]) {
      const { status, text } = await send(path, open(variables));
      expect([status, JSON.parse(text)]).toMatchObject([
        400,
        { errors: [{ message, extensions: { code: expect.any(String) } }] },
      ]);
    }
    const { status, text } = await send("/platform/v1beta1/organizations", open(variables));
    expect([status, JSON.parse(text).message]).toEqual([400, message]);
  });

  it("may contain long strings with brackets and commas", async () => {
    const text = `[{,\\"\\\\${"[{,".repeat(100_000)}`;
    expect((await send("/v1", open(JSON.stringify([text, text.slice(0, 1_000)])))).status).toBe(200);
  });

  it.each(protocols)("closes a socket as a message of %s", async (protocol) => {
    for (const variables of [`[${"{},".repeat(60_000)}{}]`, "[".repeat(100_000) + "]".repeat(100_000)]) {
      const socket = await openAs(url, protocol);
      socket.socket.send(`{"type":"start","id":"1","payload":${open(variables)}}`);
      expect(await socket.closed).toMatchObject({ code: 4400, reason: expect.stringMatching(/^Messages m(ust|ay) /) });
    }
  });

  it.each(protocols)("does not set prototypes as a message of %s", async (protocol) => {
    const { workspace, admin } = await build.workspace();
    const socket = await openAs(url, protocol, admin.token);
    const type = protocol === "graphql-ws" ? "start" : "subscribe";
    const variables = `{"id":"${workspace.id}","payload":{"__proto__":{"label":"Changed"}}}`;
    socket.socket.send(`{"type":"${type}","id":"1","payload":{"query":"${UPDATE}","variables":${variables}}}`);
    const { payload } = await socket.next(({ id }) => id === "1");
    expect(payload.errors).toMatchObject([{ message: "payload: must not contain the key __proto__" }]);
    socket.socket.terminate();
  });
});
