import { describe, expect, it } from "vitest";
import { tagOf } from "../../src/services/deployments/lifecycle/deploy.ts";
import { testHouston } from "../support/houston.ts";

const { as, build, db } = await testHouston({ deployments: { enableUpdateDeploymentImageEndpoint: true } });

const INFO = "deployInfo { current desired latest nextCli next }";
const GET = `query ($id: String!) { deployment(where: { id: $id }) { ${INFO} } }`;
const DEPLOY = `mutation ($releaseName: String!, $image: String!) {
  updateDeploymentImage(releaseName: $releaseName, image: $image) { ${INFO} }
}`;

const tags = (tag: string | null, next: string) => ({ current: tag, desired: tag, latest: tag, nextCli: next, next });

describe("Deployment.deployInfo", () => {
  it("counts from the first deploy", async () => {
    const { deployment, editor, viewer } = await build.deployment();
    const info = async () => (await as(viewer).send(GET, { id: deployment.id })).data.deployment.deployInfo;
    expect(await info()).toEqual(tags(null, "deploy-1"));
    for (const [tag, next] of [
      ["deploy-1", "deploy-2"],
      ["ci-2026-11-24", "deploy-3"],
      ["deploy-7", "deploy-8"],
      ["deploy-4", "deploy-9"],
      ["deploy-20261124120000", "deploy-10"],
    ] as const) {
      const { data } = await as(editor).send(DEPLOY, { releaseName: deployment.releaseName, image: `blue:${tag}` });
      expect(data.updateDeploymentImage.deployInfo).toEqual(tags(tag, next));
      expect(await info()).toEqual(tags(tag, next));
    }
  });

  it("uses the configured tag prefix", async () => {
    const { as, build } = await testHouston({ deployments: { tagPrefix: "cli" } });
    const { deployment, viewer } = await build.deployment({ deployCount: 3 });
    const { data } = await as(viewer).send(GET, { id: deployment.id });
    expect(data.deployment.deployInfo).toEqual(tags(null, "cli-4"));
  });

  it("uses the override of the cluster, Workspace and Deployment", async () => {
    const { deployment, editor, viewer } = await build.deployment();
    const { id: deploymentId, workspaceId, releaseName } = deployment;
    const info = async () => (await as(viewer).send(GET, { id: deploymentId })).data.deployment.deployInfo;
    await db.deploymentsConfigOverride.create({ data: { workspaceId, config: { tagPrefix: "blue" } } });
    expect(await info()).toEqual(tags(null, "blue-1"));
    await as(editor).send(DEPLOY, { releaseName, image: "blue:blue-4" });
    expect(await info()).toEqual(tags("blue-4", "blue-5"));
    await db.deploymentsConfigOverride.create({ data: { deploymentId, config: { tagPrefix: "deploy" } } });
    expect(await info()).toEqual(tags("blue-4", "deploy-5"));
    await as(editor).send(DEPLOY, { releaseName, image: "blue:deploy-7" });
    expect(await info()).toEqual(tags("deploy-7", "deploy-8"));
  });

  it("is denied together with its Deployment", async () => {
    const { deployment, home } = await build.deployment();
    for (const someone of [home?.outsider, undefined]) {
      const { errors } = await as(someone).send(GET, { id: deployment.id });
      expect(errors).toMatchObject([{ message: "You do not have the appropriate permissions for that" }]);
    }
  });
});

describe("tagOf", () => {
  it.each([
    ["blue:1", "1"],
    ["registry.example.com:5000/blue", "latest"],
    ["registry.example.com:5000/blue:deploy-1", "deploy-1"],
    ["blue:1@sha256:abc", "1"],
    ["registry.example.com:5000/blue@sha256:abc", "sha256:abc"],
  ])("returns the tag of %s", (image, tag) => {
    expect(tagOf(image)).toBe(tag);
  });
});
