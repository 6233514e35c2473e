import { describe, expect, it } from "vitest";
import { countStatements } from "../support/countStatements.ts";
import { testHouston } from "../support/houston.ts";

const { as, build } = await testHouston();

const LIST = `query ($workspaceUuid: Uuid!, $releaseName: String) {
  workspaceDeployments(workspaceUuid: $workspaceUuid, releaseName: $releaseName) {
    id releaseName config urls { type url } environmentVariables { key } workspace { label }
    scheduler { replicas { default } } deploymentCapabilities { canDeleteDeployment }
  }
}`;

/** A Workspace with two Deployments and a deleted one, and a Deployment in another Workspace. */
async function scene() {
  const home = await build.workspace();
  const { deployment: first } = await build.deployment({ workspaceId: home.workspace.id });
  const { deployment: second } = await build.deployment({ workspaceId: home.workspace.id });
  await build.deployment({ workspaceId: home.workspace.id, deletedAt: new Date() });
  const { deployment: foreign, admin: foreignAdmin } = await build.deployment();
  return { ...home, first, second, foreign, foreignAdmin, workspaceUuid: home.workspace.id };
}

describe("workspaceDeployments", () => {
  it("lists the Workspace's Deployments without deleted ones, in two statements", async () => {
    const { viewer, workspace, workspaceUuid, first, second } = await scene();
    const { result, statements } = await countStatements(() => as(viewer).send(LIST, { workspaceUuid }));
    expect(result.data.workspaceDeployments).toMatchObject([
      {
        id: first.id,
        workspace: { label: workspace.label },
        scheduler: null,
        urls: [
          { type: "airflow", url: `https://deployments.localhost/${first.releaseName}/airflow` },
          { type: "flower", url: `https://deployments.localhost/${first.releaseName}/flower` },
        ],
        deploymentCapabilities: { canDeleteDeployment: false },
      },
      { id: second.id },
    ]);
    expect(statements.length).toBe(2);
  });

  it("filters by release name, in this Workspace only", async () => {
    const { viewer, workspaceUuid, second, foreign } = await scene();
    const ask = async (releaseName: string) =>
      (await as(viewer).send(LIST, { workspaceUuid, releaseName })).data.workspaceDeployments;
    expect(await ask(second.releaseName)).toMatchObject([{ id: second.id }]);
    expect(await ask(foreign.releaseName)).toEqual([]);
    expect(await ask("")).toHaveLength(2);
  });

  it("denies callers without a role in the Workspace and anonymous callers", async () => {
    const { outsider, foreignAdmin, workspaceUuid } = await scene();
    for (const someone of [outsider, foreignAdmin, undefined]) {
      const { data, errors } = await as(someone).send(LIST, { workspaceUuid });
      expect(data.workspaceDeployments).toBeNull();
      expect(errors).toMatchObject([{ message: "You do not have the appropriate permissions for that" }]);
    }
  });

  it("rejects an empty workspaceUuid", async () => {
    const { viewer } = await scene();
    const { errors } = await as(viewer).send(LIST, { workspaceUuid: "" });
    expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT", argument: "workspaceUuid" } }]);
  });
});
