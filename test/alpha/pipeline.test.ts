import { Analytics } from "@segment/analytics-node";
import { beforeEach, describe, expect, it } from "vitest";
import { createAlpha } from "../support/alpha.ts";
import { testHouston } from "../support/houston.ts";
import { jsonServer } from "../support/jsonServer.ts";
import { startEventRouter } from "./eventRouter.ts";

const { url, build } = await testHouston();
const { organization, owner } = await build.organization();
const alpha = createAlpha(url)(owner, { organization: organization.id });

const destination = await jsonServer(() => ({ status: 200, body: {} }));
beforeEach(() => void destination.requests.splice(0));

const webhook = (headerValue: string) => ({ url: `${destination.url}/hook`, headerName: "X-Secret", headerValue });

const CREATE = `mutation ($orgId: String!, $code: String!, $prototypeId: String!, $details: JSON!) {
  application: createApplication(name: "Shop", platform: "server", orgId: $orgId) { id }
  connection: createConnection(
    name: "Ours", orgId: $orgId, integrationCode: $code, connectionPrototypeId: $prototypeId, details: $details
  ) { id }
  key: createApiKey(name: "Router") { id token }
}`;
const INTEGRATE = `mutation ($appId: String!, $code: String!, $config: JSON!, $connectionId: String!) {
  integration: createIntegration(
    name: "Orders", appId: $appId, integrationCode: $code, configPayload: $config, connectionId: $connectionId
  ) { success id }
}`;
const REPLACE_DETAILS = `mutation ($connection: String!, $details: JSON!) {
  result: updateConnection(connectionId: $connection, details: $details) { success }
}`;
const DELETE_INTEGRATION = `mutation ($integration: String!) {
  result: updateIntegration(integrationId: $integration, delete: true) { success }
}`;
const REVOKE = "mutation ($key: String!) { result: updateApiKey(apiKeyId: $key, delete: true) { success } }";

/** An Application with an Integration, and an event router with an API key of the Organization. */
async function pipeline({ code = "webhook", details = webhook("first") as object, config = {} as object } = {}) {
  const orgId = organization.id;
  const create = { orgId, code, prototypeId: `${code}-1`, details };
  const { application, connection, key } = (await alpha.send(CREATE, create)).data;
  const integrate = { appId: application.id, code, config, connectionId: connection.id };
  const { integration } = (await alpha.send(INTEGRATE, integrate)).data;
  expect(integration).toMatchObject({ success: true });
  const settings = { houston: url, apiKey: key.token, applicationIds: [application.id] };
  const router = await startEventRouter({ ...settings, acquisio: `${destination.url}/acquisio` });
  /** Sends a mutation of the Owner about one of these rows. */
  const change = async (mutation: string, variables: object = {}) => {
    const ids = { key: key.id, connection: connection.id, integration: integration.id };
    const declared = Object.entries(ids).filter(([name]) => mutation.includes(`$${name}:`));
    const { data } = await alpha.send(mutation, { ...Object.fromEntries(declared), ...variables });
    expect(data.result).toEqual({ success: true });
  };
  return { application: application as { id: string }, router, change };
}

/** Sends events with the analytics.js library for Node. Returns the error of each; undefined for a delivered one. */
async function track(host: string, writeKey: string, ...events: string[]): Promise<unknown[]> {
  const analytics = new Analytics({ host, writeKey, maxRetries: 0 });
  analytics.on("error", () => undefined);
  const sent = events.map(
    (event) =>
      new Promise<unknown>((resolve) => {
        analytics.track({ userId: "ada", event, properties: { revenue: 12.5 } }, (error) => resolve(error));
      }),
  );
  await analytics.closeAndFlush();
  return Promise.all(sent);
}

const received = () =>
  destination.requests.map(({ url: { pathname }, headers, body }) => ({ pathname, headers, body }));

