import { expect, it } from "vitest";
import { createRightsEvents } from "../../src/platform/events/rightsEvents.ts";
import { countStatements } from "../support/countStatements.ts";
import { testHouston } from "../support/houston.ts";
import { inTime } from "../support/inTime.ts";
import {
  closingSockets,
  ofType,
  openAs,
  operationsOn,
  type Protocol,
  protocols,
  SUBSCRIBE,
  type TestSocket,
} from "../support/sockets.ts";

// So long that the periodic check never runs during a test.
const { as, url, build, db } = await testHouston({ subscriptions: { recheckInterval: 3_600_000 } });
const closing = closingSockets();

const isEvent = ({ type }: { type: string }) => type === "data" || type === "next";

async function subscribe(token: string, release: string, protocol: Protocol = "graphql-ws") {
  const socket = await closing(openAs(url, protocol, token));
  operationsOn(socket).start("1", SUBSCRIBE, { release });
  await socket.next(isEvent);
  return socket;
}
/** The code that a subscription ends with. */
async function codeOn(socket: TestSocket): Promise<string> {
  const { payload } = await socket.next(ofType("error"));
  return (Array.isArray(payload) ? payload[0] : payload).extensions.code;
}

/** A caller with a subscription, and a function that removes their permission in the database, as another replica would. */
interface Loss {
  token: string;
  /** Defaults to FORBIDDEN. */
  code?: string;
  lose(): Promise<unknown>;
}

const losses: Record<string, (at: { deploymentId: string; workspaceId: string }) => Promise<Loss>> = {
  async "a role is removed"({ deploymentId }) {
    const { id, token } = await build.user({ roles: [{ role: "DEPLOYMENT_VIEWER", deploymentId }] });
    return { token, lose: () => db.roleBinding.deleteMany({ where: { userId: id } }) };
  },
  async "a role is lowered"({ workspaceId }) {
    const { id, token } = await build.user({ roles: [{ role: "WORKSPACE_ADMIN", workspaceId }] });
    const lose = () => db.roleBinding.updateMany({ where: { userId: id }, data: { role: "WORKSPACE_VIEWER" } });
    return { token, lose };
  },
  async "the session is deleted"({ deploymentId }) {
    const { id, token } = await build.user({ roles: [{ role: "DEPLOYMENT_VIEWER", deploymentId }] });
    return { token, code: "UNAUTHENTICATED", lose: () => db.session.deleteMany({ where: { userId: id } }) };
  },
  async "the user is no longer active"({ deploymentId }) {
    const { id, token } = await build.user({ roles: [{ role: "DEPLOYMENT_VIEWER", deploymentId }] });
    const lose = () => db.user.update({ where: { id }, data: { status: "pending" } });
    return { token, code: "UNAUTHENTICATED", lose };
  },
  async "the user is deleted"({ deploymentId }) {
    const { id, token } = await build.user({ roles: [{ role: "DEPLOYMENT_VIEWER", deploymentId }] });
    return { token, code: "UNAUTHENTICATED", lose: () => db.user.delete({ where: { id } }) };
  },
  async "a user leaves a team"({ deploymentId }) {
    const { member } = await build.team({ roles: [{ role: "DEPLOYMENT_VIEWER", deploymentId }] });
    return { token: member.token, lose: () => db.teamMember.deleteMany({ where: { userId: member.id } }) };
  },
  async "a team loses its role"({ deploymentId }) {
    const { team, member } = await build.team({ roles: [{ role: "DEPLOYMENT_VIEWER", deploymentId }] });
    return { token: member.token, lose: () => db.roleBinding.deleteMany({ where: { teamId: team.id } }) };
  },
  async "a service account loses its role"({ deploymentId }) {
    const { id, token } = await build.serviceAccount({ role: "DEPLOYMENT_VIEWER", deploymentId });
    return { token, lose: () => db.roleBinding.deleteMany({ where: { serviceAccountId: id } }) };
  },
  async "a service account is disabled"({ deploymentId }) {
    const { id, token } = await build.serviceAccount({ role: "DEPLOYMENT_VIEWER", deploymentId });
    const lose = () => db.serviceAccount.update({ where: { id }, data: { active: false } });
    return { token, code: "UNAUTHENTICATED", lose };
  },
  async "a service account is deleted"({ deploymentId }) {
    const { id, token } = await build.serviceAccount({ role: "DEPLOYMENT_VIEWER", deploymentId });
    return { token, code: "UNAUTHENTICATED", lose: () => db.serviceAccount.delete({ where: { id } }) };
  },
};

