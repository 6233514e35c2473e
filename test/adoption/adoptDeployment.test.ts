import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build, db } = await testHouston();

const ADOPT = `mutation ($workspaceUuid: Uuid!, $clusterId: Uuid!, $crNamespace: String!, $crName: String!, $label: String) {
  adoptDeployment(workspaceUuid: $workspaceUuid, clusterId: $clusterId, crNamespace: $crNamespace, crName: $crName,
    label: $label, useApcLogging: true, acceptIncompatibilities: true) { id }
}`;

const { id: clusterId } = await db.cluster.findFirstOrThrow();
const given = { clusterId, crNamespace: "team-airflow", crName: "sales" };

describe("adoptDeployment", () => {
  it("reports that no cluster is connected, and stores nothing", async () => {
    const { workspace, admin } = await build.workspace();
    const { errors } = await as(admin).send(ADOPT, { ...given, workspaceUuid: workspace.id });
    expect(errors).toMatchObject([
      {
        message: "This platform has no connection to its clusters, so it cannot inspect the Airflow to adopt",
        extensions: { code: "CLUSTER_UNAVAILABLE" },
      },
    ]);
    expect(await db.deployment.count({ where: { workspaceId: workspace.id } })).toBe(0);
  });

  it.each([
    [{ clusterId: "nothing" }, "NOT_FOUND clusterId"],
    [{ clusterId: "" }, "BAD_USER_INPUT clusterId"],
    [{ crName: "Sales_1" }, "BAD_USER_INPUT crName"],
    [{ crNamespace: "-x" }, "BAD_USER_INPUT crNamespace"],
    [{ crNamespace: "kube-system" }, "BAD_USER_INPUT crNamespace"],
    [{ crNamespace: "astronomer" }, "BAD_USER_INPUT crNamespace"],
    [{ label: "x".repeat(81) }, "BAD_USER_INPUT label"],
  ])("rejects %j with %s", async (wrong, outcome) => {
    const { workspace, admin } = await build.workspace();
    const answer = await as(admin).send(ADOPT, { ...given, workspaceUuid: workspace.id, ...wrong });
    expect(outcomeOf(answer)).toBe(outcome);
  });

  it("denies editors, outsiders and anonymous callers", async () => {
    const { workspace, editor, outsider } = await build.workspace();
    const variables = { ...given, workspaceUuid: workspace.id };
    for (const someone of [editor, outsider]) {
      expect(outcomeOf(await as(someone).send(ADOPT, variables))).toBe("FORBIDDEN");
    }
    expect(outcomeOf(await as(undefined).send(ADOPT, variables))).toBe("UNAUTHENTICATED");
  });
});
