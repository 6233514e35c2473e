import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build, db, app } = await testHouston();

/** Fields that set a switch, with the arguments for the Deployment and the switch, and the column that stores it. */
describe.each([
  { field: "toggleWebserverReboot", id: "deploymentId", type: "Id!", state: "reboot", column: "webserverReboot" },
  { field: "updateDeploymentKedaConfig", id: "deploymentUuid", type: "Uuid!", state: "state", column: "kedaEnabled" },
])("$field", ({ field, id, type, state, column }) => {
  const document = `mutation ($${id}: ${type}, $${state}: Boolean!) {
    answer: ${field}(${id}: $${id}, ${state}: $${state}) { id label }
  }`;
  const send = (someone: { token: string } | undefined, deploymentId: string, value: unknown) =>
    as(someone).send(document, { [id]: deploymentId, [state]: value });

  it("turns the switch on and off and returns the Deployment", async () => {
    const { deployment, editor } = await build.deployment();
    for (const value of [true, false]) {
      const { data } = await send(editor, deployment.id, value);
      expect(data.answer).toEqual({ id: deployment.id, label: deployment.label });
      const row = await db.deployment.findUniqueOrThrow({ where: { id: deployment.id } });
      expect(row).toMatchObject({ [column]: value });
    }
    const entries = await db.auditEntry.findMany({ where: { entityId: deployment.id }, orderBy: { createdAt: "asc" } });
    expect(entries.map(({ action, detail }) => [action, detail])).toEqual([
      [field, { [column]: true }],
      [field, { [column]: false }],
    ]);
    const key = `deployment:${deployment.id}`;
    const { rows } = await app.services.pool.query("SELECT 1 FROM graphile_worker.jobs WHERE key = $1", [key]);
    expect(rows).toHaveLength(1);
  });

  it("rejects malformed input, viewers, outsiders and anonymous callers", async () => {
    const { deployment, viewer, home } = await build.deployment();
    const admin = await build.systemAdmin();
    expect(outcomeOf(await send(admin, "nothing", true))).toBe(`NOT_FOUND ${id}`);
    expect(outcomeOf(await send(admin, deployment.id, "yes"))).toBe("BAD_USER_INPUT");
    for (const someone of [viewer, home?.editor, home?.outsider]) {
      expect(outcomeOf(await send(someone, deployment.id, true))).toBe("FORBIDDEN");
    }
    expect(outcomeOf(await send(undefined, deployment.id, true))).toBe("UNAUTHENTICATED");
    expect(await db.deployment.findUniqueOrThrow({ where: { id: deployment.id } })).toEqual(deployment);
  });
});
