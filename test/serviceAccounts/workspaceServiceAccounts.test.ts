import { describe, expect, it } from "vitest";
import { DENIED } from "../../src/platform/errors/appError.ts";
import { countStatements } from "../support/countStatements.ts";
import { testHouston } from "../support/houston.ts";

const { as, build } = await testHouston();

const LIST = `query ($home: Uuid!) {
  workspaceServiceAccounts(workspaceUuid: $home) { id label apiKey entityType roleBindings { role workspace { id } } }
}`;

describe("workspaceServiceAccounts", () => {
  it("lists the Workspace's own accounts, oldest first, in two statements however many there are", async () => {
    const { workspace, viewer } = await build.workspace();
    await build.serviceAccount({
      role: "DEPLOYMENT_VIEWER",
      deploymentId: (await build.deployment({ workspaceId: workspace.id })).deployment.id,
    });
    await build.serviceAccount({ role: "SYSTEM_ADMIN" });
    const home = workspace.id;
    for (const count of [1, 5]) {
      const accounts = [];
      while (accounts.length < count) {
        accounts.push(await build.serviceAccount({ role: "WORKSPACE_EDITOR", workspaceId: home }));
      }
      const { result, statements } = await countStatements(() => as(viewer).send(LIST, { home }));
      const answer = result.data.workspaceServiceAccounts;
      expect(answer.slice(-count)).toEqual(
        accounts.map(({ id, label, keyStart }) => ({
          id,
          label,
          apiKey: keyStart,
          entityType: "WORKSPACE",
          roleBindings: [{ role: "WORKSPACE_EDITOR", workspace: { id: home } }],
        })),
      );
      expect(statements.filter((sql) => !sql.includes("graphile_worker"))).toHaveLength(2);
    }
    const all = await as(viewer).send(LIST, { home });
    expect(all.data.workspaceServiceAccounts).toHaveLength(6);
  });

  it("refuses a stranger, another Workspace's account and nobody, in the same words as for an unknown Workspace", async () => {
    const [{ workspace }, other] = [await build.workspace(), await build.workspace()];
    const machine = await build.serviceAccount({ role: "WORKSPACE_ADMIN", workspaceId: other.workspace.id });
    for (const home of [workspace.id, "nowhere"]) {
      for (const someone of [await build.user(), other.admin, machine, undefined]) {
        const { status, data, errors } = await as(someone).send(LIST, { home });
        expect({ status, data }).toEqual({ status: 200, data: { workspaceServiceAccounts: null } });
        expect(errors).toMatchObject([{ message: DENIED }]);
      }
    }
  });

  it("answers an empty list, and tells a System Viewer that there is no such Workspace", async () => {
    const { workspace } = await build.workspace();
    const systemViewer = await build.user({ roles: [{ role: "SYSTEM_VIEWER" }] });
    const { data } = await as(systemViewer).send(LIST, { home: workspace.id });
    expect(data).toEqual({ workspaceServiceAccounts: [] });
    for (const [home, code] of [
      ["nowhere", "NOT_FOUND"],
      ["", "BAD_USER_INPUT"],
    ]) {
      const { errors } = await as(systemViewer).send(LIST, { home });
      expect(errors).toMatchObject([{ extensions: { code, argument: expect.stringContaining("workspaceUuid") } }]);
    }
  });
});
