import { setTimeout as sleep } from "node:timers/promises";
import { pino } from "pino";
import { afterAll, describe, expect, it } from "vitest";
import { createApp } from "../../src/app.ts";
import type { DeploymentStatusType } from "../../src/generated/prisma/enums.ts";
import { testHouston } from "../support/houston.ts";
import { closingSockets, FOLLOW, followOld, openNew, type TestSocket } from "../support/sockets.ts";

const { url, build, db, app, config } = await testHouston({ subscriptions: { recheckInterval: 100 } });
/** Another replica on the same database. */
const other = await createApp(config, { log: pino({ level: "fatal" }) });
const { url: otherUrl } = await other.listen();
afterAll(() => other.close());

const closing = closingSockets();
async function follow(at: string, token: string, release: string, nth = 0) {
  const socket = await closing(nth % 2 === 0 ? followOld(at, token, FOLLOW, { release }) : openNew(at, token));
  if (nth % 2 === 1) socket.send({ type: "subscribe", id: "1", payload: { query: FOLLOW, variables: { release } } });
  return socket;
}

/** The next status that a socket is told. */
const statusOn = async (socket: TestSocket): Promise<string> => {
  const { payload } = await socket.next(({ type }) => type === "data" || type === "next");
  return payload.data.deploymentStatus.status;
};
const set = (id: string, status: DeploymentStatusType) => db.deployment.update({ where: { id }, data: { status } });

describe("deploymentStatus", () => {
  it("tells the status now and each change of it, whichever replica one follows at", async () => {
    const { deployment, viewer } = await build.deployment({ status: "HEALTHY" });
    const sockets = await Promise.all(
      [url, url, otherUrl, otherUrl].map((at, nth) => follow(at, viewer.token, deployment.releaseName, nth)),
    );
    expect(await Promise.all(sockets.map(statusOn))).toEqual(Array(4).fill("HEALTHY"));
    for (const status of ["UNHEALTHY", "DEPLOYING", "HEALTHY"] as const) {
      await set(deployment.id, status);
      expect(await Promise.all(sockets.map(statusOn))).toEqual(Array(4).fill(status));
    }
  });

  it("says nothing about changes of anything else, of other Deployments, or for noise on the channel", async () => {
    const { deployment, viewer } = await build.deployment();
    const { deployment: neighbour } = await build.deployment();
    const socket = await follow(url, viewer.token, deployment.releaseName);
    expect(await statusOn(socket)).toBe("UNKNOWN");
    await set(neighbour.id, "HEALTHY");
    for (const junk of ["hello", "null", JSON.stringify({ releaseName: deployment.releaseName, status: "SINGING" })]) {
      await db.$queryRaw`SELECT pg_notify('deployment_status', ${junk})::text`;
    }
    await db.deployment.update({ where: { id: deployment.id }, data: { description: "other", status: "UNKNOWN" } });
    await set(deployment.id, "UNHEALTHY");
    expect(await statusOn(socket)).toBe("UNHEALTHY");
  });

  it("finds out what changed while the database was not heard", async () => {
    const { deployment, viewer } = await build.deployment();
    const socket = await follow(url, viewer.token, deployment.releaseName);
    expect(await statusOn(socket)).toBe("UNKNOWN");
    // Ended and changed in one transaction: the notification finds nobody.
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

  it("keeps one connection to the database for all followers", async () => {
    const people = await build.deployment();
    for (const nth of [0, 1, 2, 3])
      await statusOn(await follow(url, people.viewer.token, people.deployment.releaseName, nth));
    const connections = () => db.$queryRaw<unknown[]>`SELECT 1 FROM pg_stat_activity
      WHERE application_name = 'houston events' AND datname = current_database()`;
    // One for each replica, whose last one was ended.
    await expect.poll(connections).toHaveLength(2);
    expect(app.services.statusEvents.count()).toBeGreaterThanOrEqual(4);
  });

  it.each([0, 1])("ends with the follower's role, session or Deployment (protocol %i)", async (nth) => {
    const people = await build.deployment();
    const { deployment } = people;
    const ends = [
      () => db.roleBinding.deleteMany({ where: { userId: people.viewer.id } }),
      () => db.session.deleteMany({ where: { userId: people.editor.id } }),
      () => db.deployment.update({ where: { id: deployment.id }, data: { deletedAt: new Date() } }),
    ];
    const codes = ["FORBIDDEN", "UNAUTHENTICATED", "FORBIDDEN"];
    for (const [index, person] of [people.viewer, people.editor, people.admin].entries()) {
      const socket = await follow(url, person.token, deployment.releaseName, nth);
      await statusOn(socket);
      // Looked at more than once and still good.
      await sleep(250);
      expect(socket.messages.some(({ type }) => type === "error")).toBe(false);
      await ends[index]?.();
      const { payload } = await socket.next(({ type }) => type === "error");
      const [error] = Array.isArray(payload) ? payload : [payload];
      expect(error).toMatchObject({ extensions: { code: codes[index] } });
    }
    await expect.poll(() => app.sockets().operations).toBe(0);
  });

  it("wants a release name", async () => {
    const { viewer } = await build.deployment();
    const socket = await follow(url, viewer.token, "");
    const { payload } = await socket.next(({ type }) => type === "error");
    expect(payload).toMatchObject({
      extensions: { code: "BAD_USER_INPUT" },
      message: expect.stringContaining("releaseName"),
    });
  });
});
