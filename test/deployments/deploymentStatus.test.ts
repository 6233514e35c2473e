import { setTimeout as sleep } from "node:timers/promises";
import { pino } from "pino";
import { afterAll, describe, expect, it } from "vitest";
import { createApp } from "../../src/app.ts";
import type { DeploymentStatusType } from "../../src/generated/prisma/enums.ts";
import { testHouston } from "../support/houston.ts";
import { closingSockets, openTransportWs, SUBSCRIBE, subscribeLegacy, type TestSocket } from "../support/sockets.ts";

const { url, build, db, app, config } = await testHouston({ subscriptions: { recheckInterval: 100 } });
/** Another replica on the same database. */
const other = await createApp(config, { log: pino({ level: "fatal" }) });
const { url: otherUrl } = await other.listen();
afterAll(() => other.close());

const closing = closingSockets();
async function subscribe(at: string, token: string, release: string, nth = 0) {
  const socket = await closing(
    nth % 2 === 0 ? subscribeLegacy(at, token, SUBSCRIBE, { release }) : openTransportWs(at, token),
  );
  if (nth % 2 === 1) socket.send({ type: "subscribe", id: "1", payload: { query: SUBSCRIBE, variables: { release } } });
  return socket;
}

/** The next status on a socket. */
const statusOn = async (socket: TestSocket): Promise<string> => {
  const { payload } = await socket.next(({ type }) => type === "data" || type === "next");
  return payload.data.deploymentStatus.status;
};
const set = (id: string, status: DeploymentStatusType) => db.deployment.update({ where: { id }, data: { status } });

describe("deploymentStatus", () => {
  it("sends the current status and each change, from every replica", async () => {
    const { deployment, viewer } = await build.deployment({ status: "HEALTHY" });
    const sockets = await Promise.all(
      [url, url, otherUrl, otherUrl].map((at, nth) => subscribe(at, viewer.token, deployment.releaseName, nth)),
    );
    expect(await Promise.all(sockets.map(statusOn))).toEqual(Array(4).fill("HEALTHY"));
    for (const status of ["UNHEALTHY", "DEPLOYING", "HEALTHY"] as const) {
      await set(deployment.id, status);
      expect(await Promise.all(sockets.map(statusOn))).toEqual(Array(4).fill(status));
    }
  });

  it("ignores other changes, other Deployments and malformed notifications", async () => {
    const { deployment, viewer } = await build.deployment();
    const { deployment: otherDeployment } = await build.deployment();
    const socket = await subscribe(url, viewer.token, deployment.releaseName);
    expect(await statusOn(socket)).toBe("UNKNOWN");
    await set(otherDeployment.id, "HEALTHY");
    for (const junk of ["hello", "null", JSON.stringify({ releaseName: deployment.releaseName, status: "SINGING" })]) {
      await db.$queryRaw`SELECT pg_notify('deployment_status', ${junk})::text`;
    }
    await db.deployment.update({ where: { id: deployment.id }, data: { description: "other", status: "UNKNOWN" } });
    await set(deployment.id, "UNHEALTHY");
    expect(await statusOn(socket)).toBe("UNHEALTHY");
  });

  it("says why, and sends another reason for the same status", async () => {
    const { deployment, viewer } = await build.deployment({ status: "UNHEALTHY", statusReason: "no such image" });
    const document = SUBSCRIBE.replace("status", "status statusReason");
    const socket = await closing(openTransportWs(otherUrl, viewer.token));
    const variables = { release: deployment.releaseName };
    socket.send({ type: "subscribe", id: "1", payload: { query: document, variables } });
    const next = async () => (await socket.next(({ type }) => type === "next")).payload.data.deploymentStatus;
    expect(await next()).toEqual({ status: "UNHEALTHY", statusReason: "no such image" });
    await db.deployment.update({ where: { id: deployment.id }, data: { statusReason: "no such tag" } });
    expect(await next()).toEqual({ status: "UNHEALTHY", statusReason: "no such tag" });
    await db.deployment.update({ where: { id: deployment.id }, data: { status: "HEALTHY", statusReason: null } });
    expect(await next()).toEqual({ status: "HEALTHY", statusReason: null });
  });

  it("sends the current status after listening was interrupted", async () => {
    const { deployment, viewer } = await build.deployment();
    const socket = await subscribe(url, viewer.token, deployment.releaseName);
    expect(await statusOn(socket)).toBe("UNKNOWN");
    // In one transaction, so that nobody is listening when the notification is sent.
    const [, killed] = await db.$transaction([
      db.deployment.update({ where: { id: deployment.id }, data: { status: "DEPLOYING" } }),
      db.$queryRaw<unknown[]>`SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity
        WHERE application_name = 'houston events' AND datname = current_database()`,
    ]);
    expect(killed.length).toBeGreaterThan(0);
    expect(await statusOn(socket)).toBe("DEPLOYING");
    await set(deployment.id, "HEALTHY");
    expect(await statusOn(socket)).toBe("HEALTHY");
  });

  it("uses one database connection for all subscriptions", async () => {
    const built = await build.deployment();
    for (const nth of [0, 1, 2, 3])
      await statusOn(await subscribe(url, built.viewer.token, built.deployment.releaseName, nth));
    const connections = () => db.$queryRaw<unknown[]>`SELECT 1 FROM pg_stat_activity
      WHERE application_name = 'houston events' AND datname = current_database()`;
    // One per replica; the last test ended the previous ones.
    await expect.poll(connections).toHaveLength(2);
    expect(app.services.statusEvents.count()).toBeGreaterThanOrEqual(4);
  });

  it.each([0, 1])("ends when the client's role, session or Deployment is removed (protocol %i)", async (nth) => {
    const built = await build.deployment();
    const { deployment } = built;
    const ends = [
      () => db.roleBinding.deleteMany({ where: { userId: built.viewer.id } }),
      () => db.session.deleteMany({ where: { userId: built.editor.id } }),
      () => db.deployment.update({ where: { id: deployment.id }, data: { deletedAt: new Date() } }),
    ];
    const codes = ["FORBIDDEN", "UNAUTHENTICATED", "FORBIDDEN"];
    for (const [index, user] of [built.viewer, built.editor, built.admin].entries()) {
      const socket = await subscribe(url, user.token, deployment.releaseName, nth);
      await statusOn(socket);
      // Checked more than once, and still allowed.
      await sleep(250);
      expect(socket.messages.some(({ type }) => type === "error")).toBe(false);
      await ends[index]?.();
      const { payload } = await socket.next(({ type }) => type === "error");
      const [error] = Array.isArray(payload) ? payload : [payload];
      expect(error).toMatchObject({ extensions: { code: codes[index] } });
    }
    await expect.poll(() => app.sockets().operations).toBe(0);
  });

  it("requires a release name", async () => {
    const { viewer } = await build.deployment();
    const socket = await subscribe(url, viewer.token, "");
    const { payload } = await socket.next(({ type }) => type === "error");
    expect(payload).toMatchObject({
      extensions: { code: "BAD_USER_INPUT" },
      message: expect.stringContaining("releaseName"),
    });
  });
});
