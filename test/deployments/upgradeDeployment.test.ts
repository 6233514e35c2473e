import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { DENIED } from "../support/outcome.ts";

const { as, build, db } = await testHouston({ deployments: { chart: { version: "1.9.4" } } });

const UPGRADE = `mutation ($deploymentUuid: Uuid!, $version: String) {
  upgradeDeployment(deploymentUuid: $deploymentUuid, version: $version) { id version }
}`;

const rowOf = (id: string) => db.deployment.findUniqueOrThrow({ where: { id } });

describe("upgradeDeployment", () => {
  it.each([undefined, "", "1.9.4"])("upgrades to the platform's chart when given %j", async (version) => {
    const { deployment, editor } = await build.deployment({ version: "1.8.10" });
    const { data, errors } = await as(editor).send(UPGRADE, { deploymentUuid: deployment.id, version });
    expect(errors).toBeUndefined();
    expect(data.upgradeDeployment).toEqual({ id: deployment.id, version: "1.9.4" });
    expect(await db.auditEntry.findFirst({ where: { entityId: deployment.id } })).toMatchObject({
      action: "upgradeDeployment",
      detail: { from: "1.8.10", to: "1.9.4" },
    });
  });

  it("changes nothing if the Deployment has this chart", async () => {
    const { deployment, editor } = await build.deployment({ version: "1.9.4" });
    const { data } = await as(editor).send(UPGRADE, { deploymentUuid: deployment.id });
    expect(data.upgradeDeployment.version).toBe("1.9.4");
    expect(await rowOf(deployment.id)).toEqual(deployment);
  });

  it.each([
    ["1.8.10", "1.10.0", "version: must be 1.9.4, the chart version of the platform"],
    ["1.8.10", "newest", "version: must be a semantic version"],
    ["1.10.0", "1.9.4", "version: cannot be earlier than 1.10.0, the current chart version of the Deployment"],
  ])("rejects upgrading chart %s to %s", async (present, version, message) => {
    const { deployment, admin } = await build.deployment({ version: present });
    const { errors } = await as(admin).send(UPGRADE, { deploymentUuid: deployment.id, version });
    const extensions = { code: "BAD_USER_INPUT", argument: "version" };
    expect(errors).toMatchObject([{ message: expect.stringContaining(message), extensions }]);
    expect(await rowOf(deployment.id)).toEqual(deployment);
  });

  it("denies viewers, outsiders and anonymous callers", async () => {
    const { deployment, viewer, home } = await build.deployment();
    for (const someone of [viewer, home?.outsider, undefined]) {
      const { errors } = await as(someone).send(UPGRADE, { deploymentUuid: deployment.id });
      expect(errors).toMatchObject([{ message: DENIED }]);
    }
    expect(await rowOf(deployment.id)).toEqual(deployment);
  });
});
