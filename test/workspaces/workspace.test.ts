import { describe, expect, it } from "vitest";
import { countStatements } from "../support/countStatements.ts";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build } = await testHouston();

const WORKSPACE = `query ($workspaceUuid: Uuid!) {
  workspace(workspaceUuid: $workspaceUuid) {
    id uuid label description active properties createdAt updatedAt trialEndsAt billingEnabled paywallEnabled
    deploymentCount deployments { id } users { id } roleBindings { role } serviceAccounts { id } invites { id }
    workspaceCapabilities { canUpdateIAM canUpdateWorkspace canDeleteWorkspace canCreateDeployment canUpdateBilling }
  }
}`;

describe("workspace", () => {
  it("returns to every member what they may see, in two statements", async () => {
    const { workspace, admin, editor, viewer } = await build.workspace({ description: "Words" });
    const { deployment } = await build.deployment({ workspaceId: workspace.id });
    await build.deployment({ workspaceId: workspace.id, deletedAt: new Date() });
    const account = await build.serviceAccount({ role: "WORKSPACE_VIEWER", workspaceId: workspace.id });
    for (const [someone, may] of [
      [admin, { canUpdateIAM: true, canUpdateWorkspace: true, canDeleteWorkspace: true, canCreateDeployment: true }],
      [editor, { canUpdateIAM: false, canUpdateWorkspace: true, canDeleteWorkspace: false, canCreateDeployment: true }],
      [viewer, { canUpdateIAM: false, canUpdateWorkspace: false, canDeleteWorkspace: false }],
      [account, { canCreateDeployment: false }],
    ] as const) {
      const { result, statements } = await countStatements(() =>
        as(someone).send(WORKSPACE, { workspaceUuid: workspace.id }),
      );
      expect(result.errors).toBeUndefined();
      expect(result.data.workspace).toMatchObject({
        id: workspace.id,
        uuid: workspace.id,
        label: workspace.label,
        description: "Words",
        active: true,
        properties: {},
        createdAt: workspace.createdAt.toISOString(),
        trialEndsAt: null,
        billingEnabled: false,
        deploymentCount: 1,
        deployments: [{ id: deployment.id }],
        serviceAccounts: [{ id: account.id }],
        invites: null,
        workspaceCapabilities: { ...may, canUpdateBilling: false },
      });
      expect(result.data.workspace.users).toHaveLength(3);
      expect(statements.length).toBeLessThanOrEqual(2);
    }
  });

  it("denies outsiders, other Workspaces' users and anonymous callers with the same error", async () => {
    const { workspace, outsider } = await build.workspace();
    const { admin } = await build.workspace();
    const variables = { workspaceUuid: workspace.id };
    for (const someone of [outsider, admin]) {
      expect(outcomeOf(await as(someone).send(WORKSPACE, variables))).toBe("FORBIDDEN");
      expect(outcomeOf(await as(someone).send(WORKSPACE, { workspaceUuid: "nowhere" }))).toBe("FORBIDDEN");
    }
    expect(outcomeOf(await as(undefined).send(WORKSPACE, variables))).toBe("UNAUTHENTICATED");
  });

  it("names the argument to callers who may see every Workspace, when it is unknown or missing", async () => {
    const viewer = await build.user({ roles: [{ role: "SYSTEM_VIEWER" }] });
    const { workspace } = await build.workspace();
    const outcome = async (workspaceUuid: string) => outcomeOf(await as(viewer).send(WORKSPACE, { workspaceUuid }));
    expect(await outcome(workspace.id)).toBe("ok");
    expect(await outcome("nowhere")).toBe("NOT_FOUND workspaceUuid");
    expect(await outcome("")).toBe("BAD_USER_INPUT workspaceUuid");
  });
});
