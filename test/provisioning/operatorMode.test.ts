import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";

const CREATE = `mutation ($workspaceUuid: Uuid!, $label: String!, $mode: AllowedDeploymentModeValues) {
  upsertDeployment(workspaceUuid: $workspaceUuid, label: $label, mode: $mode) { id mode }
}`;
const UPDATE = `mutation ($id: Uuid, $mode: AllowedDeploymentModeValues) {
  upsertDeployment(deploymentUuid: $id, mode: $mode) { id mode }
}`;

describe("mode: operator", () => {
  it("is disabled with a provisioner that only knows helm, and nothing is stored", async () => {
    const { build, as, db } = await testHouston({
      provisioner: "flux",
      deployments: { upsertDeploymentEnabled: true },
    });
    const { workspace, admin } = await build.workspace();
    const asked = { workspaceUuid: workspace.id, label: "Operated", mode: "operator" };
    const refused = [{ extensions: { code: "FEATURE_DISABLED", argument: "mode" } }];
    expect((await as(admin).send(CREATE, asked)).errors).toMatchObject(refused);
    expect(await db.deployment.count()).toBe(0);
    const { data } = await as(admin).send(CREATE, { ...asked, mode: "helm" });
    const change = { id: data.upsertDeployment.id, mode: "operator" };
    expect((await as(admin).send(UPDATE, change)).errors).toMatchObject(refused);
  });

  it("is stored for the controller of a platform without a provisioner", async () => {
    const { build, as } = await testHouston({ deployments: { upsertDeploymentEnabled: true } });
    const { workspace, admin } = await build.workspace();
    const asked = { workspaceUuid: workspace.id, label: "Operated", mode: "operator" };
    expect((await as(admin).send(CREATE, asked)).data.upsertDeployment.mode).toBe("operator");
  });
});
