import { describe, expect, it } from "vitest";
import { DENIED } from "../../src/platform/errors/appError.ts";
import { testHouston } from "../support/houston.ts";

const { as, build } = await testHouston();

const READ = `query ($id: Uuid!, $home: Uuid!) {
  workspaceServiceAccount(serviceAccountUuid: $id, workspaceUuid: $home) { id uuid label apiKey entityUuid }
}`;

describe("workspaceServiceAccount", () => {
  it("reads one", async () => {
    const { workspace, viewer } = await build.workspace();
    const { id, label, keyStart } = await build.serviceAccount({ role: "WORKSPACE_VIEWER", workspaceId: workspace.id });
    const { data } = await as(viewer).send(READ, { id, home: workspace.id });
    expect(data.workspaceServiceAccount).toEqual({ id, uuid: id, label, apiKey: keyStart, entityUuid: workspace.id });
  });

  it("refuses a stranger and nobody", async () => {
    const { workspace } = await build.workspace();
    const { id } = await build.serviceAccount({ role: "WORKSPACE_VIEWER", workspaceId: workspace.id });
    for (const someone of [await build.user(), (await build.workspace()).admin, undefined]) {
      const { errors } = await as(someone).send(READ, { id, home: workspace.id });
      expect(errors).toMatchObject([{ message: DENIED }]);
    }
  });

  it("finds only accounts that live there", async () => {
    const [own, other] = [await build.workspace(), await build.workspace()];
    const foreign = [
      await build.serviceAccount({ role: "WORKSPACE_VIEWER", workspaceId: other.workspace.id }),
      await build.serviceAccount({ role: "SYSTEM_ADMIN" }),
      await build.serviceAccount({
        role: "DEPLOYMENT_VIEWER",
        deploymentId: (await build.deployment({ workspaceId: own.workspace.id })).deployment.id,
      }),
    ];
    for (const { id } of [...foreign, { id: "nowhere" }, { id: "" }]) {
      const { data, errors } = await as(own.admin).send(READ, { id, home: own.workspace.id });
      expect(data).toEqual({ workspaceServiceAccount: null });
      expect(errors).toMatchObject([{ extensions: { code: "NOT_FOUND", argument: "serviceAccountUuid" } }]);
    }
  });
});
