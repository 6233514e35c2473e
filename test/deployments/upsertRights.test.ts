import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";

const { as, build, db } = await testHouston({
  deployments: { upsertDeploymentEnabled: true },
  roles: {
    DEPLOYMENT_EDITOR: { permissions: { "deployment.images.push": false, "deployment.variables.update": false } },
  },
});

const UPSERT = `mutation ($id: Uuid!, $image: String, $variables: [InputEnvironmentVariable], $description: String) {
  upsertDeployment(deploymentUuid: $id, image: $image, environmentVariables: $variables, description: $description) { id }
}`;
const VARIABLES = [{ key: "KEY", value: "value" }];

describe("upsertDeployment with reduced roles", () => {
  it.each([
    ["an image", { image: "registry.example.com/airflow:deploy-1" }],
    ["environment variables", { variables: VARIABLES }],
  ])("requires the permission of the separate field for %s", async (_, given) => {
    const { deployment, editor } = await build.deployment();
    const { errors } = await as(editor).send(UPSERT, { id: deployment.id, description: "New", ...given });
    expect(errors?.[0]?.extensions.code).toBe("FORBIDDEN");
    expect(await db.deployment.findUniqueOrThrow({ where: { id: deployment.id } })).toEqual(deployment);
    expect(await db.environmentVariable.count({ where: { deploymentId: deployment.id } })).toBe(0);
    const answer = await as(await build.systemAdmin()).send(UPSERT, { id: deployment.id, ...given });
    expect(answer.errors).toBeUndefined();
  });

  it("still changes everything else", async () => {
    const { deployment, editor } = await build.deployment();
    expect((await as(editor).send(UPSERT, { id: deployment.id, description: "New" })).errors).toBeUndefined();
    expect(await db.deployment.findUniqueOrThrow({ where: { id: deployment.id } })).toMatchObject({
      description: "New",
    });
  });
});
