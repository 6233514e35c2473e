import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";

const { as, build, db } = await testHouston({
  deployments: { upsertDeploymentEnabled: true, overridableLimits: ["maxPodAu"] },
});

const { deployment } = await build.deployment({
  runtimeVersion: "7.2.0",
  airflowVersion: "2.5.1",
});
const systemAdmin = await build.systemAdmin();

const stored = async () =>
  (await db.deployment.findUniqueOrThrow({ where: { id: deployment.id } })).updatedAt.toISOString();

/** Sends a mutation about the Deployment, and returns whether its `updatedAt` is later than before. */
async function moves(document: string) {
  const before = new Date(Date.now() - 60_000);
  await db.deployment.update({ where: { id: deployment.id }, data: { updatedAt: before } });
  const { errors } = await as(systemAdmin).send(`mutation { ${document} }`);
  expect(errors).toBeUndefined();
  return (await stored()) > before.toISOString();
}

const id = JSON.stringify(deployment.id);
const releaseName = JSON.stringify(deployment.releaseName);
const VARIABLES = `environmentVariables: [{ key: "KEY", value: "VALUE" }]`;
const upsert = (what: string) => `upsertDeployment(deploymentUuid: ${id}, ${what}) { id }`;

describe("Deployment.updatedAt", () => {
  it.each([
    ["a setting", `updateDeployment(deploymentUuid: ${id}, payload: {}, executor: LocalExecutor) { id }`],
    ["the label", upsert(`label: "Renamed"`)],
    ["variables by an upsert", upsert(VARIABLES)],
    [
      "variables",
      `updateDeploymentVariables(deploymentUuid: ${id}, releaseName: ${releaseName}, environmentVariables: []) { key }`,
    ],
    ["an image", upsert(`image: "registry.example.com/blue:1"`)],
    [
      "the override",
      `updateDeploymentConfig(deploymentUuid: ${id}, deploymentsConfigOverride: { maxPodAu: 20 }) { id }`,
    ],
    ["removing the override", `deleteDeploymentConfig(deploymentUuid: ${id}) { id }`],
    ["alert addresses", `deploymentAlertsUpdate(deploymentUuid: ${id}, alertEmails: ["a@example.com"]) { id }`],
  ])("moves with %s", async (_, document) => {
    expect(await moves(document)).toBe(true);
  });

  it("stays when roles or service accounts change", async () => {
    const { email } = await build.user({ roles: [{ role: "WORKSPACE_VIEWER", workspaceId: deployment.workspaceId }] });
    const user = `deploymentId: ${id}, email: "${email}"`;
    for (const document of [
      `deploymentAddUserRole(${user}, role: DEPLOYMENT_VIEWER) { id }`,
      `deploymentUpdateUserRole(${user}, role: DEPLOYMENT_EDITOR) { id }`,
      `deploymentRemoveUserRole(${user}) { id }`,
      `createDeploymentServiceAccount(label: "CI", deploymentUuid: ${id}, role: DEPLOYMENT_VIEWER) { id }`,
    ]) {
      expect(await moves(document)).toBe(false);
    }
  });

  it.each([
    [
      "the override",
      `updateDeploymentConfig(deploymentUuid: ${id}, deploymentsConfigOverride: { maxPodAu: 21 }) { id }`,
    ],
    ["alert addresses", `deploymentAlertsUpdate(deploymentUuid: ${id}, alertEmails: ["b@example.com"]) { id }`],
  ])("stays when %s are sent again", async (_, document) => {
    expect(await moves(document)).toBe(true);
    expect(await moves(document)).toBe(false);
  });

  it("stays when an upsert repeats what is stored", async () => {
    const document = upsert(`label: "Same", ${VARIABLES}, properties: { colour: "blue" }, executor: CeleryExecutor`);
    expect(await moves(document)).toBe(true);
    expect(await moves(document)).toBe(false);
  });
});
