import { createClient, type Client as Tool } from "graphql-ws";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { elasticsearch } from "../../logs/elasticsearch.ts";
import { startTestApp, type TestApp } from "../../support/app.ts";
import { createBuild } from "../../support/build.ts";
import { subscribeLegacy, type TestSocket } from "../../support/sockets.ts";
import { type Client, compare, connect, documentFor, knows } from "./client.ts";
import { allDocuments } from "./laterDocuments.ts";
import { versions } from "./versions.ts";

const DENIED = "You do not have the appropriate permissions for that";
const START = "2026-11-21T06:43:42.383924246Z";
const store = await elasticsearch();

/** The next message as a terminal prints it. Clients read `payload` as an object. */
async function printed(socket: TestSocket): Promise<string> {
  const { payload } = await socket.next(({ type }) => type === "data");
  return payload.data.log.log;
}

// The steps run in order: each continues where the one before stopped.
describe.each(versions)("a client of platform %s", (version) => {
  let running: TestApp;
  let admin: Client;
  let member: { token: string };
  let outsider: { token: string };
  let deployment: { id: string; releaseName: string };
  let terminal: TestSocket;
  let tool: Tool | undefined;
  let statuses: ReturnType<Tool["iterate"]> | undefined;
  const from = (since: string) => compare(version, since) >= 0;

  /** Adds a line to the log store, `after` seconds after the time from which clients subscribe. */
  const write = (after: number, message: string, component = "scheduler") => {
    const timestamp = START.replace(":42.", `:${42 + after}.`);
    store.lines.push({ id: message, timestamp, release: deployment.releaseName, component, message });
  };
  const logVariables = (given: object = {}) => ({
    deploymentUuid: deployment.id,
    component: "scheduler",
    timestamp: START,
    search: "",
    ...given,
  });
  /** Subscribes without an ID and without waiting for the acknowledgement, as the command line does. */
  const subscribe = ({ token }: { token: string }, given?: object) =>
    subscribeLegacy(running.url, token, documentFor(allDocuments, "log", version), logVariables(given));

  beforeAll(async () => {
    running = await startTestApp({
      helm: { releaseVersion: version },
      elasticsearch: { enabled: true, client: { node: store.url }, pollInterval: 20 },
      subscriptions: { recheckInterval: 100 },
    });
    const build = createBuild(running.db, running.config);
    const anonymous = await connect(running.url, allDocuments);
    admin = anonymous.as((await build.systemAdmin()).token);
    const workspaceUuid = (await admin.run("createWorkspace", { label: "Blue" })).id;
    const airflow = from("0.29.0") ? { runtimeVersion: "7.2.0" } : { airflowVersion: "2.9.1" };
    const given = { label: "Flows", workspaceUuid, executor: "CeleryExecutor", ...airflow };
    deployment = await admin.run("createDeployment", given);
    member = await build.user({ roles: [{ role: "DEPLOYMENT_VIEWER", deploymentId: deployment.id }] });
    outsider = await build.user();
  });
  afterAll(async () => {
    terminal?.socket.terminate();
    await tool?.dispose();
    await running.close();
  });
  beforeEach(() => {
    store.lines = [];
    write(-1, "Too early\n");
    write(0, "Scheduler started\n");
    write(1, "Loaded 5 DAGs");
    write(2, "Listening\n", "webserver");
  });

  it("reads a log from a nanosecond timestamp, with empty and undeclared variables", async () => {
    // Neither the document nor the field has the last three.
    const extra = { component: "", label: "", workspaceUuid: "", releaseName: deployment.releaseName };
    const lines = await admin.as(member.token).run("logs", logVariables(extra));
    // Clients print each on a line of its own.
    expect(lines.map(({ log }: { log: string }) => log)).toEqual(["Scheduler started", "Loaded 5 DAGs", "Listening"]);
    expect(lines[0].createdAt).toBe(START);
    expect(await admin.as(outsider.token).errorOf("logs", logVariables())).toBe(DENIED);
  });

  it("reports a denied subscription in an object and keeps the socket open", async () => {
    const socket = await subscribe(outsider);
    expect(await socket.next(({ type }) => type === "error")).toMatchObject({ payload: { message: DENIED } });
    // Clients report an expired token when the socket closes.
    expect(socket.socket.readyState).toBe(WebSocket.OPEN);
    socket.socket.terminate();
  });

  it("follows a log: ack, ka, stored lines, then new ones, each ending with a newline", async () => {
    terminal = await subscribe(member, { label: "", workspaceUuid: "" });
    expect(await terminal.next()).toEqual({ type: "connection_ack" });
    expect(await terminal.next()).toEqual({ type: "ka" });
    const log = { id: expect.any(String), createdAt: START, log: "Scheduler started\n" };
    expect(await terminal.next(({ type }) => type !== "ka")).toEqual({ type: "data", payload: { data: { log } } });
    expect(await printed(terminal)).toBe("Loaded 5 DAGs\n");
    write(10, "Task done\n");
    expect(await printed(terminal)).toBe("Task done\n");
  });

  it.runIf(knows(allDocuments, version, "deploymentStatus"))(
    "subscribes to the status with a graphql-transport-ws client",
    async () => {
      const url = `${running.url.replace("http", "ws")}/ws`;
      const connectionParams = { authorization: member.token };
      tool = createClient({ url, webSocketImpl: WebSocket, connectionParams });
      const query = documentFor(allDocuments, "deploymentStatus", version);
      statuses = tool.iterate({ query, variables: { releaseName: deployment.releaseName } });
      const event = (status: string) => ({ value: { data: { deploymentStatus: { status } } }, done: false });
      expect(await statuses.next()).toEqual(event("UNKNOWN"));
      await running.db.deployment.update({ where: { id: deployment.id }, data: { status: "HEALTHY" } });
      expect(await statuses.next()).toEqual(event("HEALTHY"));
    },
  );

  it("deletes the Deployment, which ends both subscriptions and access to its log", async () => {
    const hard = from("0.28.0") ? { deploymentHardDelete: true } : {};
    await admin.run("deleteDeployment", { deploymentUuid: deployment.id, ...hard });
    expect(await terminal.next(({ type }) => type === "error")).toMatchObject({ payload: { message: DENIED } });
    expect(await terminal.next(({ type }) => type !== "ka")).toEqual({ type: "complete" });
    if (statuses) await expect(statuses.next()).rejects.toMatchObject([{ message: DENIED }]);
    await expect.poll(() => running.app.sockets().operations).toBe(0);
    expect(await admin.as(member.token).errorOf("logs", logVariables())).toBe(DENIED);
  });
});
