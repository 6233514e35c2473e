import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { newApiKey } from "../../src/access/apiKey.ts";
import { loadHolder } from "../../src/access/loadHolder.ts";
import { REST_PREFIX } from "../../src/api/http/restPrefix.ts";
import { createRouterRows } from "../alpha/routerRows.ts";
import { createAlpha } from "../support/alpha.ts";
import { doorsOf } from "../support/doors.ts";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";
import {
  closingSockets,
  ofType,
  openAs,
  openSocket,
  operationsOn,
  type Protocol,
  protocols,
  SUBSCRIBE,
} from "../support/sockets.ts";

// So long that the periodic check of subscriptions never runs during a test.
const houston = await testHouston({ subscriptions: { recheckInterval: 3_600_000 } });
const { as, build, db, url } = houston;
const closing = closingSockets();

const past = () => new Date(Date.now() - 1_000);
const inMs = (ms: number) => new Date(Date.now() + ms);
const expire = (id: string, expiresAt = past()) => db.serviceAccount.update({ where: { id }, data: { expiresAt } });

const DAY = 86_400_000;

const create = (field: string, args: string) =>
  `mutation ($expiresAt: DateTime) { result: ${field}(label: "CI", ${args}, expiresAt: $expiresAt) { id apiKey expiresAt } }`;

const subscribe = async (protocol: Protocol, { token }: { token: string }, release: string) => {
  const socket = await closing(openAs(url, protocol, token));
  operationsOn(socket).start("1", SUBSCRIBE, { release });
  await socket.next(({ type }) => type === "data" || type === "next");
  return socket;
};
// Every subscription is checked once more when listening for lost permissions begins, which is with the first one.
const { deployment: first, viewer } = await build.deployment();
beforeAll(async () => {
  await subscribe("graphql-transport-ws", viewer, first.releaseName);
  await sleep(1_000);
});

