import { describe, expect, it } from "vitest";
import { DENIED } from "../../src/platform/errors/appError.ts";
import { testHouston } from "../support/houston.ts";

const { as, build } = await testHouston();

const READ = `query ($id: Uuid!, $home: Uuid!) {
  deploymentServiceAccount(serviceAccountUuid: $id, deploymentUuid: $home) { id uuid label apiKey entityUuid }
}`;

describe("deploymentServiceAccount", () => {
  it("reads one", async () => {
    const { deployment, viewer } = await build.deployment();
    const { id, label, keyStart } = await build.serviceAccount({
      role: "DEPLOYMENT_VIEWER",
      deploymentId: deployment.id,
    });
    const { data } = await as(viewer).send(READ, { id, home: deployment.id });
    expect(data.deploymentServiceAccount).toEqual({ id, uuid: id, label, apiKey: keyStart, entityUuid: deployment.id });
  });

  it("refuses a stranger and nobody", async () => {
    const { deployment } = await build.deployment();
    const { id } = await build.serviceAccount({ role: "DEPLOYMENT_VIEWER", deploymentId: deployment.id });
    for (const someone of [await build.user(), (await build.deployment()).admin, undefined]) {
      const { errors } = await as(someone).send(READ, { id, home: deployment.id });
      expect(errors).toMatchObject([{ message: DENIED }]);
    }
  });

  it("finds only accounts that live there", async () => {
    const [own, other] = [await build.deployment(), await build.deployment()];
    const foreign = [
      await build.serviceAccount({ role: "DEPLOYMENT_VIEWER", deploymentId: other.deployment.id }),
      await build.serviceAccount({ role: "SYSTEM_ADMIN" }),
      await build.serviceAccount({ role: "WORKSPACE_VIEWER", workspaceId: own.deployment.workspaceId }),
    ];
    for (const { id } of [...foreign, { id: "nowhere" }, { id: "" }]) {
      const { data, errors } = await as(own.admin).send(READ, { id, home: own.deployment.id });
      expect(data).toEqual({ deploymentServiceAccount: null });
      expect(errors).toMatchObject([{ extensions: { code: "NOT_FOUND", argument: "serviceAccountUuid" } }]);
    }
  });
});