const all = protocols.flatMap((protocol) =>
  Object.entries(losses).map(([title, given]) => [protocol, title, given] as const),
);

it.each(all)(
  "M7: over %s, a subscription ends within a second when %s, and no other does",
  async (protocol, loss, given) => {
    const { deployment, viewer } = await build.deployment();
    const { id: deploymentId, workspaceId, releaseName } = deployment;
    const { token, code = "FORBIDDEN", lose } = await given({ deploymentId, workspaceId });
    const other = await subscribe(viewer.token, releaseName, protocol);
    const socket = await subscribe(token, releaseName, protocol);
    const READ = "query ($id: String) { deployment(where: { id: $id }) { id } }";
    const answers = async () => (await as({ token }).send(READ, { id: deploymentId })).errors?.[0]?.extensions.code;
    expect(await answers()).toBeUndefined();
    await lose();
    const lost = performance.now();
    // Sooner than the periodic check, which is an hour away.
    expect(await codeOn(socket)).toBe(code);
    inTime(performance.now() - lost, 1_000);
    // A Viewer of the Workspace still sees the Deployment.
    expect(await answers()).toBe(loss === "a role is lowered" ? undefined : code);
    await db.deployment.update({ where: { id: deploymentId }, data: { status: "HEALTHY" } });
    expect((await other.next(isEvent)).payload.data.deploymentStatus.status).toBe("HEALTHY");
  },
);

it("M7: a subscription ends when the permission was lost while listening was interrupted", async () => {
  const { deployment, viewer } = await build.deployment();
  const socket = await subscribe(viewer.token, deployment.releaseName);
  const [, ended] = await db.$transaction([
    db.roleBinding.deleteMany({ where: { userId: viewer.id } }),
    db.$queryRaw<unknown[]>`SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity
      WHERE application_name = 'houston events' AND datname = current_database()`,
  ]);
  expect(ended).toHaveLength(1);
  expect(await codeOn(socket)).toBe("FORBIDDEN");
});

it("one statement checks all subscriptions of a caller", async () => {
  const { deployment, viewer } = await build.deployment();
  const sockets = await Promise.all(Array.from({ length: 20 }, () => subscribe(viewer.token, deployment.releaseName)));
  const { result, statements } = await countStatements(async () => {
    await db.session.deleteMany({ where: { userId: viewer.id } });
    return Promise.all(sockets.map(codeOn));
  });
  expect(result).toEqual(Array(20).fill("UNAUTHENTICATED"));
  expect(statements.filter((text) => text.startsWith("WITH caller"))).toHaveLength(1);
});

it("an event between the first check and the start of a subscription is not missed", async () => {
  let hear: ((callerId: string) => void) | undefined;
  const events = createRightsEvents({
    add: ({ heard }) => {
      hear = heard;
    },
    begin: () => undefined,
    stop: async () => undefined,
  });
  const since = events.heard();
  hear?.("someone");
  let lost = 0;
  const count = () => {
    lost += 1;
  };
  events.follow("someone", since, count);
  await expect.poll(() => lost).toBe(1);
  const leave = events.follow("another", events.heard(), count);
  leave();
  for (let nth = 0; nth < 100; nth += 1) hear?.("someone");
  hear?.("another");
  await expect.poll(() => lost, { timeout: 5_000 }).toBe(2);
});
