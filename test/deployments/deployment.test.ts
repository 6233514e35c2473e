import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";

const { as, build, db } = await testHouston();

const ONE = `query ($where: DeploymentWhereUniqueInput!) {
  deployment(where: $where) { id uuid label status deploymentStatus { status } workspace { id } dagDeployment { type sshKey } }
}`;

describe("deployment", () => {
  it("finds a Deployment by ID and release name for callers who may see it", async () => {
    const { deployment, viewer, home } = await build.deployment();
    const { id, releaseName, workspaceId } = deployment;
    for (const [someone, where] of [
      [home?.admin, { id }],
      [home?.admin, { releaseName, id: "" }],
      [await build.systemAdmin(), { id, releaseName: null }],
    ] as const) {
      const { data } = await as(someone).send(ONE, { where });
      expect(data.deployment).toEqual({
        id,
        uuid: id,
        label: deployment.label,
        status: "UNKNOWN",
        deploymentStatus: { status: "UNKNOWN" },
        workspace: { id: workspaceId },
        dagDeployment: { type: "image", sshKey: "" },
      });
    }
    // A role in the Deployment alone does not give access to the Workspace.
    expect((await as(viewer).send(ONE, { where: { id } })).data.deployment).toMatchObject({ id, workspace: null });
  });

  it("denies outsiders and anonymous callers without revealing what exists", async () => {
    const { deployment, home } = await build.deployment();
    for (const [someone, id] of [
      [home?.outsider, deployment.id],
      [home?.outsider, "nowhere"],
      [undefined, deployment.id],
    ] as const) {
      const { data, errors } = await as(someone).send(ONE, { where: { id } });
      expect(data.deployment).toBeNull();
      expect(errors).toMatchObject([{ message: "You do not have the appropriate permissions for that" }]);
    }
  });

  it("returns NOT_FOUND to a System Admin for a deleted Deployment", async () => {
    const { deployment } = await build.deployment();
    await db.deployment.update({ where: { id: deployment.id }, data: { deletedAt: new Date() } });
    const { errors } = await as(await build.systemAdmin()).send(ONE, { where: { id: deployment.id } });
    expect(errors).toMatchObject([{ extensions: { code: "NOT_FOUND" } }]);
  });

  it("rejects both arguments and neither", async () => {
    const { deployment, viewer } = await build.deployment();
    const { id, releaseName } = deployment;
    for (const where of [{ id, releaseName }, {}, { id: "", releaseName: "" }]) {
      const { errors } = await as(viewer).send(ONE, { where });
      expect(errors).toMatchObject([
        {
          message: expect.stringMatching(/^where.*is required|^where: must contain either/),
          extensions: { code: "BAD_USER_INPUT" },
        },
      ]);
    }
  });
});
