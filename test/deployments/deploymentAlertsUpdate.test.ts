import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";

const { as, build, db } = await testHouston();

const UPDATE = `mutation ($deploymentUuid: Uuid!, $alertEmails: [String]) {
  deploymentAlertsUpdate(deploymentUuid: $deploymentUuid, alertEmails: $alertEmails) { id alertEmails }
}`;

const many = (count: number) => Array.from({ length: count }, (_, i) => `a${i}@example.com`);

describe("deploymentAlertsUpdate", () => {
  it.each([
    [
      [" Ops@Example.com ", "ops@example.com", "b@example.com"],
      ["ops@example.com", "b@example.com"],
    ],
    [[], []],
    [null, []],
    [many(100), many(100)],
  ])("stores the addresses without duplicates (%#)", async (alertEmails, stored) => {
    const { deployment, editor } = await build.deployment({ alertEmails: ["old@example.com"] });
    const { data } = await as(editor).send(UPDATE, { deploymentUuid: deployment.id, alertEmails });
    expect(data.deploymentAlertsUpdate).toEqual({ id: deployment.id, alertEmails: stored });
    expect(await db.deployment.findUniqueOrThrow({ where: { id: deployment.id } })).toMatchObject({
      alertEmails: stored,
    });
    expect(await db.auditEntry.count({ where: { entityId: deployment.id, action: "deploymentAlertsUpdate" } })).toBe(1);
  });

  it.each([
    [["nobody"], "alertEmails.0: must be an e-mail address"],
    [["a@example.com", null], "alertEmails.1: must be an e-mail address"],
    [many(101), "alertEmails: must be a list of at most 100 e-mail addresses"],
  ])("rejects %#", async (alertEmails, message) => {
    const { deployment, editor } = await build.deployment({ alertEmails: ["old@example.com"] });
    const { errors } = await as(editor).send(UPDATE, { deploymentUuid: deployment.id, alertEmails });
    expect(errors).toMatchObject([
      { message: expect.stringContaining(message), extensions: { code: "BAD_USER_INPUT" } },
    ]);
    expect(await db.deployment.findUniqueOrThrow({ where: { id: deployment.id } })).toEqual(deployment);
  });

  it("denies viewers, outsiders and anonymous callers", async () => {
    const { deployment, viewer, home } = await build.deployment();
    for (const someone of [viewer, home?.viewer, home?.outsider, undefined]) {
      const { errors } = await as(someone).send(UPDATE, { deploymentUuid: deployment.id, alertEmails: [] });
      expect(errors).toMatchObject([{ message: "You do not have the appropriate permissions for that" }]);
    }
  });
});
