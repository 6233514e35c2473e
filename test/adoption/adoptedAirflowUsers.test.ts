import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build } = await testHouston();

const USERS = `query ($deploymentId: Uuid!) {
  adoptedAirflowUsers(deploymentId: $deploymentId) {
    username email fullName active fabRoles suggestedWorkspaceRole suggestedDeploymentRole alreadyImported
  }
}`;

describe("adoptedAirflowUsers", () => {
  it("reports that no cluster is connected, for an adopted Deployment", async () => {
    const { deployment, home } = await build.deployment({ adoptedAt: new Date() });
    const answer = await as(home?.admin).send(USERS, { deploymentId: deployment.id });
    expect(outcomeOf(answer)).toBe("CLUSTER_UNAVAILABLE");
  });

  it("rejects Deployments that were not adopted, lesser roles and anonymous callers", async () => {
    const { deployment, admin, home } = await build.deployment();
    const outcome = async (someone: { token: string } | undefined) =>
      outcomeOf(await as(someone).send(USERS, { deploymentId: deployment.id }));
    expect(await outcome(home?.admin)).toBe("CONFLICT deploymentId");
    expect(await outcome(admin)).toBe("FORBIDDEN");
    expect(await outcome(home?.editor)).toBe("FORBIDDEN");
    expect(await outcome(undefined)).toBe("UNAUTHENTICATED");
  });
});
