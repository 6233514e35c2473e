import { describe, expect, it } from "vitest";
import { countStatements } from "../support/countStatements.ts";
import { testHouston } from "../support/houston.ts";

const { as, build } = await testHouston();

const DEPLOYMENTS = `query ($id: Uuid!) { workspaceDeployments(workspaceUuid: $id) {
  id label config urls { type url } environmentVariables { key value } serviceAccounts { label roleBindings { role } }
  deploymentCapabilities { canDeploy canDeleteDeployment }
  roleBindings { role user { username emails { address } roleBindings { role workspace { label } } } }
  workspace { label users { emails { address } roleBindings { role } } deployments { releaseName workspace { id } } }
} }`;

describe("a read", () => {
  it.each([1, 40])("loads everything below %d Deployments in two statements", async (count) => {
    const { workspace, admin } = await build.workspace();
    for (let n = 0; n < count; n++) await build.deployment({ workspaceId: workspace.id });
    const { result, statements } = await countStatements(() => as(admin).send(DEPLOYMENTS, { id: workspace.id }));
    expect(result.errors).toBeUndefined();
    expect(result.data.workspaceDeployments).toHaveLength(count);
    expect(result.data.workspaceDeployments[0].roleBindings[0].user.emails).toHaveLength(1);
    expect(statements).toHaveLength(2);
  });

  it("loads the caller of all root fields in one statement and each field in one", async () => {
    const { workspace, admin } = await build.workspace();
    const { result, statements } = await countStatements(() =>
      as(admin).send(
        `query ($id: Uuid!) {
          a: workspace(workspaceUuid: $id) { id }
          b: workspaceUsers(workspaceUuid: $id) { username }
          c: workspaces { label }
        }`,
        { id: workspace.id },
      ),
    );
    expect(result.errors).toBeUndefined();
    expect(result.data.b).toHaveLength(3);
    expect(statements).toHaveLength(4);
  });
});
