import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestApp, type TestApp } from "../../support/app.ts";
import { createBuild } from "../../support/build.ts";
import { type Client, compare, connect, knows } from "./client.ts";
import { allDocuments } from "./laterDocuments.ts";
import { versions } from "./versions.ts";

const DENIED = "You do not have the appropriate permissions for that";
const names = (list: { label?: string; name?: string; username?: string }[]) =>
  list.map(({ label, name, username }) => label ?? name ?? username);

// One after the other: each step goes on where the one before has stopped.
describe.each(versions)("a client of platform %s", (version) => {
  let running: TestApp;
  let build: ReturnType<typeof createBuild>;
  let admin: Client;
  let stranger: Client;
  let member: Client;
  let memberId = "";
  let workspaceUuid = "";
  const deployment = { deploymentUuid: "", releaseName: "" };
  const team = { teamId: "" };
  /** Whoever may less than before has to sign in again. */
  const signInAgain = async () => {
    member = stranger.as(await build.tokenOf(memberId));
  };
  const from = (since: string) => compare(version, since) >= 0;
  const has = (...names: string[]) => knows(allDocuments, version, ...names);
  const stored = () => running.db.deployment.findUniqueOrThrow({ where: { id: deployment.deploymentUuid } });
  const teamRoles = () =>
    running.db.roleBinding.findMany({ where: team, select: { role: true, workspaceId: true, deploymentId: true } });

  beforeAll(async () => {
    // Their key is in the contract; whoever pushes images to a registry of their own has it on.
    const deployments = { enableUpdateDeploymentImageEndpoint: true } as object;
    running = await startTestApp({ helm: { releaseVersion: version }, deployments });
    build = createBuild(running.db, running.config);
    stranger = await connect(running.url, allDocuments);
    admin = stranger.as((await build.systemAdmin()).token);
    const person = await build.user({ email: "member@example.com" });
    memberId = person.id;
    member = stranger.as(person.token);
    workspaceUuid = (await admin.ask("createWorkspace", { label: "Blue" })).id;
    const made = await admin.ask("createDeployment", {
      label: "Flows",
      workspaceUuid,
      executor: "CeleryExecutor",
      ...(from("0.29.0") ? { runtimeVersion: "7.2.0" } : { airflowVersion: "2.9.1" }),
    });
    Object.assign(deployment, { deploymentUuid: made.id, releaseName: made.releaseName });
  });
  afterAll(() => running.close());

  it.runIf(has("paginatedWorkspaces", "paginatedWorkspaceUsers"))(
    "leafs through Workspaces by number and through their people by cursor",
    async () => {
      await admin.ask("createWorkspace", { label: "Green" });
      expect(names(await admin.ask("paginatedWorkspaces", { take: 1, pageNumber: 0 }))).toEqual(["Blue"]);
      expect(names(await admin.ask("paginatedWorkspaces", { take: 1, pageNumber: 1 }))).toEqual(["Green"]);
      expect(await admin.ask("paginatedWorkspaces", { take: 1, pageNumber: 2 })).toEqual([]);
      for (let n = 0; n < 4; n++)
        await build.user({
          email: `u${n}@example.com`,
          roles: [{ role: "WORKSPACE_VIEWER", workspaceId: workspaceUuid }],
        });
      const page = (cursor: string, take: number) =>
        admin.ask("paginatedWorkspaceUsers", { workspaceUuid, cursor, take });
      const first = await page("", 2);
      const next = await page(first.at(-1).id, 2);
      const last = await page(next.at(-1).id, 2);
      expect([...first, ...next, ...last]).toHaveLength(5);
      expect(new Set([...first, ...next, ...last].map(({ id }: { id: string }) => id)).size).toBe(5);
      expect(await page(next[0].id, -2)).toEqual(first);
    },
  );

  it.runIf(has("paginatedTeams", "workspaceAddTeam"))(
    "brings a team into a Workspace, and its members see that",
    async () => {
      if (has("createTeam", "updateTeam")) {
        const made = await admin.ask("createTeam", { name: "Dat", description: "", provider: "local", userIds: [] });
        const given = { id: made.team.id, newName: "Data", addUserIds: [memberId], removeUserIds: [], name: "" };
        expect(await admin.ask("updateTeam", given)).toMatchObject({ team: { id: made.team.id, name: "Data" } });
        team.teamId = made.team.id;
      } else {
        // Earlier platforms have the teams of their identity provider only.
        team.teamId = (await build.team({ name: "Data", members: [{ id: memberId }] })).team.id;
      }
      const where = { teamUuid: team.teamId, workspaceUuid };
      expect(await admin.ask("paginatedTeams", { take: 20, cursor: "", workspaceUuid: "" })).toMatchObject({
        count: 1,
        teams: [{ id: team.teamId, name: "Data" }],
      });
      expect(await admin.ask("team", { teamUuid: team.teamId, workspaceUuid: "" })).toMatchObject({
        name: "Data",
        roleBindings: [],
      });
      expect(await admin.ask("teamUsers", { teamUuid: team.teamId })).toMatchObject([{ id: memberId }]);
      expect(await member.refused("workspace", { workspaceUuid })).toBe(DENIED);
      expect(await admin.ask("workspaceAddTeam", { ...where, role: "WORKSPACE_VIEWER" })).toMatchObject({
        id: workspaceUuid,
      });
      expect(await member.ask("workspace", { workspaceUuid })).toMatchObject({ label: "Blue" });
      expect(await admin.ask("workspaceUpdateTeamRole", { ...where, role: "WORKSPACE_EDITOR" })).toBe(
        "WORKSPACE_EDITOR",
      );
      expect(await admin.ask("workspaceTeams", { workspaceUuid })).toMatchObject([
        { id: team.teamId, roleBindings: [{ role: "WORKSPACE_EDITOR", workspace: { id: workspaceUuid } }] },
      ]);
      expect(await teamRoles()).toEqual([{ role: "WORKSPACE_EDITOR", workspaceId: workspaceUuid, deploymentId: null }]);
      expect(await admin.ask("workspaceRemoveTeam", where)).toMatchObject({ id: workspaceUuid });
      expect(await teamRoles()).toEqual([]);
      await signInAgain();
      expect(await member.ask("workspaces")).toEqual([]);
    },
  );

  it.runIf(has("deploymentAddTeamRole"))(
    "gives a team a role in a Deployment, changes it and takes it away",
    async () => {
      const { deploymentUuid } = deployment;
      const where = { teamUuid: team.teamId, deploymentUuid };
      const added = await admin.ask("deploymentAddTeamRole", { ...where, role: "DEPLOYMENT_VIEWER" });
      expect(added).toMatchObject({ role: "DEPLOYMENT_VIEWER", deployment: { id: deploymentUuid } });
      const changed = await admin.ask("deploymentUpdateTeamRole", { ...where, role: "DEPLOYMENT_EDITOR" });
      expect(changed.role).toBe("DEPLOYMENT_EDITOR");
      expect(await admin.ask("deploymentTeams", { deploymentUuid })).toMatchObject([
        { id: team.teamId, roleBindings: [{ role: "DEPLOYMENT_EDITOR", deployment: { id: deploymentUuid } }] },
      ]);
      expect(await member.ask("deployment", { id: deploymentUuid })).toMatchObject({ id: deploymentUuid });
      expect(await teamRoles()).toEqual([
        { role: "DEPLOYMENT_EDITOR", workspaceId: null, deploymentId: deploymentUuid },
      ]);
      await admin.ask("deploymentRemoveTeamRole", where);
      expect(await teamRoles()).toEqual([]);
      await signInAgain();
      expect(await member.refused("deployment", { id: deploymentUuid })).toBe(DENIED);
    },
  );

  it.runIf(has("createTeamSystemRoleBinding"))("gives a team a system role and takes it away", async () => {
    const binding = { teamUuid: team.teamId, role: "SYSTEM_VIEWER" };
    expect(await admin.ask("createTeamSystemRoleBinding", binding)).toEqual({ role: "SYSTEM_VIEWER" });
    expect(await teamRoles()).toEqual([{ role: "SYSTEM_VIEWER", workspaceId: null, deploymentId: null }]);
    expect(await member.ask("workspace", { workspaceUuid })).toMatchObject({ id: workspaceUuid });
    expect(await admin.ask("deleteTeamSystemRoleBinding", binding)).toEqual({ role: "SYSTEM_VIEWER" });
    expect(await teamRoles()).toEqual([]);
    await signInAgain();
    expect(await member.refused("workspace", { workspaceUuid })).toBe(DENIED);
  });

  it.runIf(has("removeTeam"))("removes a team", async () => {
    expect(await admin.ask("removeTeam", { teamUuid: team.teamId })).toMatchObject({ id: team.teamId, name: "Data" });
    expect((await admin.ask("paginatedTeams", { take: 20, cursor: "", workspaceUuid: "" })).count).toBe(0);
    expect(await running.db.team.count()).toBe(0);
  });

  it("asks which versions there are", async () => {
    const { airflowImages, airflowVersions, defaultAirflowImageTag } = await admin.ask("deploymentConfig");
    expect(airflowImages.length).toBeGreaterThan(0);
    expect(airflowVersions).toContain("2.9.3");
    expect(defaultAirflowImageTag).toEqual(expect.any(String));
    if (!from("0.29.0")) return;
    const releases = await admin.ask("runtimeReleases", { clusterId: "", airflowVersion: "" });
    expect(releases).toContainEqual(expect.objectContaining({ version: "7.2.0", airflowVersion: "2.5.1" }));
  });

  it("plans an upgrade, cancels it, plans it again and deploys an image that carries it out", async () => {
    const { deploymentUuid, releaseName } = deployment;
    if (!from("0.29.0")) {
      const planned = await admin.ask("updateVersion", { deploymentUuid, desiredAirflowVersion: "2.9.3" });
      expect(planned).toMatchObject({ airflowVersion: "2.9.1", desiredAirflowVersion: "2.9.3" });
      expect(await stored()).toMatchObject({ airflowVersion: "2.9.1", desiredAirflowVersion: "2.9.3" });
      // Going back to the present version is how these clients cancel.
      const cancelled = await admin.ask("updateVersion", { deploymentUuid, desiredAirflowVersion: "2.9.1" });
      expect(cancelled).toMatchObject({ airflowVersion: "2.9.1", desiredAirflowVersion: "2.9.1" });
      expect(await stored()).toMatchObject({ airflowVersion: "2.9.1", desiredAirflowVersion: "2.9.1" });
      return;
    }
    // Clients cancel before they know whether anything is pending.
    expect(await admin.ask("cancelRuntimeUpdate", { deploymentUuid })).toMatchObject({ id: deploymentUuid });
    const move = { deploymentUuid, desiredRuntimeVersion: "7.4.2" };
    const pending = { runtimeVersion: "7.2.0", desiredRuntimeVersion: "7.4.2" };
    expect(await admin.ask("updateVersion", move)).toMatchObject(pending);
    expect(await stored()).toMatchObject(pending);
    expect(await admin.ask("cancelRuntimeUpdate", { deploymentUuid })).toMatchObject({
      desiredRuntimeVersion: "7.2.0",
    });
    expect(await stored()).toMatchObject({ runtimeVersion: "7.2.0", desiredRuntimeVersion: "7.2.0" });
    expect(await admin.ask("updateVersion", move)).toMatchObject(pending);
    const image = `registry.example.com/${releaseName}/airflow:deploy-1`;
    const deployed = await admin.ask("updateDeploymentImage", {
      releaseName,
      image,
      airflowVersion: "",
      runtimeVersion: "7.4.2",
    });
    expect(deployed).toMatchObject({
      id: deploymentUuid,
      runtimeVersion: "7.4.2",
      desiredRuntimeVersion: "7.4.2",
      label: "Flows",
    });
    const run = { runtimeVersion: "7.4.2", airflowVersion: "2.5.3", desiredRuntimeVersion: "7.4.2" };
    expect(await stored()).toMatchObject({ ...run, image, deployCount: 1 });
  });

  it("is told plainly where there are no logs to read", async () => {
    const timestamp = "2026-11-21T06:43:42.383924246Z";
    const asked = { deploymentUuid: deployment.deploymentUuid, component: "webserver", timestamp, search: "" };
    expect(await admin.refused("logs", asked)).not.toMatch(/internal|Cannot query field/i);
    expect(await member.refused("logs", asked)).toBe(DENIED);
  });

  it.runIf(has("adoptDeployment", "unadoptDeployment"))(
    "adopts no Airflow without its cluster, and lets one go",
    async () => {
      const [cluster] = (await admin.ask("paginatedClusters")).clusters;
      const given = { workspaceUuid, clusterId: cluster.id, crNamespace: "sales", crName: "sales", label: "Sales" };
      expect(await admin.refused("adoptDeployment", given)).toMatch(/cluster/i);
      const adopted = await build.deployment({ workspaceId: workspaceUuid, adoptedAt: new Date(), adoption: {} });
      const { id, label } = adopted.deployment;
      expect(await admin.ask("unadoptDeployment", { deploymentUuid: id })).toMatchObject({ id, label });
      expect((await running.db.deployment.findUniqueOrThrow({ where: { id } })).deletedAt).not.toBeNull();
      expect(await admin.ask("workspaceDeployments", { workspaceUuid, releaseName: "" })).toHaveLength(1);
    },
  );

  it("asks for namespaces and clusters", async () => {
    expect(await member.ask("availableNamespaces", { clusterId: "" })).toEqual([]);
    if (!from("1.0.0")) return;
    const { count, clusters } = await admin.ask("paginatedClusters");
    expect(clusters).toHaveLength(count);
    expect(count).toBe(1);
  });
});
