import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build, db } = await testHouston();

const UNCORDON = `mutation ($deploymentUuid: Uuid!) {
  uncordonDeployment(deploymentUuid: $deploymentUuid) { id isCordoned }
}`;

describe("uncordonDeployment", () => {
  it.each([true, false])("allows changes again and deletes the reason (cordoned before: %s)", async (isCordoned) => {
    const { deployment } = await build.deployment({ isCordoned, cordonReason: isCordoned ? "Migration" : "" });
    const admin = await build.systemAdmin();
    const { data } = await as(admin).send(UNCORDON, { deploymentUuid: deployment.id });
    expect(data.uncordonDeployment).toEqual({ id: deployment.id, isCordoned: false });
    expect(await db.deployment.findUniqueOrThrow({ where: { id: deployment.id } })).toMatchObject({
      isCordoned: false,
      cordonReason: "",
    });
    expect(await db.auditEntry.count({ where: { entityId: deployment.id, action: "uncordonDeployment" } })).toBe(1);
  });

  it("rejects unknown Deployments, lesser roles and anonymous callers", async () => {
    const { deployment, admin } = await build.deployment({ isCordoned: true });
    const outcome = async (someone: typeof admin | undefined, deploymentUuid: string) =>
      outcomeOf(await as(someone).send(UNCORDON, { deploymentUuid }));
    const systemAdmin = await build.systemAdmin();
    expect(outcomeOf(await as(systemAdmin).send(UNCORDON, { deploymentUuid: "nothing" }))).toBe(
      "NOT_FOUND deploymentUuid",
    );
    expect(await outcome(admin, deployment.id)).toBe("FORBIDDEN");
    expect(await outcome(undefined, deployment.id)).toBe("UNAUTHENTICATED");
    expect(await db.deployment.findUniqueOrThrow({ where: { id: deployment.id } })).toEqual(deployment);
  });
});
