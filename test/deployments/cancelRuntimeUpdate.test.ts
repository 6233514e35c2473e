import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { DENIED } from "../support/outcome.ts";

const { as, build, db } = await testHouston();

const CANCEL = `mutation ($deploymentUuid: Uuid!) {
  cancelRuntimeUpdate(deploymentUuid: $deploymentUuid) { id runtimeVersion desiredRuntimeVersion desiredAirflowVersion }
}`;

const pending = {
  runtimeVersion: "7.2.0",
  airflowVersion: "2.5.1",
  desiredRuntimeVersion: "8.0.0",
  desiredAirflowVersion: "2.6.0",
};
const settled = { ...pending, desiredRuntimeVersion: "7.2.0", desiredAirflowVersion: "2.5.1" };

const rowOf = (id: string) => db.deployment.findUniqueOrThrow({ where: { id } });

describe("cancelRuntimeUpdate", () => {
  it("cancels a pending upgrade", async () => {
    const { deployment, editor } = await build.deployment(pending);
    const { data, errors } = await as(editor).send(CANCEL, { deploymentUuid: deployment.id });
    expect(errors).toBeUndefined();
    const answer = { runtimeVersion: "7.2.0", desiredRuntimeVersion: "7.2.0", desiredAirflowVersion: null };
    expect(data.cancelRuntimeUpdate).toEqual({ id: deployment.id, ...answer });
    expect(await rowOf(deployment.id)).toMatchObject(settled);
    expect(await db.auditEntry.findFirst({ where: { entityId: deployment.id } })).toMatchObject({
      action: "cancelRuntimeUpdate",
      detail: { cancelled: { desiredRuntimeVersion: "8.0.0", desiredAirflowVersion: "2.6.0" } },
    });
  });

  it("returns the Deployment unchanged when nothing is pending", async () => {
    const { deployment, admin } = await build.deployment(settled);
    const { data, errors } = await as(admin).send(CANCEL, { deploymentUuid: deployment.id });
    expect(errors).toBeUndefined();
    expect(data.cancelRuntimeUpdate).toMatchObject({ id: deployment.id, desiredRuntimeVersion: "7.2.0" });
    expect(await rowOf(deployment.id)).toEqual(deployment);
    expect(await db.auditEntry.count({ where: { entityId: deployment.id } })).toBe(0);
  });

  it("rejects viewers, outsiders, anonymous callers and unknown IDs", async () => {
    const { deployment, admin, viewer, home } = await build.deployment(pending);
    for (const someone of [viewer, home?.outsider, undefined]) {
      const { errors } = await as(someone).send(CANCEL, { deploymentUuid: deployment.id });
      expect(errors).toMatchObject([{ message: DENIED }]);
    }
    expect((await as(admin).send(CANCEL, { deploymentUuid: "nowhere" })).errors).toMatchObject([{ message: DENIED }]);
    const { errors } = await as(admin).send(CANCEL, { deploymentUuid: "" });
    expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT", argument: "deploymentUuid" } }]);
    expect(await rowOf(deployment.id)).toEqual(deployment);
  });
});
