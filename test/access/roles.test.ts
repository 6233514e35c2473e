import { describe, expect, it } from "vitest";
import { type Permission, permissions } from "../../src/access/permissions.ts";
import { roleDefinitions } from "../../src/access/roleDefinitions.ts";
import { createRoles, levelOf, type Role, type RoleOverrides } from "../../src/access/roles.ts";
import contract from "../contract/roles.json" with { type: "json" };
import { inherits, lowestRoles } from "./oracle.ts";

const expected: Record<string, { name: string; scope: string; inheritsFrom: string[]; permissions: object }> =
  contract.roles;
/** The contract knows no roles on Organizations; organizationRoles.test.ts is about them. */
const names = Object.keys(roleDefinitions).filter((role) => role in contract.roles) as (keyof typeof contract.roles)[];
const keys = (Object.keys(permissions) as Permission[]).filter((key) => !key.startsWith("organization."));
/** For keys of later versions the contract names the lowest role that holds them. */
const [later, first] = [keys.filter((key) => key in lowestRoles), keys.filter((key) => !(key in lowestRoles))];

/** Every key, and whether the role holds it. */
const tableOf = (role: Role, overrides?: RoleOverrides) => {
  const held = createRoles(overrides).permissionsOf(role);
  return Object.fromEntries(keys.map((key) => [key, held.has(key)]));
};

describe("roles", () => {
  it("are the 10 roles of the contract, over its 88 keys, and three for Organizations", () => {
    expect(names.toSorted()).toEqual(Object.keys(expected).toSorted());
    expect(names).toHaveLength(10);
    expect(Object.keys(roleDefinitions)).toHaveLength(13);
    const known = Object.keys(contract.roles.USER.permissions);
    expect(known).toHaveLength(88);
    expect(
      first.filter((key) => !known.includes(key)),
      "Add it to lowestRoles in test/access/decisions.ts",
    ).toEqual([]);
  });

  it.each(names)("%s has the name, parents and permissions of the contract", (role) => {
    const { name, scope, inheritsFrom, permissions: held } = expected[role] ?? expect.fail(`${role} is not there`);
    expect(roleDefinitions[role].name).toBe(name);
    expect(levelOf(role)).toBe(scope.toUpperCase());
    expect(roleDefinitions[role].inherits.filter((one) => one in contract.roles)).toEqual(inheritsFrom);
    const lowest = Object.fromEntries(later.map((key) => [key, inherits(role, lowestRoles[key] ?? role)]));
    expect(tableOf(role)).toEqual({ ...held, ...lowest });
  });

  it.each(keys)("%s is held by the roles that list it, and by Workspace Admins if Deployment Admins hold it", (key) => {
    const roles = createRoles();
    const holders = names.filter((role) => roles.permissionsOf(role).has(key));
    const admins = key.startsWith("deployment.") && holders.includes("DEPLOYMENT_ADMIN") ? ["WORKSPACE_ADMIN"] : [];
    expect([...roles.holding(key)].toSorted()).toEqual([...holders, ...admins].toSorted());
  });
});

describe("roles changed by configuration", () => {
  const changed = (overrides: RoleOverrides) =>
    names.flatMap((role) => {
      const [before, after] = [tableOf(role), tableOf(role, overrides)];
      return keys.filter((key) => before[key] !== after[key]).map((key) => `${role} ${after[key] ? "+" : "-"}${key}`);
    });

  it("adds a permission to a role and the roles that inherit from it", () => {
    const overrides = { WORKSPACE_EDITOR: { permissions: { "workspace.iam.update": true } } };
    expect(changed(overrides)).toEqual([
      "WORKSPACE_EDITOR +workspace.iam.update",
      "SYSTEM_EDITOR +workspace.iam.update",
    ]);
  });

  it("removes a permission from a role and the roles that inherit from it", () => {
    const overrides = { DEPLOYMENT_EDITOR: { permissions: { "deployment.images.push": false } } };
    expect(changed(overrides).toSorted()).toEqual([
      "DEPLOYMENT_ADMIN -deployment.images.push",
      "DEPLOYMENT_EDITOR -deployment.images.push",
      "SYSTEM_ADMIN -deployment.images.push",
      "SYSTEM_EDITOR -deployment.images.push",
    ]);
    expect(createRoles(overrides).holding("deployment.images.push")).toEqual(new Set());
  });

  it("removes an inherited permission without changing the parent", () => {
    const overrides = { SYSTEM_VIEWER: { permissions: { "deployment.logs.get": false } } };
    expect(changed(overrides)).toEqual(["SYSTEM_VIEWER -deployment.logs.get"]);
  });

  it("lets a role keep a permission that its parents lose", () => {
    const overrides = { WORKSPACE_VIEWER: { permissions: { "workspace.config.get": false } } };
    expect(changed(overrides)).toHaveLength(6);
    const given = { ...overrides, SYSTEM_ADMIN: { permissions: { "workspace.config.get": true } } };
    expect(createRoles(given).permissionsOf("SYSTEM_ADMIN")).toContain("workspace.config.get");
  });

  it("restores a removed permission in a role and those that inherit from it", () => {
    const overrides = {
      DEPLOYMENT_VIEWER: { permissions: { "deployment.logs.get": false } },
      DEPLOYMENT_ADMIN: { permissions: { "deployment.logs.get": true } },
    };
    const holders = createRoles(overrides).holding("deployment.logs.get");
    expect([...holders].toSorted()).toEqual(["DEPLOYMENT_ADMIN", "SYSTEM_ADMIN", "WORKSPACE_ADMIN"]);
  });

  it("rejects an unknown permission by name", () => {
    const overrides = { USER: { permissions: { "workspace.config.destroy": true } } };
    expect(() => createRoles(overrides)).toThrow("roles.USER.permissions.workspace.config.destroy: unknown permission");
  });

  it.each(["constructor", "toString", "__proto__"])("rejects the permission %s, a property of every object", (key) => {
    const overrides = { USER: { permissions: Object.fromEntries([[key, true]]) } };
    expect(() => createRoles(overrides)).toThrow("unknown permission");
  });
});
