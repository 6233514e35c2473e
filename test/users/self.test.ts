import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";

const { as, build } = await testHouston();

const SELF = `{ self {
  user { id username roleBindings { role workspace { id } } } token { value }
  permissions isAdmin authUserCapabilities { canSysAdmin }
} }`;

describe("self", () => {
  it("returns the user with their permissions by scope", async () => {
    const { workspace, admin } = await build.workspace();
    const { deployment } = await build.deployment({ workspaceId: workspace.id });
    const { data } = await as(admin).send(SELF);
    expect(data.self).toMatchObject({
      user: { id: admin.id, roleBindings: [{ role: "WORKSPACE_ADMIN", workspace: { id: workspace.id } }] },
      token: null,
      isAdmin: false,
      authUserCapabilities: { canSysAdmin: false },
    });
    const { system, workspace: workspaces, deployment: deployments } = data.self.permissions;
    expect(system.sort()).toEqual([
      "system.getAirflowReleaseById",
      "system.getDeploymentById",
      "system.getEmailById",
      "system.workspace.create",
    ]);
    expect(Object.keys(workspaces)).toEqual([workspace.id]);
    expect(workspaces[workspace.id]).toEqual(
      expect.arrayContaining(["workspace.iam.update", "deployment.config.delete"]),
    );
    expect(deployments).toEqual({});
    const viewer = await build.user({ roles: [{ role: "DEPLOYMENT_VIEWER", deploymentId: deployment.id }] });
    const own = (await as(viewer).send(SELF)).data.self.permissions;
    expect(own.workspace).toEqual({});
    expect(own.deployment[deployment.id]).toContain("deployment.logs.get");
  });

  it("returns isAdmin for a System Admin", async () => {
    const { data } = await as(await build.systemAdmin()).send(SELF);
    expect(data.self).toMatchObject({ isAdmin: true, authUserCapabilities: { canSysAdmin: true } });
  });

  it("returns a service account with its label, scope and role, and no user", async () => {
    const { deployment } = await build.deployment();
    const { id: deploymentId, workspaceId } = deployment;
    for (const [role, entityType, scope] of [
      ["SYSTEM_VIEWER", "SYSTEM", {}],
      ["WORKSPACE_EDITOR", "WORKSPACE", { workspaceId }],
      ["DEPLOYMENT_VIEWER", "DEPLOYMENT", { deploymentId }],
    ] as const) {
      const account = await build.serviceAccount({ role, label: "CI", ...scope });
      const { data, errors } = await as(account).send(`{ self {
        user { id } token { value } permissions isAdmin serviceAccount { id label entityType entityUuid role apiKey }
      } }`);
      expect(errors).toBeUndefined();
      const { permissions, ...answer } = data.self;
      const [entityUuid = null] = Object.values<string>(scope);
      expect(answer).toEqual({
        user: null,
        token: null,
        isAdmin: false,
        serviceAccount: { id: account.id, label: "CI", entityType, entityUuid, role, apiKey: account.keyStart },
      });
      if (role === "SYSTEM_VIEWER") expect(permissions.system).toContain("system.users.get");
    }
    const { data } = await as(await build.user()).send("{ self { user { id } serviceAccount { id } } }");
    expect(data.self.serviceAccount).toBeNull();
  });

  it("rejects anonymous callers and invalid tokens", async () => {
    for (const someone of [undefined, { token: "stale" }]) {
      const { data, errors } = await as(someone).send(SELF);
      expect(data.self).toBeNull();
      expect(errors).toMatchObject([
        { message: "You do not have the appropriate permissions for that", extensions: { code: "UNAUTHENTICATED" } },
      ]);
    }
  });
});
