import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build, db, app } = await testHouston();

const CORDON = `mutation ($deploymentUuid: Uuid!, $reason: String) {
  cordonDeployment(deploymentUuid: $deploymentUuid, reason: $reason) { id isCordoned }
}`;
const UNCORDON = `mutation ($deploymentUuid: Uuid!) {
  uncordonDeployment(deploymentUuid: $deploymentUuid) { id isCordoned }
}`;

const rowOf = (id: string) => db.deployment.findUniqueOrThrow({ where: { id } });

describe("cordonDeployment", () => {
  it("stores the reason, returns the Deployment and does not notify the cluster", async () => {
    const { deployment } = await build.deployment();
    const admin = await build.systemAdmin();
    const variables = { deploymentUuid: deployment.id, reason: " Migration tonight " };
    const { data } = await as(admin).send(CORDON, variables);
    expect(data.cordonDeployment).toEqual({ id: deployment.id, isCordoned: true });
    expect(await rowOf(deployment.id)).toMatchObject({ isCordoned: true, cordonReason: "Migration tonight" });
    await as(admin).send(CORDON, { deploymentUuid: deployment.id, reason: "Longer" });
    expect(await rowOf(deployment.id)).toMatchObject({ isCordoned: true, cordonReason: "Longer" });
    const entries = await db.auditEntry.findMany({ where: { entityId: deployment.id }, orderBy: { createdAt: "asc" } });
    expect(entries).toMatchObject([
      { action: "cordonDeployment", actor: `user:${admin.id}`, detail: { reason: "Migration tonight" } },
      { action: "cordonDeployment", detail: { reason: "Longer" } },
    ]);
    const key = `deployment:${deployment.id}`;
    const { rows } = await app.services.pool.query("SELECT 1 FROM graphile_worker.jobs WHERE key = $1", [key]);
    expect(rows).toEqual([]);
  });

  it("allows changes of roles", async () => {
    const { deployment, admin, viewer } = await build.deployment({ isCordoned: true });
    const REMOVE = `mutation ($deploymentId: Id!, $email: String!) {
      deploymentRemoveUserRole(deploymentId: $deploymentId, email: $email) { id }
    }`;
    const { errors } = await as(admin).send(REMOVE, { deploymentId: deployment.id, email: viewer.email });
    expect(errors).toBeUndefined();
  });

  it("rejects a reason that is too long and unknown Deployments", async () => {
    const { deployment } = await build.deployment();
    const admin = await build.systemAdmin();
    const outcome = async (given: object) =>
      outcomeOf(await as(admin).send(CORDON, { deploymentUuid: deployment.id, ...given }));
    expect(await outcome({ reason: "x".repeat(1001) })).toBe("BAD_USER_INPUT reason");
    expect(await outcome({ deploymentUuid: "" })).toBe("BAD_USER_INPUT deploymentUuid");
    expect(await outcome({ deploymentUuid: "nothing" })).toBe("NOT_FOUND deploymentUuid");
    expect(await rowOf(deployment.id)).toEqual(deployment);
  });

  it("denies everyone but System Admins", async () => {
    const { deployment, admin, home } = await build.deployment();
    const editor = await build.user({ roles: [{ role: "SYSTEM_EDITOR" }] });
    for (const document of [CORDON, UNCORDON]) {
      for (const someone of [admin, home?.admin, editor]) {
        expect(outcomeOf(await as(someone).send(document, { deploymentUuid: deployment.id }))).toBe("FORBIDDEN");
      }
      const nobody = await as(undefined).send(document, { deploymentUuid: deployment.id });
      expect(outcomeOf(nobody)).toBe("UNAUTHENTICATED");
    }
    expect(await rowOf(deployment.id)).toEqual(deployment);
  });
});
