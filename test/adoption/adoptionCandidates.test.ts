import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build, db } = await testHouston();

const CANDIDATES = `query ($clusterId: Uuid!) {
  adoptionCandidates(clusterId: $clusterId) { crName crNamespace runtimeVersion airflowVersion }
}`;
const { id: clusterId } = await db.cluster.findFirstOrThrow();

describe("adoptionCandidates", () => {
  it("reports that no cluster is connected", async () => {
    const admin = await build.systemAdmin();
    const answer = await as(admin).send(CANDIDATES, { clusterId });
    expect(outcomeOf(answer)).toBe("CLUSTER_UNAVAILABLE");
    expect(answer.status).toBe(200);
  });

  it("rejects unknown clusters, lesser roles and anonymous callers", async () => {
    const admin = await build.systemAdmin();
    const editor = await build.user({ roles: [{ role: "SYSTEM_EDITOR" }] });
    const { admin: workspaceAdmin } = await build.workspace();
    const outcome = async (someone: { token: string } | undefined, id: string) =>
      outcomeOf(await as(someone).send(CANDIDATES, { clusterId: id }));
    expect(await outcome(admin, "nothing")).toBe("NOT_FOUND clusterId");
    expect(await outcome(admin, "")).toBe("BAD_USER_INPUT clusterId");
    expect(await outcome(editor, clusterId)).toBe("FORBIDDEN");
    expect(await outcome(workspaceAdmin, clusterId)).toBe("FORBIDDEN");
    expect(await outcome(undefined, clusterId)).toBe("UNAUTHENTICATED");
  });
});
