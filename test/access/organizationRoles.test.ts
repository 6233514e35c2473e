import { describe, expect, it } from "vitest";
import { createRoles, type Role } from "../../src/access/roles.ts";
import { testHouston } from "../support/houston.ts";
import { createRest } from "../support/restCalls.ts";

const { as, build, db, url } = await testHouston();
const rest = createRest(url);
const systemAdmin = await build.systemAdmin();

describe("a role on an Organization", () => {
  it("gives what it is for, and the system roles above it give the same everywhere", () => {
    const keysOf = (role: Role) =>
      [...createRoles().permissionsOf(role)].filter((key) => key.startsWith("organization.")).toSorted();
    const user = ["organization.pipelines.get", "organization.pipelines.update", "organization.users.get"];
    expect(keysOf("ORGANIZATION_USER")).toEqual(user);
    expect(keysOf("ORGANIZATION_ROUTER")).toEqual(["organization.applications.config"]);
    const owner = [
      "organization.applications.config",
      "organization.config.delete",
      "organization.config.update",
      "organization.connections.get",
      "organization.iam.update",
      "organization.pipelines.get",
      "organization.pipelines.update",
      "organization.serviceAccounts.get",
      "organization.serviceAccounts.update",
      "organization.users.get",
    ];
    expect(keysOf("ORGANIZATION_OWNER")).toEqual(owner);
    expect(keysOf("SYSTEM_ADMIN")).toEqual(owner);
    for (const role of ["SYSTEM_VIEWER", "SYSTEM_EDITOR"] as const)
      expect(keysOf(role)).toEqual(["organization.pipelines.get", "organization.users.get"]);
    for (const role of ["WORKSPACE_ADMIN", "DEPLOYMENT_ADMIN", "USER"] as const) expect(keysOf(role)).toEqual([]);
  });

  it("opens the Organization over REST; only its Owner changes it and sees its billing details", async () => {
    const { organization, owner, member, outsider } = await build.organization();
    const path = `/organizations/${organization.id}`;
    const body = { name: `${organization.name} 2`, billingEmail: "billing@example.com", isScimEnabled: false };
    expect((await rest(owner).post(path, body)).status).toBe(200);
    expect((await rest(owner).get(path)).body.billingEmail).toBe("billing@example.com");
    const seen = await rest(member).get(path);
    expect([seen.status, "billingEmail" in seen.body]).toEqual([200, false]);
    expect((await rest(member).post(path, body)).status).toBe(403);
    const elsewhere = (await build.organization()).owner;
    for (const someone of [outsider, elsewhere]) {
      expect((await rest(someone).get(path)).status).toBe(403);
      expect((await rest(someone).post(path, body)).status).toBe(403);
    }
  });

  it("opens none of its Workspaces and Deployments, which have roles of their own", async () => {
    const { organization, owner } = await build.organization();
    const { workspace } = await build.workspace();
    await db.workspace.update({ where: { id: workspace.id }, data: { organizationId: organization.id } });
    const { deployment } = await build.deployment({ workspaceId: workspace.id });
    const path = `/organizations/${organization.id}`;
    for (const one of [`/workspaces/${workspace.id}`, `/deployments/${deployment.id}`])
      expect((await rest(owner).get(path + one)).status).toBe(404);
    expect((await rest(owner).get(`${path}/workspaces`)).body.workspaces).toEqual([]);
    const { errors } = await as(owner).send("query ($id: Uuid!) { workspace(workspaceUuid: $id) { id } }", {
      id: workspace.id,
    });
    expect(errors?.[0]?.extensions.code).toBe("FORBIDDEN");
  });

  it("and its service accounts are not shown on /v1", async () => {
    const { organization, owner } = await build.organization();
    const router = { role: "ORGANIZATION_ROUTER", organizationId: organization.id } as const;
    const account = await build.serviceAccount(router);
    const { data: self } = await as(owner).send("{ self { permissions user { roleBindings { role } } } }");
    expect(self).toMatchObject({ self: { user: { roleBindings: [] } } });
    expect(JSON.stringify(self)).not.toContain("organization");
    await build.serviceAccount({ role: "SYSTEM_VIEWER" });
    const { data } = await as(systemAdmin).send("{ serviceAccounts(entityType: SYSTEM) { id } }");
    expect(data.serviceAccounts).toHaveLength(1);
    expect(data.serviceAccounts).not.toContainEqual({ id: account.id });
    const removal = await as(systemAdmin).send(
      "mutation ($id: Uuid!) { deleteSystemServiceAccount(serviceAccountUuid: $id) { id } }",
      { id: account.id },
    );
    expect(removal.errors?.[0]?.extensions.code).toBe("NOT_FOUND");
  });

  it("cannot be granted on /v1 or on the system", async () => {
    const { outsider } = await build.organization();
    const { errors } = await as(systemAdmin).send(
      "mutation ($id: ID!) { createSystemRoleBinding(userId: $id, role: ORGANIZATION_OWNER) { id } }",
      { id: outsider.id },
    );
    expect(errors?.[0]?.extensions.code).toBe("GRAPHQL_VALIDATION_FAILED");
    await expect(build.user({ roles: [{ role: "ORGANIZATION_OWNER" }] })).rejects.toThrow("RoleBinding_role_of_scope");
  });

  it("of a router is for service accounts, not for people", async () => {
    const { organization } = await build.organization();
    const roles = [{ role: "ORGANIZATION_ROUTER", organizationId: organization.id }] as const;
    await expect(build.user({ roles: [...roles] })).rejects.toThrow("RoleBinding_role_of_scope");
  });

  it("of the last Owner keeps them from being removed from the platform", async () => {
    const { organization, owner } = await build.organization();
    const remove = () => as(systemAdmin).send("mutation ($id: Id!) { removeUser(id: $id) { id } }", { id: owner.id });
    expect((await remove()).errors?.[0]?.message).toBe(
      `id: the user is the last Organization Owner of ${organization.name}; add another one first`,
    );
    await build.user({ roles: [{ role: "ORGANIZATION_OWNER", organizationId: organization.id }] });
    expect((await remove()).errors).toBeUndefined();
  });
});
