import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { deploymentCalls } from "./deploymentCalls.ts";
import { secondOrganization } from "./secondOrganization.ts";

// Custom roles: one sees Deployments in the lists of its Workspace only, one sees their settings only.
const { build, db, url } = await testHouston({
  roles: {
    WORKSPACE_VIEWER: { permissions: { "deployment.config.get": false } },
    WORKSPACE_EDITOR: { permissions: { "workspace.deployments.get": false } },
  },
});
const rest = deploymentCalls(url);

const first = await build.deployment();
const workspaceId = first.home?.workspace.id ?? "";
const neighbor = await build.deployment({ workspaceId });
const far = await build.deployment();
const other = await secondOrganization(db, build);
const here = [first, neighbor, far].map(({ deployment }) => deployment.id);
const [one = "", two = ""] = here;

const systemRole = (role: "SYSTEM_ADMIN" | "SYSTEM_EDITOR" | "SYSTEM_VIEWER") => build.user({ roles: [{ role }] });
const account = (role: "WORKSPACE_ADMIN" | "WORKSPACE_VIEWER") => build.serviceAccount({ role, workspaceId });
const { member } = await build.team({ roles: [{ role: "DEPLOYMENT_VIEWER", deploymentId: two }] });

interface Row {
  who: string;
  caller: { token: string } | undefined;
  sees: string[];
  /** Whether it also sees the environment variables. */
  variables?: boolean;
}

const callers: Row[] = [
  { who: "a System Admin", caller: await systemRole("SYSTEM_ADMIN"), sees: here, variables: true },
  { who: "a System Editor", caller: await systemRole("SYSTEM_EDITOR"), sees: here, variables: true },
  { who: "a System Viewer", caller: await systemRole("SYSTEM_VIEWER"), sees: here, variables: true },
  { who: "a Workspace Admin", caller: first.home?.admin, sees: [one, two], variables: true },
  { who: "an Editor who may not list", caller: first.home?.editor, sees: [], variables: false },
  { who: "a Viewer who may only list", caller: first.home?.viewer, sees: [one, two], variables: false },
  { who: "a Deployment Admin", caller: first.admin, sees: [one], variables: true },
  { who: "a Deployment Editor", caller: first.editor, sees: [one], variables: true },
  { who: "a Deployment Viewer", caller: first.viewer, sees: [one], variables: true },
  { who: "a member of a team", caller: member, sees: [two], variables: true },
  { who: "a service account of the Workspace", caller: await account("WORKSPACE_VIEWER"), sees: [one, two] },
  { who: "an outsider", caller: first.home?.outsider, sees: [] },
];

describe("who sees which Deployments", () => {
  it.each(callers)("$who sees the same in the list and one by one", async ({ caller, sees, variables }) => {
    const { body } = await rest(caller).get("");
    expect(body.deployments.map(({ id }: { id: string }) => id).sort()).toEqual([...sees].sort());
    expect(body.totalCount).toBe(sees.length);
    for (const id of here) {
      const answer = await rest(caller).get(`/${id}`);
      expect(answer.status).toBe(sees.includes(id) ? 200 : 404);
      if (answer.status === 404) continue;
      expect(answer.body).toEqual(body.deployments.find((listed: { id: string }) => listed.id === id));
      if (variables !== undefined) expect("environmentVariables" in answer.body).toBe(variables);
    }
  });

  it("answers 404 for an unknown Deployment, a deleted one and one of another Organization", async () => {
    const admin = await build.systemAdmin();
    const gone = await build.deployment({ workspaceId, deletedAt: new Date() });
    for (const id of ["unknown", gone.deployment.id, other.inside.deployment.id]) {
      const { status, body } = await rest(admin).get(`/${id}`);
      expect(status).toBe(404);
      expect(body.message).toContain("unknown deploymentId");
    }
    expect((await rest(admin, other.path).get(`/${other.inside.deployment.id}`)).status).toBe(200);
  });

  it("denies those who do not belong to the Organization, also what exists there", async () => {
    for (const id of [other.inside.deployment.id, one, "unknown"]) {
      expect((await rest(first.admin, other.path).get(`/${id}`)).status).toBe(403);
    }
    expect((await rest(undefined).get(`/${one}`)).status).toBe(401);
  });
});
