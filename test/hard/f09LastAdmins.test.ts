import pg from "pg";
import { afterAll, expect, it } from "vitest";
import type { Answer } from "../support/as.ts";
import { figures } from "../support/figures.ts";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";
import { patient } from "../support/patient.ts";
import { shortened } from "../support/shortened.ts";

/** 200 over the three levels. */
const ROUNDS = shortened(67, 10);
const REQUESTS = 50;

const { as, build, db, database } = await testHouston(patient);
const watcher = new pg.Client({ connectionString: database.url });
await watcher.connect();
afterAll(() => watcher.end());

const REMOVE_USER = "mutation ($id: Id) { removeUser(id: $id) { id } }";
const REVOKE = "mutation ($id: ID!) { deleteSystemRoleBinding(userId: $id, role: SYSTEM_ADMIN) { id } }";
const LEAVE = `mutation ($id: Uuid, $workspaceId: Uuid!) {
  workspaceRemoveUser(userUuid: $id, workspaceUuid: $workspaceId) { id }
}`;
const DEMOTE = `mutation ($email: String!, $workspaceId: Uuid!) {
  workspaceUpdateUserRole(email: $email, workspaceUuid: $workspaceId, role: WORKSPACE_VIEWER)
}`;
const REMOVE_TEAM = `mutation ($teamId: Uuid!, $workspaceId: Uuid!) {
  workspaceRemoveTeam(teamUuid: $teamId, workspaceUuid: $workspaceId) { id }
}`;
const DELETE_TEAM = "mutation ($teamId: Uuid) { removeTeam(teamUuid: $teamId) { id } }";
const LEAVE_TEAM = "mutation ($teamId: ID, $ids: [ID]) { updateTeam(id: $teamId, removeUserIds: $ids) { message } }";

interface Admin {
  id: string;
  email: string;
  token: string;
}

/** One of two admins, as the target of the `n`th request, and the other one. */
const pair = (n: number, [one, other]: readonly [Admin, Admin]) =>
  (n % 2 === 0 ? [one, other] : [other, one]) as [Admin, Admin];

/** A round: its requests, and the condition on the role bindings of those who count as admins. */
interface Round {
  send(n: number): Promise<Answer>;
  where: string;
  values: string[];
}

await build.systemAdmin();

/** A System Admin who is left, with a new session: whoever lost a system role has none any more. */
async function systemAdmin(): Promise<Admin> {
  const where = { roleBindings: { some: { role: "SYSTEM_ADMIN" } } } as const;
  const { id, username } = await db.user.findFirstOrThrow({ where });
  return { id, email: username, token: await build.tokenOf(id) };
}

async function systemRound(): Promise<Round> {
  const admins = [await systemAdmin(), await build.systemAdmin()] as const;
  return {
    send(n) {
      const [target, other] = pair(n, admins);
      return as(n % 4 < 2 ? other : target).send(n % 3 === 0 ? REVOKE : REMOVE_USER, { id: target.id });
    },
    where: "role = 'SYSTEM_ADMIN'",
    values: [],
  };
}

async function workspaceRound({ team = false } = {}): Promise<Round> {
  const outsider = await systemAdmin();
  const { workspace, admin } = await build.workspace();
  const second = await build.user({ roles: [{ role: "WORKSPACE_ADMIN", workspaceId: workspace.id }] });
  const admins = [admin, second] as const;
  // The team's role is the role of both, too: whoever counts it as an admin lets both be removed.
  const teamId = team
    ? (await build.team({ members: [...admins], roles: [{ role: "WORKSPACE_ADMIN", workspaceId: workspace.id }] })).team
        .id
    : undefined;
  const workspaceId = workspace.id;
  return {
    send(n) {
      const [target, other] = pair(n, admins);
      const caller = [target, other, outsider][n % 3];
      const { id, email } = target;
      if (teamId && n % 10 === 7) return as(outsider).send(LEAVE_TEAM, { teamId, ids: [id] });
      if (teamId && n % 10 === 8) return as(caller).send(REMOVE_TEAM, { teamId, workspaceId });
      if (teamId && n === 48) return as(outsider).send(DELETE_TEAM, { teamId });
      if (n % 10 === 9) return as(outsider).send(REMOVE_USER, { id });
      return n % 4 < 2 ? as(caller).send(LEAVE, { id, workspaceId }) : as(caller).send(DEMOTE, { email, workspaceId });
    },
    where: `role = 'WORKSPACE_ADMIN' AND "workspaceId" = $1`,
    values: [workspaceId],
  };
}

it.each([
  ["the platform", systemRound],
  ["a Workspace", () => workspaceRound()],
  ["a Workspace whose Admins are in a team of Admins", () => workspaceRound({ team: true })],
])(
  "F9: fifty concurrent removals of the last two Admins leave one: %s",
  { timeout: 600_000 },
  async (what, prepare) => {
    const outcomes = new Map<string, number>();
    let fewest = Number.POSITIVE_INFINITY;
    for (let round = 0; round < ROUNDS; round += 1) {
      const { send, where, values } = await prepare();
      const admins = async () => {
        const sql = `SELECT count(*)::int AS admins FROM "RoleBinding" WHERE "userId" IS NOT NULL AND ${where}`;
        return (await watcher.query<{ admins: number }>(sql, values)).rows[0]?.admins ?? 0;
      };
      expect(await admins()).toBe(2);
      let running = true;
      const all = Promise.all(Array.from({ length: REQUESTS }, (_, n) => send(n))).finally(() => {
        running = false;
      });
      while (running) fewest = Math.min(fewest, await admins());
      for (const answer of await all) {
        const outcome = outcomeOf(answer).split(" ")[0] ?? "";
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
        expect(answer.status).not.toBe(500);
      }
      fewest = Math.min(fewest, await admins());
      expect(await admins()).toBe(1);
    }
    figures(`F9 ${what}`, {
      rounds: ROUNDS,
      "fewest Admins": fewest,
      outcomes: [...outcomes].map(([outcome, times]) => `${outcome} ${times}`).join(" "),
    });
    expect(fewest).toBe(1);
    // BAD_USER_INPUT: a member to remove from a team has been removed from the platform.
    const known = ["ok", "CONFLICT", "NOT_FOUND", "FORBIDDEN", "UNAUTHENTICATED", "BAD_USER_INPUT"];
    expect([...outcomes.keys()].filter((outcome) => !known.includes(outcome))).toEqual([]);
  },
);
