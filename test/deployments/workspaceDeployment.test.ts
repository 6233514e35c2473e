import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";

const { as, build } = await testHouston();

const ONE = `query ($workspaceUuid: Uuid!, $releaseName: String!) {
  workspaceDeployment(workspaceUuid: $workspaceUuid, releaseName: $releaseName) { id label roleBindings { role } }
}`;

describe("workspaceDeployment", () => {
  it("finds a Deployment by release name", async () => {
    const { deployment, home } = await build.deployment();
    const given = { workspaceUuid: deployment.workspaceId, releaseName: deployment.releaseName };
    const { data } = await as(home?.viewer).send(ONE, given);
    expect(data.workspaceDeployment).toMatchObject({ id: deployment.id, label: deployment.label });
  });

  it("returns the same NOT_FOUND for other Workspaces' releases, deleted and unknown ones", async () => {
    const { deployment, home } = await build.deployment();
    const { deployment: foreign } = await build.deployment();
    const gone = await build.deployment({ workspaceId: deployment.workspaceId, deletedAt: new Date() });
    for (const releaseName of [foreign.releaseName, gone.deployment.releaseName, "no-such-1234"]) {
      const { data, errors } = await as(home?.viewer).send(ONE, { workspaceUuid: deployment.workspaceId, releaseName });
      expect(data.workspaceDeployment).toBeNull();
      expect(errors).toMatchObject([
        {
          message: "releaseName: the Workspace has no Deployment with this release name",
          extensions: { code: "NOT_FOUND", argument: "releaseName" },
        },
      ]);
    }
  });

  it("rejects outsiders, anonymous callers and an empty release name", async () => {
    const { deployment, home } = await build.deployment();
    const given = { workspaceUuid: deployment.workspaceId, releaseName: deployment.releaseName };
    for (const someone of [home?.outsider, undefined]) {
      const { errors } = await as(someone).send(ONE, given);
      expect(errors).toMatchObject([{ message: "You do not have the appropriate permissions for that" }]);
    }
    const { errors } = await as(home?.viewer).send(ONE, { ...given, releaseName: "" });
    expect(errors).toMatchObject([{ message: "releaseName: is required", extensions: { code: "BAD_USER_INPUT" } }]);
  });
});
