import { expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build, db } = await testHouston();

const REMOVE = `mutation ($userUuid: Uuid, $workspaceUuid: Uuid!) { workspaceRemoveUser(userUuid: $userUuid, workspaceUuid: $workspaceUuid) { id } }`;
const UPDATE = `mutation ($email: String!, $workspaceUuid: Uuid!) { workspaceUpdateUserRole(email: $email, workspaceUuid: $workspaceUuid, role: WORKSPACE_VIEWER) }`;
const DELETE = `mutation ($id: Id) { removeUser(id: $id) { id } }`;

it.each([1, 2, 3])("every Workspace keeps an Admin through fifty concurrent removals and demotions (%d)", async () => {
  const systemAdmin = await build.systemAdmin();
  const { workspace, admin } = await build.workspace();
  const second = await build.user({ roles: [{ role: "WORKSPACE_ADMIN", workspaceId: workspace.id }] });
  const workspaceUuid = workspace.id;
  const attempts = Array.from({ length: 50 }, (_, n) => {
    const [target, other] = n % 2 === 0 ? [admin, second] : [second, admin];
    // By the users themselves, by each other, and by someone who loses nothing.
    const caller = [target, other, systemAdmin][n % 3];
    if (n % 10 === 9) return as(systemAdmin).send(DELETE, { id: target.id });
    return n % 4 < 2
      ? as(caller).send(REMOVE, { userUuid: target.id, workspaceUuid })
      : as(caller).send(UPDATE, { email: target.email, workspaceUuid });
  });
  let running = true;
  const all = Promise.all(attempts).finally(() => {
    running = false;
  });
  const where = { workspaceId: workspace.id, role: "WORKSPACE_ADMIN" } as const;
  while (running) expect(await db.roleBinding.count({ where })).toBeGreaterThan(0);
  const outcomes = new Set((await all).map((answer) => outcomeOf(answer).split(" ")[0]));
  expect(await db.roleBinding.count({ where })).toBe(1);
  expect(outcomes).toContain("ok");
  expect(outcomes).toContain("CONFLICT");
  for (const outcome of outcomes) {
    expect(["ok", "CONFLICT", "NOT_FOUND", "FORBIDDEN", "UNAUTHENTICATED"]).toContain(outcome);
  }
});
