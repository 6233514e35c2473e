import { createClient, type Client as Tool } from "graphql-ws";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { elasticsearch } from "../../logs/elasticsearch.ts";
import { startTestApp, type TestApp } from "../../support/app.ts";
import { createBuild } from "../../support/build.ts";
import { followOld, type TestSocket } from "../../support/sockets.ts";
import { type Client, compare, connect, documentFor, knows } from "./client.ts";
import { allDocuments } from "./laterDocuments.ts";
import { versions } from "./versions.ts";

const DENIED = "You do not have the appropriate permissions for that";
const START = "2026-11-21T06:43:42.383924246Z";
const store = await elasticsearch();

/** What a terminal shows next: messages as they are. Clients read `payload` as an object and look for nothing else. */
async function printed(socket: TestSocket): Promise<string> {
  const { payload } = await socket.next(({ type }) => type === "data");
  return payload.data.log.log;
}

// One after the other: each step goes on where the one before has stopped.
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

  /** A line that the platform's collector stores, `after` seconds after the time clients ask from. */
  const write = (after: number, message: string, component = "scheduler") => {
    const timestamp = START.replace(":42.", `:${42 + after}.`);
    store.lines.push({ id: message, timestamp, release: deployment.releaseName, component, message });
  };
  const asked = (given: object = {}) => ({
    deploymentUuid: deployment.id,
    component: "scheduler",
    timestamp: START,
    search: "",
    ...given,
  });
  /** At once and without an id, as at a terminal. */
  const follow = ({ token }: { token: string }, given?: object) =>
    followOld(running.url, token, documentFor(allDocuments, "log", version), asked(given));

  beforeAll(async () => {
    running = await startTestApp({
      helm: { releaseVersion: version },
      elasticsearch: { enabled: true, client: { node: store.url }, pollInterval: 20 },
      subscriptions: { recheckInterval: 100 },
    });
    const build = createBuild(running.db, running.config);
    const stranger = await connect(running.url, allDocuments);
    admin = stranger.as((await build.systemAdmin()).token);
    const workspaceUuid = (await admin.ask("createWorkspace", { label: "Blue" })).id;
    const airflow = from("0.29.0") ? { runtimeVersion: "7.2.0" } : { airflowVersion: "2.9.1" };
    const given = { label: "Flows", workspaceUuid, executor: "CeleryExecutor", ...airflow };
    deployment = await admin.ask("createDeployment", given);
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

  it("reads a log from a time to the nanosecond on, and sends empty and undeclared variables with it", async () => {
    // Neither the document nor the field knows the last three.
    const odd = { component: "", label: "", workspaceUuid: "", releaseName: deployment.releaseName };
    const lines = await admin.as(member.token).ask("logs", asked(odd));
    expect(lines.map(({ log }: { log: string }) => log).join("")).toBe("Scheduler started\nLoaded 5 DAGs\nListening\n");
    expect(lines[0].createdAt).toBe(START);
    expect(await admin.as(outsider.token).refused("logs", asked())).toBe(DENIED);
  });

  it("is told in an object, on a socket that stays open, that it may not follow", async () => {
    const socket = await follow(outsider);
    expect(await socket.next(({ type }) => type === "error")).toMatchObject({ payload: { message: DENIED } });
    // People are told that their token has expired where the socket closes.
    expect(socket.socket.readyState).toBe(WebSocket.OPEN);
    socket.socket.terminate();
  });

  it("follows a log: ack, ka, the lines from a time on and each new one, ending with a newline", async () => {
    terminal = await follow(member, { label: "", workspaceUuid: "" });
    expect(await terminal.next()).toEqual({ type: "connection_ack" });
    expect(await terminal.next()).toEqual({ type: "ka" });
    const log = { id: expect.any(String), createdAt: START, log: "Scheduler started\n" };
    expect(await terminal.next(({ type }) => type !== "ka")).toEqual({ type: "data", payload: { data: { log } } });
    expect(await printed(terminal)).toBe("Loaded 5 DAGs\n");
    write(10, "Task done\n");
    expect(await printed(terminal)).toBe("Task done\n");
  });

  it.runIf(knows(allDocuments, version, "deploymentStatus"))(
    "follows a status with the library of the newer protocol",
    async () => {
      const url = `${running.url.replace("http", "ws")}/ws`;
      const connectionParams = { authorization: member.token };
      tool = createClient({ url, webSocketImpl: WebSocket, connectionParams });
      const query = documentFor(allDocuments, "deploymentStatus", version);
      statuses = tool.iterate({ query, variables: { releaseName: deployment.releaseName } });
      const told = (status: string) => ({ value: { data: { deploymentStatus: { status } } }, done: false });
      expect(await statuses.next()).toEqual(told("UNKNOWN"));
      await running.db.deployment.update({ where: { id: deployment.id }, data: { status: "HEALTHY" } });
      expect(await statuses.next()).toEqual(told("HEALTHY"));
    },
  );

  it("deletes the Deployment, which ends both, and reads its log no more", async () => {
    const hard = from("0.28.0") ? { deploymentHardDelete: true } : {};
    await admin.ask("deleteDeployment", { deploymentUuid: deployment.id, ...hard });
    expect(await terminal.next(({ type }) => type === "error")).toMatchObject({ payload: { message: DENIED } });
    expect(await terminal.next(({ type }) => type !== "ka")).toEqual({ type: "complete" });
    if (statuses) await expect(statuses.next()).rejects.toMatchObject([{ message: DENIED }]);
    await expect.poll(() => running.app.sockets().operations).toBe(0);
    expect(await admin.as(member.token).refused("logs", asked())).toBe(DENIED);
  });
});
