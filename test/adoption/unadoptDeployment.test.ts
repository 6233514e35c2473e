import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build, db, app } = await testHouston();

const UNADOPT = `mutation ($deploymentUuid: Uuid!) {
  unadoptDeployment(deploymentUuid: $deploymentUuid) { id label isAdopted adoptedAt }
}`;
const READ = `query ($id: String) { deployment(where: { id: $id }) { isAdopted adoptedAt isCordoned } }`;

const adoptedAt = new Date("2026-11-24T12:00:00.000Z");
const adoption = { crName: "sales", crNamespace: "team-airflow" };

describe("unadoptDeployment", () => {
  it("removes the Deployment with its roles and keys, and tells the provisioner to leave Airflow running", async () => {
    const { deployment, home } = await build.deployment({ adoptedAt, adoption });
    const account = await build.serviceAccount({ role: "DEPLOYMENT_VIEWER", deploymentId: deployment.id });
    const { data } = await as(home?.admin).send(UNADOPT, { deploymentUuid: deployment.id });
    expect(data.unadoptDeployment).toEqual({
      id: deployment.id,
      label: deployment.label,
      isAdopted: true,
      adoptedAt: adoptedAt.toISOString(),
    });
    const row = await db.deployment.findUniqueOrThrow({ where: { id: deployment.id } });
    expect(row.deletedAt).not.toBeNull();
    expect(await db.roleBinding.count({ where: { deploymentId: deployment.id } })).toBe(0);
    expect(outcomeOf(await as(account).send("{ workspaces { id } }"))).toBe("UNAUTHENTICATED");
    expect(await db.auditEntry.findFirstOrThrow({ where: { entityId: deployment.id } })).toMatchObject({
      action: "unadoptDeployment",
      detail: { label: deployment.label, releaseName: deployment.releaseName, adoption },
    });
    const { rows } = await app.services.pool.query(
      "SELECT p.payload->>'change' AS change FROM graphile_worker._private_jobs p WHERE p.key = $1",
      [`deployment:${deployment.id}`],
    );
    expect(rows).toEqual([{ change: "unadopted" }]);
  });

  it("distinguishes adopted Deployments from created ones", async () => {
    const adopted = await build.deployment({ adoptedAt });
    const created = await build.deployment();
    const read = async ({ deployment, viewer }: typeof adopted) =>
      (await as(viewer).send(READ, { id: deployment.id })).data.deployment;
    expect(await read(adopted)).toEqual({ isAdopted: true, adoptedAt: adoptedAt.toISOString(), isCordoned: false });
    expect(await read(created)).toEqual({ isAdopted: false, adoptedAt: null, isCordoned: false });
  });

  it("rejects created or cordoned Deployments, lesser roles and anonymous callers", async () => {
    const own = await build.deployment();
    const { deployment, admin, home } = await build.deployment({ adoptedAt, isCordoned: true });
    const outcome = async (someone: { token: string } | undefined, deploymentUuid: string) =>
      outcomeOf(await as(someone).send(UNADOPT, { deploymentUuid }));
    expect(await outcome(own.home?.admin, own.deployment.id)).toBe("CONFLICT deploymentUuid");
    expect(await outcome(home?.admin, deployment.id)).toBe("CONFLICT");
    expect(await outcome(admin, deployment.id)).toBe("FORBIDDEN");
    expect(await outcome(home?.editor, deployment.id)).toBe("FORBIDDEN");
    expect(await outcome(undefined, deployment.id)).toBe("UNAUTHENTICATED");
    for (const row of [own.deployment, deployment]) {
      expect(await db.deployment.findUniqueOrThrow({ where: { id: row.id } })).toEqual(row);
    }
  });
});
