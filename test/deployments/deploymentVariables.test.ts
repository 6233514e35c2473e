import { describe, expect, it } from "vitest";
import { countStatements } from "../support/countStatements.ts";
import { testHouston } from "../support/houston.ts";

const { as, build, db } = await testHouston();

const LIST = `query ($deploymentUuid: Uuid!, $releaseName: String) {
  deploymentVariables(deploymentUuid: $deploymentUuid, releaseName: $releaseName) { key value isSecret }
}`;

/** A Deployment with a plain and a secret variable. */
async function scene() {
  const made = await build.deployment();
  const deploymentId = made.deployment.id;
  await db.environmentVariable.createMany({
    data: [
      { deploymentId, key: "PLAIN", value: "one" },
      { deploymentId, key: "HIDDEN", value: "v1.sealed", isSecret: true },
    ],
  });
  return { ...made, deploymentUuid: deploymentId, releaseName: made.deployment.releaseName };
}

describe("deploymentVariables", () => {
  it("lists variables by key, with empty values for secrets, in two statements", async () => {
    const { viewer, deploymentUuid, releaseName } = await scene();
    for (const given of [{ deploymentUuid }, { deploymentUuid, releaseName }, { deploymentUuid, releaseName: "" }]) {
      const { result, statements } = await countStatements(() => as(viewer).send(LIST, given));
      expect(result.data.deploymentVariables).toEqual([
        { key: "HIDDEN", value: "", isSecret: true },
        { key: "PLAIN", value: "one", isSecret: false },
      ]);
      expect(statements.length).toBe(2);
    }
  });

  it("rejects the release name of another Deployment", async () => {
    const { viewer, deploymentUuid } = await scene();
    const { releaseName } = await scene();
    const { errors } = await as(viewer).send(LIST, { deploymentUuid, releaseName });
    expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT", argument: "releaseName" } }]);
  });

  it("returns an empty list when there are none", async () => {
    const { deployment, viewer } = await build.deployment();
    const given = { deploymentUuid: deployment.id, releaseName: deployment.releaseName };
    expect((await as(viewer).send(LIST, given)).data.deploymentVariables).toEqual([]);
  });

  it("rejects outsiders, anonymous callers and unknown Deployments", async () => {
    const { home, deploymentUuid } = await scene();
    for (const [someone, id] of [
      [home?.outsider, deploymentUuid],
      [home?.outsider, "nowhere"],
      [undefined, deploymentUuid],
    ] as const) {
      const { errors } = await as(someone).send(LIST, { deploymentUuid: id });
      expect(errors).toMatchObject([{ message: "You do not have the appropriate permissions for that" }]);
    }
  });
});
