import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestApp, type TestApp } from "../../support/app.ts";
import { type Client, compare, connect, knows } from "./client.ts";
import { documents } from "./documents.ts";
import { versions } from "./versions.ts";

const DENIED = "You do not have the appropriate permissions for that";
const PASSWORD = "correct horse";
/** Feature flags that clients read. */
const flags = `nfsMountDagDeployment hardDeleteDeployment manualNamespaceNames triggererEnabled gitSyncDagDeployment
  namespaceFreeFormEntry byoUpdateRegistryEnabled astroRuntimeEnabled dagOnlyDeployment`.split(/\s+/);

// The steps run in order, as at a terminal: each continues where the one before stopped.
describe.each(versions)("a client of platform %s", (version) => {
  let running: TestApp;
  let anonymous: Client;
  let admin: Client;
  let member: Client;
  const from = (since: string) => compare(version, since) >= 0;
  const workspace = { id: "" };
  const deployment = { id: "", releaseName: "" };
  const memberId = { id: "" };

  beforeAll(async () => {
    running = await startTestApp({ helm: { releaseVersion: version }, publicSignups: true, emailConfirmation: false });
    anonymous = await connect(running.url, documents);
  });
  afterAll(() => running.close());

  it("reads the platform's configuration anonymously and with an expired token", async () => {
    for (const client of [anonymous, anonymous.as("gone.long.ago")]) {
      const config = await client.run("appConfig", { clusterId: "", workspaceUuid: "", deploymentUuid: "" });
      expect(config).toMatchObject({ version, baseDomain: "localhost" });
      if (from("0.28.0"))
        expect(config.featureFlags).toEqual(Object.fromEntries(flags.map((flag) => [flag, expect.any(Boolean)])));
      expect(await client.run("authConfig", { redirect: "" })).toMatchObject({
        localEnabled: true,
        initialSignup: true,
      });
    }
  });

  it("signs up the first user, who becomes System Admin, and a second one", async () => {
    const first = { email: "first@example.com", password: PASSWORD, username: "", inviteToken: "" };
    const { user, token } = await anonymous.run("createUser", first);
    expect(user.status).toBe("active");
    admin = anonymous.as(token.value);
    expect(await admin.run("self")).toMatchObject({ isAdmin: true, user: { id: user.uuid } });
    const other = await anonymous.run("createUser", { email: "second@example.com", password: PASSWORD });
    expect(other.user.uuid).not.toBe(user.uuid);
    memberId.id = other.user.uuid;
  });

  it('signs in and sends the token with and without "Bearer"', async () => {
    expect(await anonymous.errorOf("createToken", { identity: "second@example.com", password: "wrong" })).not.toBe("");
    const { token, user } = await anonymous.run("createToken", { identity: "second@example.com", password: PASSWORD });
    for (const sent of [token.value, `Bearer ${token.value}`]) {
      member = anonymous.as(sent);
      expect(await member.run("self")).toMatchObject({ isAdmin: false, user: { id: user.uuid } });
    }
    expect(await anonymous.errorOf("self")).toBe(DENIED);
    expect(await anonymous.as("gone.long.ago").errorOf("workspaces")).toBe(DENIED);
  });

  it("creates, lists, reads and renames Workspaces", async () => {
    // Clients send variables that the document does not declare.
    const created = await admin.run("createWorkspace", { label: "Blue", description: "N/A", workspaceUuid: "" });
    workspace.id = created.id;
    expect(created).toMatchObject({
      label: "Blue",
      roleBindings: [{ role: "WORKSPACE_ADMIN", workspace: { id: created.id } }],
    });
    const payload = { label: "Bluer", description: "All things blue" };
    const renamed = await admin.run("updateWorkspace", {
      workspaceUuid: created.id,
      payload,
      label: "",
      description: "",
    });
    expect(renamed).toMatchObject(payload);
    expect(await admin.run("workspace", { workspaceUuid: created.id })).toMatchObject(payload);
    expect((await admin.run("workspaces")).map(({ id }: { id: string }) => id)).toEqual([created.id]);
    expect(await member.run("workspaces")).toEqual([]);
    expect(await member.errorOf("workspace", { workspaceUuid: created.id })).toBe(DENIED);
    const label = "Short-lived";
    const second = await admin.run("createWorkspace", { label });
    expect(await admin.run("deleteWorkspace", { workspaceUuid: second.id })).toEqual({ uuid: second.id, label });
  });

  it("adds users to a Workspace, changes their roles and lists them", async () => {
    const who = { workspaceUuid: workspace.id, email: "second@example.com" };
    const deploymentRoles = from("0.28.0") ? { deploymentRoles: [] } : {};
    const { roleBindings } = await admin.run("workspaceAddUser", {
      ...who,
      role: "WORKSPACE_VIEWER",
      ...deploymentRoles,
    });
    expect(roleBindings).toContainEqual(
      expect.objectContaining({
        role: "WORKSPACE_VIEWER",
        user: expect.objectContaining({ username: "second@example.com" }),
        workspace: expect.objectContaining({ id: workspace.id }),
      }),
    );
    expect(await admin.run("workspaceUserRole", { ...who, role: "WORKSPACE_EDITOR" })).toBe("WORKSPACE_EDITOR");
    expect(await admin.run("workspaceUser", who)).toMatchObject({
      username: "second@example.com",
      roleBindings: [{ role: "WORKSPACE_EDITOR", workspace: { id: workspace.id } }],
    });
    const users = await admin.run("workspaceUsers", { workspaceUuid: workspace.id });
    expect(users.map(({ username }: { username: string }) => username)).toEqual(["first@example.com", who.email]);
    expect(await member.errorOf("workspaceUserRole", { ...who, role: "WORKSPACE_ADMIN" })).toBe(DENIED);
  });

  it("creates a Deployment with the empty values that clients send", async () => {
    const given = {
      label: "Flows",
      workspaceUuid: workspace.id,
      executor: "CeleryExecutor",
      releaseName: "",
      namespace: "",
      cloudRole: "",
      ...(from("0.28.0") ? { dagDeployment: {} } : {}),
      ...(from("0.29.0") ? { runtimeVersion: "7.2.0", airflowVersion: "" } : { airflowVersion: "2.9.1", config: {} }),
      ...(from("1.0.0") ? { clusterId: "", deploymentUuid: "", triggerer: {} } : { type: "airflow" }),
    };
    const created = await member.run("createDeployment", given);
    Object.assign(deployment, { id: created.id, releaseName: created.releaseName });
    expect(created).toMatchObject({
      label: "Flows",
      type: "airflow",
      workspace: { id: workspace.id },
      // Clients print a value here as plain Airflow.
      airflowVersion: from("0.29.0") ? null : "2.9.1",
      dagDeployment: { type: "image" },
    });
    expect(created.deploymentInfo.map(({ type }: { type: string }) => type)).toEqual(["airflow", "flower"]);
    if (from("0.29.0")) expect(created).toMatchObject({ runtimeVersion: "7.2.0", runtimeAirflowVersion: "2.5.1" });
    expect(await running.db.deployment.findUniqueOrThrow({ where: { id: created.id } })).toMatchObject({
      label: "Flows",
      workspaceId: workspace.id,
      executor: "CeleryExecutor",
      airflowVersion: from("0.29.0") ? "2.5.1" : "2.9.1",
      runtimeVersion: from("0.29.0") ? "7.2.0" : null,
      dagDeployment: { type: "image" },
    });
  });

  it("creates a Deployment without a version, which gets the platform's default", async () => {
    const given = { label: "Latest", workspaceUuid: workspace.id, executor: "LocalExecutor", runtimeVersion: "" };
    const { id, ...created } = await member.run("createDeployment", { ...given, clusterId: "", dagDeployment: {} });
    expect(created).toMatchObject({ label: "Latest", airflowVersion: null });
    const row = await running.db.deployment.findUniqueOrThrow({ where: { id } });
    expect(row).toMatchObject({
      executor: "LocalExecutor",
      runtimeVersion: expect.stringMatching(/^\d+\.\d+[.-]\d+$/),
      airflowVersion: expect.stringMatching(/^\d+\./),
    });
    await member.run("deleteDeployment", { deploymentUuid: id });
    const left = await running.db.deployment.findUnique({ where: { id } });
    expect(left?.deletedAt).toEqual(from("2.0.0") ? undefined : expect.any(Date));
  });

  it("lists and reads Deployments", async () => {
    for (const releaseName of ["", deployment.releaseName]) {
      const listed = await member.run("workspaceDeployments", { workspaceUuid: workspace.id, releaseName });
      const desiredAirflowVersion = from("0.29.0") ? null : "2.9.1";
      expect(listed).toMatchObject([{ id: deployment.id, label: "Flows", desiredAirflowVersion }]);
    }
    expect(await member.run("deployment", { id: deployment.id, workspaceUuid: "" })).toMatchObject({
      id: deployment.id,
      roleBindings: [{ role: "DEPLOYMENT_ADMIN", deployment: { id: deployment.id } }],
    });
    if (!from("0.32.0")) return;
    expect(await admin.run("paginatedDeployments", { take: -1 })).toMatchObject([{ id: deployment.id }]);
    expect(await member.errorOf("paginatedDeployments", { take: -1 })).toBe(DENIED);
  });

  it("updates a Deployment, ignoring empty objects and undeclared variables", async () => {
    const variables = from("1.0.0")
      ? { label: "Streams", description: "", triggerer: {}, workspaceUuid: "", releaseName: "" }
      : { payload: { label: "Streams" }, sync: true, label: "", description: "" };
    const { config } = await running.db.deployment.findUniqueOrThrow({ where: { id: deployment.id } });
    const before = await running.db.deployment.update({
      where: { id: deployment.id },
      data: {
        config: { ...(config as object), triggerer: { replicas: 2 } },
        dagDeployment: { type: "volume", nfsLocation: "192.0.2.1:/dags" },
      },
    });
    const changed = await member.run("updateDeployment", {
      deploymentUuid: deployment.id,
      dagDeployment: {},
      cloudRole: "",
      ...variables,
    });
    expect(changed).toMatchObject({ id: deployment.id, label: "Streams", releaseName: deployment.releaseName });
    expect(changed.dagDeployment).toMatchObject({ type: "volume", nfsLocation: "192.0.2.1:/dags" });
    expect(await running.db.deployment.findUniqueOrThrow({ where: { id: deployment.id } })).toEqual({
      ...before,
      label: "Streams",
      updatedAt: expect.any(Date),
    });
    const executor = { executor: "KubernetesExecutor", ...(from("1.0.0") ? {} : { payload: {} }) };
    const moved = await member.run("updateDeployment", { deploymentUuid: deployment.id, ...executor });
    expect(moved.deploymentInfo?.map(({ type }: { type: string }) => type)).toEqual(["airflow"]);
  });

  it.runIf(knows(documents, version, "updateImage"))("updates a Deployment's image and nothing else", async () => {
    const before = await running.db.deployment.findUniqueOrThrow({ where: { id: deployment.id } });
    const image = `registry.example.com/${deployment.releaseName}/airflow:deploy-1`;
    const { releaseName } = deployment;
    const changed = await member.run("updateImage", { releaseName, image, runtimeVersion: "7.2.0", payload: {} });
    expect(changed).toMatchObject({ id: deployment.id, label: "Streams", executor: "KubernetesExecutor" });
    const { image: stored, ...after } = await running.db.deployment.findUniqueOrThrow({
      where: { id: deployment.id },
    });
    expect(stored).toBe(image);
    // The response may also count the deploys.
    expect(after).toMatchObject({ config: before.config, dagDeployment: before.dagDeployment, label: before.label });
    expect(after.namespace).toBe(before.namespace);
  });

  it("stores environment variables without returning secret values", async () => {
    const where = { deploymentUuid: deployment.id, releaseName: deployment.releaseName };
    const environmentVariables = [
      { key: "COLOUR", value: "blue", isSecret: false },
      { key: "KEY", value: "hidden", isSecret: true },
    ];
    const shown = [environmentVariables[0], { key: "KEY", value: "", isSecret: true }];
    expect(await member.run("updateDeploymentVariables", { ...where, environmentVariables })).toEqual(shown);
    expect(await member.run("deploymentVariables", where)).toEqual(shown);
    const rows = await running.db.environmentVariable.findMany({ where: { deploymentId: deployment.id } });
    expect(rows.map(({ key, isSecret }) => [key, isSecret]).sort()).toEqual([
      ["COLOUR", false],
      ["KEY", true],
    ]);
    expect(JSON.stringify(rows)).not.toContain("hidden");
  });

  it("adds, changes and removes roles in a Deployment", async () => {
    const email = "third@example.com";
    await anonymous.run("createUser", { email, password: PASSWORD });
    const { id: userId } = await running.db.user.findUniqueOrThrow({ where: { username: email } });
    const { workspaceId } = await running.db.deployment.findUniqueOrThrow({ where: { id: deployment.id } });
    await running.db.roleBinding.create({ data: { userId, workspaceId, role: "WORKSPACE_VIEWER" } });
    const who = { userId: "", email, deploymentId: deployment.id };
    const added = await member.run("deploymentAddUserRole", { ...who, role: "DEPLOYMENT_VIEWER" });
    expect(added).toMatchObject({ role: "DEPLOYMENT_VIEWER", user: { username: email } });
    const changed = await member.run("deploymentUpdateUserRole", { ...who, role: "DEPLOYMENT_EDITOR" });
    expect(changed.role).toBe("DEPLOYMENT_EDITOR");
    const users = await member.run("deploymentUsers", { deploymentId: deployment.id, user: { userId: "", email } });
    expect(users).toMatchObject([
      { username: email, roleBindings: [{ role: "WORKSPACE_VIEWER" }, { role: "DEPLOYMENT_EDITOR" }] },
    ]);
    expect(await member.run("deploymentRemoveUserRole", who)).toMatchObject({ user: { username: email } });
    expect(await member.run("deploymentUsers", { deploymentId: deployment.id, user: { email } })).toEqual([]);
  });

  it.each([
    ["Workspace", "workspaceUuid", "WORKSPACE_EDITOR"],
    ["Deployment", "deploymentUuid", "DEPLOYMENT_EDITOR"],
  ])("creates, uses, lists and deletes service accounts of a %s", async (level, key, role) => {
    const where = { [key]: level === "Workspace" ? workspace.id : deployment.id };
    const owner = level === "Workspace" ? admin : member;
    const created = await owner.run(`create${level}ServiceAccount`, { ...where, label: "CI", category: "", role });
    expect(created).toMatchObject({ label: "CI", entityType: level.toUpperCase(), active: true });
    const account = anonymous.as(created.apiKey);
    // By ID as in the list of the Workspace.
    expect(await account.run("deployment", { id: deployment.id })).toMatchObject({ id: deployment.id });
    const list = `${level.toLowerCase()}ServiceAccounts`;
    expect(await owner.run(list, where)).toMatchObject([{ id: created.id, label: "CI" }]);
    const removed = await owner.run(`delete${level}ServiceAccount`, { ...where, serviceAccountUuid: created.id });
    expect(removed.id).toBe(created.id);
    expect(await owner.run(list, where)).toEqual([]);
    expect(await account.errorOf("workspaces")).toBe(DENIED);
  });

  it("deletes the Deployment, with a hard delete where clients request one", async () => {
    const hard = from("0.28.0") ? { deploymentHardDelete: true } : {};
    const deleted = await member.run("deleteDeployment", { deploymentUuid: deployment.id, ...hard });
    expect(deleted).toMatchObject({ label: "Streams", releaseName: deployment.releaseName });
    const row = await running.db.deployment.findUnique({ where: { id: deployment.id } });
    if (from("2.0.0")) expect(row).toBeNull();
    else expect(row).toMatchObject({ label: "Streams", deletedAt: expect.any(Date) });
    expect(await running.db.roleBinding.count({ where: { deploymentId: deployment.id } })).toBe(0);
    expect(await member.run("workspaceDeployments", { workspaceUuid: workspace.id })).toEqual([]);
    expect(await member.errorOf("deployment", { id: deployment.id })).toBe(DENIED);
  });

  it("removes users from the Workspace, who cannot see it any more", async () => {
    const where = { workspaceUuid: workspace.id, userUuid: memberId.id };
    expect(await admin.run("workspaceRemoveUser", where)).toMatchObject({ id: workspace.id });
    expect(await running.db.roleBinding.count({ where: { userId: memberId.id, workspaceId: workspace.id } })).toBe(0);
    // Their token still works, but not there.
    expect(await member.run("workspaces")).toEqual([]);
    const { token } = await anonymous.run("createToken", { identity: "second@example.com", password: PASSWORD });
    expect(await anonymous.as(token.value).run("workspaces")).toEqual([]);
  });
});
