import { expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";

const { as, build } = await testHouston({
  helm: { releaseVersion: "2.0.0" },
  deployments: { triggererEnabled: false },
});

const CREATE = `mutation ($workspaceUuid: Uuid, $label: String, $releaseName: String, $triggerer: Triggerer) {
  upsertDeployment(workspaceUuid: $workspaceUuid, label: $label, releaseName: $releaseName, triggerer: $triggerer) { id }
}`;

it("errors of a platform from 2.0.0 on name settings as 2.x does", async () => {
  const { workspace, editor } = await build.workspace();
  const send = async (given: object) =>
    (await as(editor).send(CREATE, { workspaceUuid: workspace.id, label: "Blue", ...given })).errors?.[0]?.message;
  expect(await send({ triggerer: { replicas: 1 } })).toBe(
    "triggerer: deployments.airflowComponents.triggerer.enabled is false on this platform",
  );
  expect(await send({ releaseName: "blue" })).toBe(
    "releaseName: must be omitted: deployments.namespaceManagement.manualReleaseNames.enabled is false on this platform",
  );
});
