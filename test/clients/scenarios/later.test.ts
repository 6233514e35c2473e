import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestApp, type TestApp } from "../../support/app.ts";
import { createBuild } from "../../support/build.ts";
import { type Client, compare, connect, knows } from "./client.ts";
import { allDocuments } from "./laterDocuments.ts";
import { versions } from "./versions.ts";

const DENIED = "You do not have the appropriate permissions for that";
const names = (list: { label?: string; name?: string; username?: string }[]) =>
  list.map(({ label, name, username }) => label ?? name ?? username);

// The steps run in order: each continues where the one before stopped.
describe.each(versions)("a client of platform %s", (version) => {
  let running: TestApp;
  let build: ReturnType<typeof createBuild>;
  let admin: Client;
  let anonymous: Client;
  let member: Client;
  let memberId = "";
  let workspaceUuid = "";
  const deployment = { deploymentUuid: "", releaseName: "" };
  const team = { teamId: "" };
  /** Losing a role revokes the user's tokens. */
  const signInAgain = async () => {
    member = anonymous.as(await build.tokenOf(memberId));
  };
  const from = (since: string) => compare(version, since) >= 0;
  const has = (...names: string[]) => knows(allDocuments, version, ...names);
  const stored = () => running.db.deployment.findUniqueOrThrow({ where: { id: deployment.deploymentUuid } });
  const teamRoles = () =>
    running.db.roleBinding.findMany({ where: team, select: { role: true, workspaceId: true, deploymentId: true } });

  beforeAll(async () => {
    // Part of the contract; required by clients that push images to their own registry.
    const deployments = { enableListAllRuntimeVersions: true, enableUpdateDeploymentImageEndpoint: true } as object;
    running = await startTestApp({ helm: { releaseVersion: version }, deployments });
    build = createBuild(running.db, running.config);
    anonymous = await connect(running.url, allDocuments);
    admin = anonymous.as((await build.systemAdmin()).token);
    const user = await build.user({ email: "member@example.com" });
    memberId = user.id;
    member = anonymous.as(user.token);
    workspaceUuid = (await admin.run("createWorkspace", { label: "Blue" })).id;
    const created = await admin.run("createDeployment", {
      label: "Flows",
      workspaceUuid,
      executor: "CeleryExecutor",
      ...(from("0.29.0") ? { runtimeVersion: "7.2.0" } : { airflowVersion: "2.9.1" }),
    });
    Object.assign(deployment, { deploymentUuid: created.id, releaseName: created.releaseName });
  });
  afterAll(() => running.close());

  it.runIf(has("paginatedWorkspaces", "paginatedWorkspaceUsers"))(
    "pages through Workspaces by number and through their users by cursor",
    async () => {
      await admin.run("createWorkspace", { label: "Green" });
      expect(names(await admin.run("paginatedWorkspaces", { take: 1, pageNumber: 0 }))).toEqual(["Blue"]);
      expect(names(await admin.run("paginatedWorkspaces", { take: 1, pageNumber: 1 }))).toEqual(["Green"]);
      expect(await admin.run("paginatedWorkspaces", { take: 1, pageNumber: 2 })).toEqual([]);
      for (let n = 0; n < 4; n++)
        await build.user({
          email: `u${n}@example.com`,
          roles: [{ role: "WORKSPACE_VIEWER", workspaceId: workspaceUuid }],
        });
      const page = (cursor: string, take: number) =>
        admin.run("paginatedWorkspaceUsers", { workspaceUuid, cursor, take });
      const first = await page("", 2);
      const next = await page(first.at(-1).id, 2);
      const last = await page(next.at(-1).id, 2);
      expect([...first, ...next, ...last]).toHaveLength(5);
      expect(new Set([...first, ...next, ...last].map(({ id }: { id: string }) => id)).size).toBe(5);
      expect(await page(next[0].id, -2)).toEqual(first);
    },
  );

  it.runIf(has("paginatedTeams", "workspaceAddTeam"))(
    "adds a team to a Workspace, which its members can then see",
    async () => {
      if (has("createTeam", "updateTeam")) {
        const created = await admin.run("createTeam", { name: "Dat", description: "", provider: "local", userIds: [] });
        const given = { id: created.team.id, newName: "Data", addUserIds: [memberId], removeUserIds: [], name: "" };
        expect(await admin.run("updateTeam", given)).toMatchObject({ team: { id: created.team.id, name: "Data" } });
        team.teamId = created.team.id;
      } else {
        // Earlier platforms only have the teams of their identity provider.
        team.teamId = (await build.team({ name: "Data", members: [{ id: memberId }] })).team.id;
      }
      const where = { teamUuid: team.teamId, workspaceUuid };
      expect(await admin.run("paginatedTeams", { take: 20, cursor: "", workspaceUuid: "" })).toMatchObject({
        count: 1,
        teams: [{ id: team.teamId, name: "Data" }],
      });
      expect(await admin.run("team", { teamUuid: team.teamId, workspaceUuid: "" })).toMatchObject({
        name: "Data",
        roleBindings: [],
      });
      expect(await admin.run("teamUsers", { teamUuid: team.teamId })).toMatchObject([{ id: memberId }]);
      expect(await member.errorOf("workspace", { workspaceUuid })).toBe(DENIED);
      expect(await admin.run("workspaceAddTeam", { ...where, role: "WORKSPACE_VIEWER" })).toMatchObject({
        id: workspaceUuid,
      });
      expect(await member.run("workspace", { workspaceUuid })).toMatchObject({ label: "Blue" });
      expect(await admin.run("workspaceUpdateTeamRole", { ...where, role: "WORKSPACE_EDITOR" })).toBe(
        "WORKSPACE_EDITOR",
      );
      expect(await admin.run("workspaceTeams", { workspaceUuid })).toMatchObject([
        { id: team.teamId, roleBindings: [{ role: "WORKSPACE_EDITOR", workspace: { id: workspaceUuid } }] },
      ]);
      expect(await teamRoles()).toEqual([{ role: "WORKSPACE_EDITOR", workspaceId: workspaceUuid, deploymentId: null }]);
      expect(await admin.run("workspaceRemoveTeam", where)).toMatchObject({ id: workspaceUuid });
      expect(await teamRoles()).toEqual([]);
      await signInAgain();
      expect(await member.run("workspaces")).toEqual([]);
    },
  );

  it.runIf(has("deploymentAddTeamRole"))("adds a team's role in a Deployment, changes it and removes it", async () => {
    const { deploymentUuid } = deployment;
    const where = { teamUuid: team.teamId, deploymentUuid };
    const added = await admin.run("deploymentAddTeamRole", { ...where, role: "DEPLOYMENT_VIEWER" });
    expect(added).toMatchObject({ role: "DEPLOYMENT_VIEWER", deployment: { id: deploymentUuid } });
    const changed = await admin.run("deploymentUpdateTeamRole", { ...where, role: "DEPLOYMENT_EDITOR" });
    expect(changed.role).toBe("DEPLOYMENT_EDITOR");
    expect(await admin.run("deploymentTeams", { deploymentUuid })).toMatchObject([
      { id: team.teamId, roleBindings: [{ role: "DEPLOYMENT_EDITOR", deployment: { id: deploymentUuid } }] },
    ]);
    expect(await member.run("deployment", { id: deploymentUuid })).toMatchObject({ id: deploymentUuid });
    expect(await teamRoles()).toEqual([{ role: "DEPLOYMENT_EDITOR", workspaceId: null, deploymentId: deploymentUuid }]);
    await admin.run("deploymentRemoveTeamRole", where);
    expect(await teamRoles()).toEqual([]);
    await signInAgain();
    expect(await member.errorOf("deployment", { id: deploymentUuid })).toBe(DENIED);
  });

  it.runIf(has("createTeamSystemRoleBinding"))("adds a team's system role and removes it", async () => {
    const binding = { teamUuid: team.teamId, role: "SYSTEM_VIEWER" };
    expect(await admin.run("createTeamSystemRoleBinding", binding)).toEqual({ role: "SYSTEM_VIEWER" });
    expect(await teamRoles()).toEqual([{ role: "SYSTEM_VIEWER", workspaceId: null, deploymentId: null }]);
    expect(await member.run("workspace", { workspaceUuid })).toMatchObject({ id: workspaceUuid });
    expect(await admin.run("deleteTeamSystemRoleBinding", binding)).toEqual({ role: "SYSTEM_VIEWER" });
    expect(await teamRoles()).toEqual([]);
    await signInAgain();
    expect(await member.errorOf("workspace", { workspaceUuid })).toBe(DENIED);
  });

  it.runIf(has("removeTeam"))("removes a team", async () => {
    expect(await admin.run("removeTeam", { teamUuid: team.teamId })).toMatchObject({ id: team.teamId, name: "Data" });
    expect((await admin.run("paginatedTeams", { take: 20, cursor: "", workspaceUuid: "" })).count).toBe(0);
    expect(await running.db.team.count()).toBe(0);
  });

  it("lists available versions", async () => {
    const { airflowImages, airflowVersions, defaultAirflowImageTag } = await admin.run("deploymentConfig");
    expect(airflowImages.length).toBeGreaterThan(0);
    expect(airflowVersions).toContain("2.9.3");
    expect(defaultAirflowImageTag).toEqual(expect.any(String));
    if (!from("0.29.0")) return;
    const releases = await admin.run("runtimeReleases", { clusterId: "", airflowVersion: "" });
    expect(releases).toContainEqual(expect.objectContaining({ version: "7.2.0", airflowVersion: "2.5.1" }));
  });

  it("schedules an upgrade, cancels it, schedules it again and deploys an image that completes it", async () => {
    const { deploymentUuid, releaseName } = deployment;
    if (!from("0.29.0")) {
      const planned = await admin.run("updateVersion", { deploymentUuid, desiredAirflowVersion: "2.9.3" });
      expect(planned).toMatchObject({ airflowVersion: "2.9.1", desiredAirflowVersion: "2.9.3" });
      expect(await stored()).toMatchObject({ airflowVersion: "2.9.1", desiredAirflowVersion: "2.9.3" });
      // These clients cancel by going back to the current version.
      const cancelled = await admin.run("updateVersion", { deploymentUuid, desiredAirflowVersion: "2.9.1" });
      expect(cancelled).toMatchObject({ airflowVersion: "2.9.1", desiredAirflowVersion: "2.9.1" });
      expect(await stored()).toMatchObject({ airflowVersion: "2.9.1", desiredAirflowVersion: "2.9.1" });
      return;
    }
    // Clients cancel without knowing whether an upgrade is pending.
    expect(await admin.run("cancelRuntimeUpdate", { deploymentUuid })).toMatchObject({ id: deploymentUuid });
    const move = { deploymentUuid, desiredRuntimeVersion: "7.4.2" };
    const pending = { runtimeVersion: "7.2.0", desiredRuntimeVersion: "7.4.2" };
    expect(await admin.run("updateVersion", move)).toMatchObject(pending);
    expect(await stored()).toMatchObject(pending);
    expect(await admin.run("cancelRuntimeUpdate", { deploymentUuid })).toMatchObject({
      desiredRuntimeVersion: "7.2.0",
    });
    expect(await stored()).toMatchObject({ runtimeVersion: "7.2.0", desiredRuntimeVersion: "7.2.0" });
    expect(await admin.run("updateVersion", move)).toMatchObject(pending);
    const image = `registry.example.com/${releaseName}/airflow:deploy-1`;
    const deployed = await admin.run("updateDeploymentImage", {
      releaseName,
      image,
      airflowVersion: "2.5.3+astro.1",
      runtimeVersion: "7.4.2",
    });
    expect(deployed).toMatchObject({
      id: deploymentUuid,
      airflowVersion: null,
      runtimeVersion: "7.4.2",
      desiredRuntimeVersion: "7.4.2",
      label: "Flows",
    });
    const run = { runtimeVersion: "7.4.2", airflowVersion: "2.5.3", desiredRuntimeVersion: "7.4.2" };
    expect(await stored()).toMatchObject({ ...run, image, deployCount: 1 });
  });

  it("gets a clear error when the platform has no logs", async () => {
    const timestamp = "2026-11-21T06:43:42.383924246Z";
    const asked = { deploymentUuid: deployment.deploymentUuid, component: "webserver", timestamp, search: "" };
    expect(await admin.errorOf("logs", asked)).not.toMatch(/internal|Cannot query field/i);
    expect(await member.errorOf("logs", asked)).toBe(DENIED);
  });

  it.runIf(has("adoptDeployment", "unadoptDeployment"))(
    "cannot adopt an Airflow without its cluster, and releases an adopted one",
    async () => {
      const [cluster] = (await admin.run("paginatedClusters")).clusters;
      const given = { workspaceUuid, clusterId: cluster.id, crNamespace: "sales", crName: "sales", label: "Sales" };
      expect(await admin.errorOf("adoptDeployment", given)).toMatch(/cluster/i);
      const adopted = await build.deployment({ workspaceId: workspaceUuid, adoptedAt: new Date(), adoption: {} });
      const { id, label } = adopted.deployment;
      expect(await admin.run("unadoptDeployment", { deploymentUuid: id })).toMatchObject({ id, label });
      expect((await running.db.deployment.findUniqueOrThrow({ where: { id } })).deletedAt).not.toBeNull();
      expect(await admin.run("workspaceDeployments", { workspaceUuid, releaseName: "" })).toHaveLength(1);
    },
  );

  it("lists namespaces and clusters", async () => {
    expect(await member.run("availableNamespaces", { clusterId: "" })).toEqual([]);
    if (!from("1.0.0")) return;
    const { count, clusters } = await admin.run("paginatedClusters");
    expect(clusters).toHaveLength(count);
    expect(count).toBe(1);
  });
});
