import { expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";

const { as, build } = await testHouston({
  helm: { releaseVersion: "2.0.0" },
  deployments: { triggererEnabled: false },
});
const strict = await testHouston({
  helm: { releaseVersion: "2.0.0" },
  deployments: { manualNamespaceNames: true, preCreatedNamespaces: [], executors: [] },
});

const CREATE = `mutation ($workspaceUuid: Uuid, $label: String, $releaseName: String, $namespace: String,
  $triggerer: Triggerer) {
  upsertDeployment(workspaceUuid: $workspaceUuid, label: $label, releaseName: $releaseName, namespace: $namespace,
    triggerer: $triggerer) { id }
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
  expect(await send({ namespace: "blue" })).toBe(
    "namespace: must be omitted: deployments.namespaceManagement.manualNamespaceNames.enabled is false on this platform",
  );
});

it("errors about empty lists, sign-up and the cleanup of databases do so, too", async () => {
  const { workspace, editor } = await strict.build.workspace();
  const create = async (given: object) =>
    (await strict.as(editor).send(CREATE, { workspaceUuid: workspace.id, label: "Blue", ...given })).errors?.[0]
      ?.message;
  expect(await create({ namespace: "blue" })).toContain("deployments.namespaceManagement.preCreatedNamespaces");
  const config = { namespaceFreeFormEntry: true };
  await strict.db.deploymentsConfigOverride.create({ data: { workspaceId: workspace.id, config } });
  expect(await create({ namespace: "blue" })).toContain("deployments.resourceManagement.executors");
  const messageOf = async (who: { token: string } | undefined, document: string) =>
    (await strict.as(who).send(document)).errors?.[0]?.message;
  expect(await messageOf(await strict.build.systemAdmin(), "{ cleanupAirflowDb }")).toContain(
    "deployments.deploymentLifecycle.cleanupAirflowDb.enabled is false",
  );
  const signUp = `mutation { createUser(email: "ada@example.com", password: "correct horse") { token { value } } }`;
  expect(await messageOf(undefined, signUp)).toContain("(publicSignups.enabled)");
});
