import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestApp, type TestApp } from "../../support/app.ts";
import { type Client, compare, connect, knows } from "./client.ts";
import { documents } from "./documents.ts";
import { versions } from "./versions.ts";

const DENIED = "You do not have the appropriate permissions for that";
const PASSWORD = "correct horse";
/** What switches commands of clients on and off. */
const flags = `nfsMountDagDeployment hardDeleteDeployment manualNamespaceNames triggererEnabled gitSyncDagDeployment
  namespaceFreeFormEntry byoUpdateRegistryEnabled astroRuntimeEnabled dagOnlyDeployment`.split(/\s+/);

// One after the other: each step goes on where the one before has stopped, as a person at a terminal does.
describe.each(versions)("a client of platform %s", (version) => {
  let running: TestApp;
  let stranger: Client;
  let admin: Client;
  let member: Client;
  const from = (since: string) => compare(version, since) >= 0;
  const workspace = { id: "" };
  const deployment = { id: "", releaseName: "" };
  const memberId = { id: "" };

  beforeAll(async () => {
    running = await startTestApp({ helm: { releaseVersion: version }, publicSignups: true, emailConfirmation: false });
    stranger = await connect(running.url, documents);
  });
  afterAll(() => running.close());

  it("learns what the platform is before anybody has signed in, and with a token that is long gone", async () => {
    for (const client of [stranger, stranger.as("gone.long.ago")]) {
      const config = await client.ask("appConfig", { clusterId: "", workspaceUuid: "", deploymentUuid: "" });
      expect(config).toMatchObject({ version, baseDomain: "localhost" });
      if (from("0.28.0"))
        expect(config.featureFlags).toEqual(Object.fromEntries(flags.map((flag) => [flag, expect.any(Boolean)])));
      expect(await client.ask("authConfig", { redirect: "" })).toMatchObject({
        localEnabled: true,
        initialSignup: true,
      });
    }
  });

  it("signs up the first user, who is System Admin, and somebody else", async () => {
    const first = { email: "first@example.com", password: PASSWORD, username: "", inviteToken: "" };
    const { user, token } = await stranger.ask("createUser", first);
    expect(user.status).toBe("active");
    admin = stranger.as(token.value);
    expect(await admin.ask("self")).toMatchObject({ isAdmin: true, user: { id: user.uuid } });
    const other = await stranger.ask("createUser", { email: "second@example.com", password: PASSWORD });
    expect(other.user.uuid).not.toBe(user.uuid);
    memberId.id = other.user.uuid;
  });

  it("signs in, with a token that is sent bare or as a bearer", async () => {
    expect(await stranger.refused("createToken", { identity: "second@example.com", password: "wrong" })).not.toBe("");
    const { token, user } = await stranger.ask("createToken", { identity: "second@example.com", password: PASSWORD });
    for (const sent of [token.value, `Bearer ${token.value}`]) {
      member = stranger.as(sent);
      expect(await member.ask("self")).toMatchObject({ isAdmin: false, user: { id: user.uuid } });
    }
    expect(await stranger.refused("self")).toBe(DENIED);
    expect(await stranger.as("gone.long.ago").refused("workspaces")).toBe(DENIED);
  });

  it("creates, lists, reads and renames Workspaces", async () => {
    // Clients send what the document does not declare.
    const made = await admin.ask("createWorkspace", { label: "Blue", description: "N/A", workspaceUuid: "" });
    workspace.id = made.id;
    expect(made).toMatchObject({
      label: "Blue",
      roleBindings: [{ role: "WORKSPACE_ADMIN", workspace: { id: made.id } }],
    });
    const payload = { label: "Bluer", description: "All things blue" };
    const renamed = await admin.ask("updateWorkspace", { workspaceUuid: made.id, payload, label: "", description: "" });
    expect(renamed).toMatchObject(payload);
    expect(await admin.ask("workspace", { workspaceUuid: made.id })).toMatchObject(payload);
    expect((await admin.ask("workspaces")).map(({ id }: { id: string }) => id)).toEqual([made.id]);
    expect(await member.ask("workspaces")).toEqual([]);
    expect(await member.refused("workspace", { workspaceUuid: made.id })).toBe(DENIED);
    const label = "Short-lived";
    const second = await admin.ask("createWorkspace", { label });
    expect(await admin.ask("deleteWorkspace", { workspaceUuid: second.id })).toEqual({ uuid: second.id, label });
  });

  it("brings people into a Workspace, changes their roles and lists them", async () => {
    const who = { workspaceUuid: workspace.id, email: "second@example.com" };
    const deploymentRoles = from("0.28.0") ? { deploymentRoles: [] } : {};
    const { roleBindings } = await admin.ask("workspaceAddUser", {
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
    expect(await admin.ask("workspaceUserRole", { ...who, role: "WORKSPACE_EDITOR" })).toBe("WORKSPACE_EDITOR");
    expect(await admin.ask("workspaceUser", who)).toMatchObject({
      username: "second@example.com",
      roleBindings: [{ role: "WORKSPACE_EDITOR", workspace: { id: workspace.id } }],
    });
    const users = await admin.ask("workspaceUsers", { workspaceUuid: workspace.id });
    expect(users.map(({ username }: { username: string }) => username)).toEqual(["first@example.com", who.email]);
    expect(await member.refused("workspaceUserRole", { ...who, role: "WORKSPACE_ADMIN" })).toBe(DENIED);
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
    const made = await member.ask("createDeployment", given);
    Object.assign(deployment, { id: made.id, releaseName: made.releaseName });
    expect(made).toMatchObject({
      label: "Flows",
      type: "airflow",
      workspace: { id: workspace.id },
      airflowVersion: from("0.29.0") ? "2.5.1" : "2.9.1",
      dagDeployment: { type: "image" },
    });
    expect(made.deploymentInfo.map(({ type }: { type: string }) => type)).toEqual(["airflow", "flower"]);
    if (from("0.29.0")) expect(made).toMatchObject({ runtimeVersion: "7.2.0", runtimeAirflowVersion: "2.5.1" });
    expect(await running.db.deployment.findUniqueOrThrow({ where: { id: made.id } })).toMatchObject({
      label: "Flows",
      workspaceId: workspace.id,
      executor: "CeleryExecutor",
      airflowVersion: from("0.29.0") ? "2.5.1" : "2.9.1",
      runtimeVersion: from("0.29.0") ? "7.2.0" : null,
      dagDeployment: { type: "image" },
    });
  });

  it("creates a Deployment without a version, which gets the one the platform offers", async () => {
    const given = { label: "Latest", workspaceUuid: workspace.id, executor: "LocalExecutor", runtimeVersion: "" };
    const { id, ...made } = await member.ask("createDeployment", { ...given, clusterId: "", dagDeployment: {} });
    expect(made).toMatchObject({ label: "Latest", airflowVersion: expect.stringMatching(/^2\./) });
    const row = await running.db.deployment.findUniqueOrThrow({ where: { id } });
    expect(row).toMatchObject({
      executor: "LocalExecutor",
      runtimeVersion: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      airflowVersion: made.airflowVersion,
    });
    await member.ask("deleteDeployment", { deploymentUuid: id });
    expect((await running.db.deployment.findUniqueOrThrow({ where: { id } })).deletedAt).not.toBeNull();
  });

  it("lists and reads Deployments", async () => {
    for (const releaseName of ["", deployment.releaseName]) {
      const listed = await member.ask("workspaceDeployments", { workspaceUuid: workspace.id, releaseName });
      expect(listed).toMatchObject([{ id: deployment.id, label: "Flows", desiredAirflowVersion: expect.any(String) }]);
    }
    expect(await member.ask("deployment", { id: deployment.id, workspaceUuid: "" })).toMatchObject({
      id: deployment.id,
      roleBindings: [{ role: "DEPLOYMENT_ADMIN", deployment: { id: deployment.id } }],
    });
    if (!from("0.32.0")) return;
    expect(await admin.ask("paginatedDeployments", { take: -1 })).toMatchObject([{ id: deployment.id }]);
    expect(await member.refused("paginatedDeployments", { take: -1 })).toBe(DENIED);
  });

  it("changes a Deployment, and empty objects and undeclared variables change nothing else", async () => {
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
    const changed = await member.ask("updateDeployment", {
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
    const moved = await member.ask("updateDeployment", { deploymentUuid: deployment.id, ...executor });
    expect(moved.deploymentInfo?.map(({ type }: { type: string }) => type)).toEqual(["airflow"]);
  });

  it.runIf(knows(documents, version, "updateImage"))(
    "gives a Deployment a new image, which changes nothing else",
    async () => {
      const before = await running.db.deployment.findUniqueOrThrow({ where: { id: deployment.id } });
      const image = `registry.example.com/${deployment.releaseName}/airflow:deploy-1`;
      const { releaseName } = deployment;
      const changed = await member.ask("updateImage", { releaseName, image, runtimeVersion: "7.2.0", payload: {} });
      expect(changed).toMatchObject({ id: deployment.id, label: "Streams", executor: "KubernetesExecutor" });
      const { image: stored, ...after } = await running.db.deployment.findUniqueOrThrow({
        where: { id: deployment.id },
      });
      expect(stored).toBe(image);
      // How often code was deployed may be counted beside it.
      expect(after).toMatchObject({ config: before.config, dagDeployment: before.dagDeployment, label: before.label });
      expect(after.namespace).toBe(before.namespace);
    },
  );

  it("keeps environment variables, and the values of secrets to itself", async () => {
    const where = { deploymentUuid: deployment.id, releaseName: deployment.releaseName };
    const environmentVariables = [
      { key: "COLOUR", value: "blue", isSecret: false },
      { key: "KEY", value: "hidden", isSecret: true },
    ];
    const shown = [environmentVariables[0], { key: "KEY", value: "", isSecret: true }];
    expect(await member.ask("updateDeploymentVariables", { ...where, environmentVariables })).toEqual(shown);
    expect(await member.ask("deploymentVariables", where)).toEqual(shown);
    const rows = await running.db.environmentVariable.findMany({ where: { deploymentId: deployment.id } });
    expect(rows.map(({ key, isSecret }) => [key, isSecret]).sort()).toEqual([
      ["COLOUR", false],
      ["KEY", true],
    ]);
    expect(JSON.stringify(rows)).not.toContain("hidden");
  });

  it("gives, changes and takes roles in a Deployment", async () => {
    const email = "third@example.com";
    await stranger.ask("createUser", { email, password: PASSWORD });
    const who = { userId: "", email, deploymentId: deployment.id };
    const added = await member.ask("deploymentAddUserRole", { ...who, role: "DEPLOYMENT_VIEWER" });
    expect(added).toMatchObject({ role: "DEPLOYMENT_VIEWER", user: { username: email } });
    const changed = await member.ask("deploymentUpdateUserRole", { ...who, role: "DEPLOYMENT_EDITOR" });
    expect(changed.role).toBe("DEPLOYMENT_EDITOR");
    const users = await member.ask("deploymentUsers", { deploymentId: deployment.id, user: { userId: "", email } });
    expect(users).toMatchObject([{ username: email, roleBindings: [{ role: "DEPLOYMENT_EDITOR" }] }]);
    expect(await member.ask("deploymentRemoveUserRole", who)).toMatchObject({ user: { username: email } });
    expect(await member.ask("deploymentUsers", { deploymentId: deployment.id, user: { email } })).toEqual([]);
  });

  it.each([
    ["Workspace", "workspaceUuid", "WORKSPACE_EDITOR"],
    ["Deployment", "deploymentUuid", "DEPLOYMENT_EDITOR"],
  ])("creates, uses, lists and deletes service accounts of a %s", async (level, key, role) => {
    const where = { [key]: level === "Workspace" ? workspace.id : deployment.id };
    const owner = level === "Workspace" ? admin : member;
    const made = await owner.ask(`create${level}ServiceAccount`, { ...where, label: "CI", category: "", role });
    expect(made).toMatchObject({ label: "CI", entityType: level.toUpperCase(), active: true });
    const machine = stranger.as(made.apiKey);
    const seen = await machine.ask("deployment", { id: deployment.id }).catch((error: Error) => error.message);
    // Workspace roles below admin hold nothing in the Deployments themselves.
    if (level === "Workspace") expect(seen).toBe(DENIED);
    else expect(seen).toMatchObject({ id: deployment.id });
    const list = `${level.toLowerCase()}ServiceAccounts`;
    expect(await owner.ask(list, where)).toMatchObject([{ id: made.id, label: "CI" }]);
    const gone = await owner.ask(`delete${level}ServiceAccount`, { ...where, serviceAccountUuid: made.id });
    expect(gone.id).toBe(made.id);
    expect(await owner.ask(list, where)).toEqual([]);
    expect(await machine.refused("workspaces")).toBe(DENIED);
  });

  it("deletes the Deployment, and asks for a hard delete where it is new enough to", async () => {
    const hard = from("0.28.0") ? { deploymentHardDelete: true } : {};
    const deleted = await member.ask("deleteDeployment", { deploymentUuid: deployment.id, ...hard });
    expect(deleted).toMatchObject({ label: "Streams", releaseName: deployment.releaseName });
    const row = await running.db.deployment.findUniqueOrThrow({ where: { id: deployment.id } });
    expect(row).toMatchObject({ label: "Streams", deletedAt: expect.any(Date) });
    expect(await running.db.roleBinding.count({ where: { deploymentId: deployment.id } })).toBe(0);
    expect(await member.ask("workspaceDeployments", { workspaceUuid: workspace.id })).toEqual([]);
    expect(await member.refused("deployment", { id: deployment.id })).toBe(DENIED);
  });

  it("takes people out of the Workspace, who see it no more", async () => {
    const where = { workspaceUuid: workspace.id, userUuid: memberId.id };
    expect(await admin.ask("workspaceRemoveUser", where)).toMatchObject({ id: workspace.id });
    expect(await running.db.roleBinding.count({ where: { userId: memberId.id, workspaceId: workspace.id } })).toBe(0);
    // Their tokens ended, because an admin has lowered what they may do.
    expect(await member.refused("workspaces")).toBe(DENIED);
    const { token } = await stranger.ask("createToken", { identity: "second@example.com", password: PASSWORD });
    expect(await stranger.as(token.value).ask("workspaces")).toEqual([]);
  });
});