describe("an API key that has expired", () => {
  it.each([
    ["/v1", "{ sysWorkspaces { id } }"],
    ["/alpha", "{ organizations { id } }"],
  ])("is rejected like an unknown one at %s", async (name, query) => {
    const account = await build.serviceAccount({ role: "SYSTEM_ADMIN" });
    const send = async (token: string) =>
      doorsOf(url, { token })
        .find((door) => door.name === name)
        ?.send(query);
    await expire(account.id, inMs(60_000));
    // More than once: the fast path answers what it has seen.
    for (const _ of [1, 2, 3]) expect((await send(account.token))?.errors).toEqual([]);
    await expire(account.id);
    const answer = await send(account.token);
    expect(answer).toEqual(await send(newApiKey()));
    expect(answer?.errors).toMatchObject([{ extensions: { code: "UNAUTHENTICATED" } }]);
  });

  it.each(protocols)("opens no socket, and may do nothing on an open one (%s)", async (protocol) => {
    const account = await build.serviceAccount({ role: "SYSTEM_ADMIN" });
    const open = await closing(openAs(url, protocol, account.token));
    await expire(account.id);
    const rejection = async (token: string) => {
      const socket = await closing(openSocket(url, protocol));
      socket.send({ type: "connection_init", payload: { authorization: token } });
      return { closed: await socket.closed, messages: socket.messages };
    };
    expect(await rejection(account.token)).toEqual(await rejection(newApiKey()));
    operationsOn(open).start("1", "{ sysWorkspaces { id } }");
    const { payload } = await open.next(({ id }) => id === "1");
    expect((payload.errors ?? payload)[0].extensions.code).toBe("UNAUTHENTICATED");
  });

  it("is rejected like an unknown one by mutations on the fast path", async () => {
    const account = await build.serviceAccount({ role: "SYSTEM_ADMIN" });
    const CREATE = `mutation ($label: String!) { createSystemServiceAccount(label: $label, role: SYSTEM_VIEWER) { id } }`;
    for (const label of ["one", "two", "three"])
      expect(outcomeOf(await as(account).send(CREATE, { label }))).toBe("ok");
    await expire(account.id);
    expect(await as(account).send(CREATE, { label: "four" })).toEqual(
      await as({ token: newApiKey() }).send(CREATE, { label: "four" }),
    );
    expect(await db.serviceAccount.count({ where: { label: "four" } })).toBe(0);
  });

  it("is rejected like an unknown one by the Platform API, and finds no configuration for event routers", async () => {
    const { organization } = await build.organization();
    const { id: applicationId } = await createRouterRows(houston).application(organization.id);
    const router = await build.serviceAccount({ role: "ORGANIZATION_ROUTER", organizationId: organization.id });
    const admin = await build.serviceAccount({ role: "SYSTEM_ADMIN" });
    const paths = [`${REST_PREFIX}/organizations`, `/alpha/applications/${applicationId}/config`];
    const statuses = (tokens: string[]) =>
      Promise.all(
        paths.map(async (path, n) => {
          const response = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${tokens[n]}` } });
          const { requestId, ...body } = (await response.json()) as { requestId?: string };
          return [response.status, response.ok || body];
        }),
      );
    const tokens = [admin.token, router.token];
    expect(await statuses(tokens)).toEqual([
      [200, true],
      [200, true],
    ]);
    for (const { id } of [admin, router]) await expire(id);
    const expired = await statuses(tokens);
    expect(expired.map(([status]) => status)).toEqual([401, 404]);
    expect(expired).toEqual(await statuses([newApiKey(), newApiKey()]));
  });

  it.each(protocols)("ends the subscriptions of its account at that moment (%s)", async (protocol) => {
    const { deployment, admin } = await build.deployment();
    const args = `deploymentUuid: "${deployment.id}", role: DEPLOYMENT_VIEWER`;
    const variables = { expiresAt: inMs(2_000).toISOString() };
    const { result } = (await as(admin).send(create("createDeploymentServiceAccount", args), variables)).data;
    const socket = await subscribe(protocol, { token: result.apiKey }, deployment.releaseName);
    const { payload } = await socket.next(ofType("error"));
    expect([payload].flat()[0].extensions.code).toBe("UNAUTHENTICATED");
    const late = Date.now() - Date.parse(result.expiresAt);
    expect(late).toBeGreaterThan(-50);
    expect(late).toBeLessThan(1_000);
  });

  it("ends a user's subscription with the session too", async () => {
    const { deployment, viewer } = await build.deployment();
    await db.session.updateMany({ where: { userId: viewer.id }, data: { expiresAt: inMs(1_000) } });
    const socket = await subscribe("graphql-transport-ws", viewer, deployment.releaseName);
    const { payload } = await socket.next(ofType("error"));
    expect(payload[0].extensions.code).toBe("UNAUTHENTICATED");
  });

  it("ends a subscription when it is made to expire earlier", async () => {
    const { deployment } = await build.deployment();
    const account = await build.serviceAccount({ role: "DEPLOYMENT_VIEWER", deploymentId: deployment.id });
    const socket = await subscribe("graphql-transport-ws", account, deployment.releaseName);
    await expire(account.id);
    const { payload } = await socket.next(ofType("error"));
    expect(payload[0].extensions.code).toBe("UNAUTHENTICATED");
  });

  it("gives nothing any more by the invitations that its account sent", async () => {
    const { workspace } = await build.workspace();
    const account = await build.serviceAccount({ role: "WORKSPACE_ADMIN", workspaceId: workspace.id });
    expect(await loadHolder(db, `serviceAccount:${account.id}`)).toMatchObject({ id: account.id });
    await expire(account.id);
    expect(await loadHolder(db, `serviceAccount:${account.id}`)).toBeUndefined();
  });
});

/** The mutations that create accounts, by level, with the arguments other than label and expiry. */
async function creations() {
  const { workspace, admin } = await build.workspace();
  const { deployment } = await build.deployment({ workspaceId: workspace.id });
  const here = `workspaceUuid: "${workspace.id}", role: WORKSPACE_VIEWER`;
  const calls = {
    createSystemServiceAccount: "role: SYSTEM_VIEWER",
    createWorkspaceServiceAccount: here,
    createDeploymentServiceAccount: `deploymentUuid: "${deployment.id}", role: DEPLOYMENT_VIEWER`,
    createServiceAccount: `entityType: WORKSPACE, entityUuid: "${workspace.id}"`,
  };
  return { calls, admin, workspace };
}

describe("expiresAt of a new service account", async () => {
  const systemAdmin = await build.systemAdmin();

  it("is stored, shown and recorded at every level, and never by default", async () => {
    const { calls } = await creations();
    for (const [field, args] of Object.entries(calls)) {
      const document = create(field, args);
      const expiresAt = inMs(DAY).toISOString();
      for (const given of [expiresAt, null, expiresAt]) {
        const { data } = await as(systemAdmin).send(document, { expiresAt: given });
        const { id, ...result } = data.result;
        expect(result).toMatchObject({ expiresAt: given });
        const entry = await db.auditEntry.findFirstOrThrow({ where: { entityId: id } });
        expect((entry.detail as { expiresAt?: string }).expiresAt).toBe(given ?? undefined);
      }
    }
  });

  it("must be in the future", async () => {
    const { calls } = await creations();
    for (const [field, args] of Object.entries(calls))
      for (const expiresAt of [past().toISOString(), "2020-01-01T00:00:00+02:00"]) {
        const answer = await as(systemAdmin).send(create(field, args), { expiresAt });
        expect(answer.errors?.[0]).toMatchObject({
          message: "expiresAt: must be in the future",
          extensions: { code: "BAD_USER_INPUT", argument: "expiresAt" },
        });
      }
  });

  it("ends the key without anybody doing anything", async () => {
    const { workspace, admin } = await build.workspace();
    const args = `workspaceUuid: "${workspace.id}", role: WORKSPACE_VIEWER`;
    const { data } = await as(admin).send(create("createWorkspaceServiceAccount", args), {
      expiresAt: inMs(1_000).toISOString(),
    });
    const send = async () => outcomeOf(await as({ token: data.result.apiKey }).send("{ self { isAdmin } }"));
    expect(await send()).toBe("ok");
    await sleep(1_000);
    expect(await send()).toBe("UNAUTHENTICATED");
  });
});

describe("serviceAccounts.maxKeyDays", async () => {
  const { as, build, db, url } = await testHouston({ serviceAccounts: { maxKeyDays: 90 } });
  const alpha = createAlpha(url);

  it("limits the life of new keys at every level, and is their life by default", async () => {
    const { workspace } = await build.workspace();
    const systemAdmin = await build.systemAdmin();
    const calls = {
      createSystemServiceAccount: "role: SYSTEM_VIEWER",
      createWorkspaceServiceAccount: `workspaceUuid: "${workspace.id}", role: WORKSPACE_VIEWER`,
      createServiceAccount: `entityType: SYSTEM`,
    };
    const message = "expiresAt: must be within 90 days from now (serviceAccounts.maxKeyDays)";
    for (const [field, args] of Object.entries(calls)) {
      const { data } = await as(systemAdmin).send(create(field, args));
      expect(Math.abs(Date.parse(data.result.expiresAt) - Date.now() - 90 * DAY)).toBeLessThan(60_000);
      const later = await as(systemAdmin).send(create(field, args), { expiresAt: inMs(91 * DAY).toISOString() });
      expect(later.errors?.[0]).toMatchObject({
        message,
        extensions: { code: "BAD_USER_INPUT", argument: "expiresAt" },
      });
      const sooner = inMs(89 * DAY).toISOString();
      const { data: short } = await as(systemAdmin).send(create(field, args), { expiresAt: sooner });
      expect(short.result.expiresAt).toBe(sooner);
    }
  });

  it("also limits API keys of Organizations", async () => {
    const { organization, owner } = await build.organization();
    const here = alpha(owner, { organization: organization.id });
    const CREATE = `mutation ($expiresAt: DateTime) {
      result: createApiKey(name: "Router", expiresAt: $expiresAt) { id code message } }`;
    const send = async (expiresAt?: string) => (await here.send(CREATE, { expiresAt })).data.result;
    const { id } = await send();
    const { data } = await here.send("query ($id: String) { apiKeys(apiKeyId: $id) { expiresAt keyCreatedAt } }", {
      id,
    });
    const [{ expiresAt, keyCreatedAt }] = data.apiKeys;
    expect(Math.abs(Date.parse(expiresAt) - Date.parse(keyCreatedAt) - 90 * DAY)).toBeLessThan(60_000);
    expect(await send(inMs(91 * DAY).toISOString())).toMatchObject({
      code: "BAD_USER_INPUT",
      message: "expiresAt: must be within 90 days from now (serviceAccounts.maxKeyDays)",
    });
  });

  it("leaves keys from before alone until they are rotated", async () => {
    const old = await build.serviceAccount({ role: "SYSTEM_ADMIN" });
    await db.serviceAccount.update({ where: { id: old.id }, data: { keyCreatedAt: new Date("2020-01-01") } });
    expect(outcomeOf(await as(old).send("{ self { isAdmin } }"))).toBe("ok");
    const ROTATE = `mutation ($id: Uuid!) { rotateServiceAccountKey(serviceAccountUuid: $id) { expiresAt } }`;
    const { data } = await as(old).send(ROTATE, { id: old.id });
    const { expiresAt } = data.rotateServiceAccountKey;
    expect(Math.abs(Date.parse(expiresAt) - Date.now() - 90 * DAY)).toBeLessThan(60_000);
  });
});
