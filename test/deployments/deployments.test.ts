import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";

const { as, build } = await testHouston();

const LIST = `query ($workspaceUuid: Uuid, $deploymentUuid: Uuid, $releaseName: String) {
  deployments(workspaceUuid: $workspaceUuid, deploymentUuid: $deploymentUuid, releaseName: $releaseName) { id }
}`;

describe("deployments", () => {
  it("lists the Deployments that the caller may see, filtered by every argument", async () => {
    const { deployment, viewer, home } = await build.deployment();
    const { id, workspaceId, releaseName } = deployment;
    const { deployment: beside } = await build.deployment({ workspaceId });
    const { deployment: foreign } = await build.deployment();
    await build.deployment({ workspaceId, deletedAt: new Date() });
    const ask = async (someone: typeof viewer | undefined, given: object = {}) =>
      (await as(someone).send(LIST, given as Record<string, unknown>)).data.deployments.map(
        (one: { id: string }) => one.id,
      );
    expect(await ask(viewer)).toEqual([id]);
    expect(await ask(home?.viewer)).toEqual([id, beside.id]);
    expect(await ask(home?.viewer, { workspaceUuid: workspaceId, deploymentUuid: "", releaseName })).toEqual([id]);
    expect(await ask(home?.viewer, { deploymentUuid: foreign.id })).toEqual([]);
    expect(await ask(home?.viewer, { deploymentUuid: id, releaseName: beside.releaseName })).toEqual([]);
    expect(await ask(home?.outsider)).toEqual([]);
    expect(await ask(await build.systemAdmin())).toEqual([id, beside.id, foreign.id]);
  });

  it("denies anonymous callers", async () => {
    const { errors } = await as(undefined).send(LIST);
    expect(errors).toMatchObject([{ extensions: { code: "UNAUTHENTICATED" } }]);
  });

  it("rejects an invalid ID", async () => {
    const { errors } = await as(await build.user()).send(LIST, { deploymentUuid: 7 });
    expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT" } }]);
  });
});
