import { describe, expect, it } from "vitest";
import { anonymous, authorize, type Binding, type Caller, mayGrant, type Scope } from "../../src/access/authorize.ts";
import type { Permission } from "../../src/access/permissions.ts";
import { createRoles, type Role } from "../../src/access/roles.ts";

const roles = createRoles();

/** A user who holds `role` on the system, on the Workspace `w` or on the Deployment `d`. */
const holder = (role: Role): Caller => {
  const binding: Binding = {
    role,
    organizationId: role.startsWith("ORGANIZATION") ? "o" : null,
    workspaceId: role.startsWith("WORKSPACE") ? "w" : null,
    deploymentId: role.startsWith("DEPLOYMENT") ? "d" : null,
  };
  return { kind: "user", id: "u", bindings: [binding] };
};

const system: Scope = {};
const own: Scope = { workspaceId: "w" };
const other: Scope = { workspaceId: "x" };
/** A Deployment in the user's own Workspace, another one there, and one in another Workspace. */
const inside: Scope = { workspaceId: "w", deploymentId: "d" };
const beside: Scope = { workspaceId: "w", deploymentId: "e" };
const outside: Scope = { workspaceId: "x", deploymentId: "f" };

describe("authorize", () => {
  it.each<[Role, Permission, Scope, boolean]>([
    ["SYSTEM_ADMIN", "system.iam.update", system, true],
    ["SYSTEM_ADMIN", "workspace.config.delete", other, true],
    ["SYSTEM_ADMIN", "deployment.config.delete", outside, true],
    ["SYSTEM_VIEWER", "workspace.config.get", other, true],
    ["SYSTEM_VIEWER", "workspace.config.update", other, false],
    ["USER", "system.workspace.create", system, true],
    ["USER", "workspace.config.get", own, false],
    ["WORKSPACE_ADMIN", "workspace.iam.update", own, true],
    ["WORKSPACE_ADMIN", "workspace.iam.update", other, false],
    ["WORKSPACE_ADMIN", "workspace.iam.update", system, false],
    ["WORKSPACE_ADMIN", "deployment.config.delete", inside, true],
    ["WORKSPACE_ADMIN", "deployment.config.delete", beside, true],
    ["WORKSPACE_ADMIN", "deployment.config.get", outside, false],
    ["WORKSPACE_EDITOR", "deployment.config.get", inside, false],
    ["WORKSPACE_VIEWER", "workspace.config.get", own, true],
    ["WORKSPACE_VIEWER", "workspace.config.update", own, false],
    ["DEPLOYMENT_ADMIN", "deployment.config.delete", inside, true],
    ["DEPLOYMENT_ADMIN", "deployment.config.delete", beside, false],
    ["DEPLOYMENT_ADMIN", "deployment.config.get", own, false],
    ["DEPLOYMENT_ADMIN", "workspace.config.get", inside, false],
    ["DEPLOYMENT_VIEWER", "deployment.logs.get", inside, true],
    ["DEPLOYMENT_VIEWER", "deployment.config.update", inside, false],
  ])("%s has %s on %o: %s", (role, permission, scope, expected) => {
    expect(authorize(roles, holder(role), [permission], scope)).toBe(expected);
  });

  it("accepts any one of the keys, and denies when there are none", () => {
    const wanted: Permission[] = ["system.workspace.get", "workspace.config.get"];
    expect(authorize(roles, holder("WORKSPACE_VIEWER"), wanted, own)).toBe(true);
    expect(authorize(roles, holder("SYSTEM_ADMIN"), [], own)).toBe(false);
  });

  it("denies anonymous callers everything", () => {
    expect(authorize(roles, anonymous, ["workspace.config.get"], own)).toBe(false);
  });

  it("ignores system keys in lower roles and Workspace keys in Deployment roles, even when configured", () => {
    const all = { "system.iam.update": true, "workspace.iam.update": true };
    const wide = createRoles({ WORKSPACE_VIEWER: { permissions: all }, DEPLOYMENT_VIEWER: { permissions: all } });
    expect(authorize(wide, holder("WORKSPACE_VIEWER"), ["system.iam.update"], own)).toBe(false);
    expect(authorize(wide, holder("DEPLOYMENT_VIEWER"), ["workspace.iam.update"], inside)).toBe(false);
  });

  it.each<Scope>([{}, { workspaceId: null }, { deploymentId: null }])(
    "ignores a binding that lacks its scope (%o)",
    (scope) => {
      const broken = (role: Role): Caller => ({
        kind: "user",
        id: "u",
        bindings: [{ role, organizationId: null, workspaceId: null, deploymentId: null }],
      });
      expect(authorize(roles, broken("WORKSPACE_ADMIN"), ["workspace.config.get"], scope)).toBe(false);
      expect(authorize(roles, broken("DEPLOYMENT_ADMIN"), ["deployment.config.get"], scope)).toBe(false);
    },
  );
});

describe("mayGrant", () => {
  it.each<[Role, Role, Scope, boolean]>([
    ["SYSTEM_ADMIN", "SYSTEM_ADMIN", system, true],
    ["SYSTEM_EDITOR", "SYSTEM_VIEWER", system, true],
    ["SYSTEM_EDITOR", "SYSTEM_ADMIN", system, false],
    ["SYSTEM_ADMIN", "WORKSPACE_ADMIN", other, true],
    ["SYSTEM_EDITOR", "WORKSPACE_ADMIN", other, false],
    ["WORKSPACE_ADMIN", "WORKSPACE_ADMIN", own, true],
    ["WORKSPACE_ADMIN", "WORKSPACE_VIEWER", other, false],
    ["WORKSPACE_ADMIN", "DEPLOYMENT_ADMIN", inside, true],
    ["WORKSPACE_EDITOR", "WORKSPACE_EDITOR", own, true],
    ["WORKSPACE_EDITOR", "WORKSPACE_ADMIN", own, false],
    ["WORKSPACE_EDITOR", "DEPLOYMENT_VIEWER", inside, false],
    ["DEPLOYMENT_EDITOR", "DEPLOYMENT_EDITOR", inside, true],
    ["DEPLOYMENT_EDITOR", "DEPLOYMENT_ADMIN", inside, false],
    ["DEPLOYMENT_ADMIN", "DEPLOYMENT_VIEWER", beside, false],
  ])("%s may grant %s on %o: %s", (caller, role, scope, expected) => {
    expect(mayGrant(roles, holder(caller), role, scope)).toBe(expected);
  });

  it("requires the Deployment permissions that a Workspace Admin gains", () => {
    const cut = createRoles({ SYSTEM_ADMIN: { permissions: { "deployment.config.delete": false } } });
    expect(mayGrant(cut, holder("SYSTEM_ADMIN"), "WORKSPACE_ADMIN", own)).toBe(false);
    expect(mayGrant(cut, holder("SYSTEM_ADMIN"), "WORKSPACE_EDITOR", own)).toBe(true);
  });
});