describe("a pipeline from an analytics.js library through an event router", () => {
  it("delivers events with the secret of the Connection", async () => {
    const { application, router } = await pipeline();
    expect(await router.poll()).toEqual([200]);
    expect(await track(router.url, application.id, "Order Completed")).toEqual([undefined]);
    const event = { type: "track", event: "Order Completed", userId: "ada", properties: { revenue: 12.5 } };
    expect(received()).toMatchObject([{ pathname: "/hook", headers: { "x-secret": "first" }, body: [event] }]);
  });

  it("delivers what the Integration is configured for", async () => {
    const { application, router } = await pipeline({ config: { events: ["A", "B", "C"], batchSize: 2 } });
    await router.poll();
    expect(await track(router.url, application.id, "A", "other", "B", "C")).toHaveLength(4);
    const names = received().map(({ body }) => body.map(({ event }: { event: string }) => event));
    expect(names.toSorted((one, other) => other.length - one.length)).toEqual([["A", "B"], ["C"]]);
  });

  it("delivers conversions under the names of the destination", async () => {
    const config = { trackId: "UA-1", conversions: { "Order Completed": "sale" }, trackPages: false };
    const { application, router } = await pipeline({ code: "acquisio", details: { accountId: "42" }, config });
    await router.poll();
    await track(router.url, application.id, "Order Completed", "Product Viewed");
    const body = { accountId: "42", trackId: "UA-1", conversion: "sale", properties: { revenue: 12.5 } };
    expect(received()).toMatchObject([{ pathname: "/acquisio", body }]);
    expect(received()).toHaveLength(1);
  });

  it("accepts single calls over HTTP too", async () => {
    const { application, router } = await pipeline();
    await router.poll();
    const { status } = await fetch(`${router.url}/v1/track`, {
      method: "POST",
      headers: { authorization: `Basic ${Buffer.from(`${application.id}:`).toString("base64")}` },
      body: JSON.stringify({ userId: "ada", event: "Signed Up" }),
    });
    expect(status).toBe(200);
    expect(received()).toMatchObject([{ body: [{ type: "track", event: "Signed Up" }] }]);
  });

  it("uses new details of the Connection from the next poll on; polls without a change get 304", async () => {
    const { application, router, change } = await pipeline();
    expect([await router.poll(), await router.poll(), await router.poll()]).toEqual([[200], [304], [304]]);
    await change(REPLACE_DETAILS, { details: webhook("second") });
    await track(router.url, application.id, "Before");
    expect(await router.poll()).toEqual([200]);
    await track(router.url, application.id, "After");
    expect(received()).toMatchObject([
      { headers: { "x-secret": "first" }, body: [{ event: "Before" }] },
      { headers: { "x-secret": "second" }, body: [{ event: "After" }] },
    ]);
    expect(await router.poll()).toEqual([304]);
  });

  it("stops once the Integration is deleted", async () => {
    const { application, router, change } = await pipeline();
    await router.poll();
    await change(DELETE_INTEGRATION);
    expect(await router.poll()).toEqual([200]);
    expect(await track(router.url, application.id, "Order Completed")).toEqual([undefined]);
    expect(received()).toEqual([]);
  });

  it("ends when the API key is revoked: the router gets 404 and delivers nothing more", async () => {
    const { application, router, change } = await pipeline();
    expect(await router.poll()).toEqual([200]);
    await change(REVOKE);
    expect(await router.poll()).toEqual([404]);
    expect(await track(router.url, application.id, "Order Completed")).toEqual([expect.any(Error)]);
    expect(received()).toEqual([]);
  });

  it("is closed to an unknown write key", async () => {
    const { router } = await pipeline();
    await router.poll();
    const { application: other } = await pipeline();
    for (const writeKey of [other.id, "nonsense"])
      expect(await track(router.url, writeKey, "Order Completed")).toEqual([expect.any(Error)]);
    expect(received()).toEqual([]);
  });
});
