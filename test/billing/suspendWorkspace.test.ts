import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build, db } = await testHouston();

const SUSPEND = `mutation ($workspaceUuid: Uuid!, $isSuspended: Boolean!) {
  suspendWorkspace(workspaceUuid: $workspaceUuid, isSuspended: $isSuspended) { id active }
}`;

/** A Workspace with a Deployment, and a function that suspends it. */
async function scene() {
  const home = await build.workspace();
  const { deployment } = await build.deployment({ workspaceId: home.workspace.id });
  const systemAdmin = await build.systemAdmin();
  const suspend = (isSuspended: boolean) =>
    as(systemAdmin).send(SUSPEND, { workspaceUuid: home.workspace.id, isSuspended });
  return { ...home, deployment, systemAdmin, suspend };
}

describe("suspendWorkspace", () => {
  it("suspends and resumes a Workspace, also repeatedly", async () => {
    const { workspace, suspend } = await scene();
    for (const isSuspended of [true, true, false, false]) {
      const { data } = await suspend(isSuspended);
      expect(data.suspendWorkspace).toEqual({ id: workspace.id, active: !isSuspended });
      expect(await db.workspace.findUniqueOrThrow({ where: { id: workspace.id } })).toMatchObject({
        active: !isSuspended,
      });
    }
    expect(await db.auditEntry.count({ where: { entityId: workspace.id, action: "suspendWorkspace" } })).toBe(4);
  });

  it("leaves everything readable, and users and service accounts editable", async () => {
    const { workspace, deployment, admin, viewer, suspend } = await scene();
    await suspend(true);
    const { data } = await as(viewer).send(
      `query ($w: Uuid!) { workspace(workspaceUuid: $w) { label active deployments { id } } }`,
      { w: workspace.id },
    );
    expect(data.workspace).toEqual({ label: workspace.label, active: false, deployments: [{ id: deployment.id }] });
    const remove = `mutation ($w: Uuid!, $u: Uuid) { workspaceRemoveUser(workspaceUuid: $w, userUuid: $u) { id } }`;
    expect(outcomeOf(await as(admin).send(remove, { w: workspace.id, u: viewer.id }))).toBe("ok");
  });

  it("does not affect other Workspaces", async () => {
    const [{ suspend }, other] = [await scene(), await scene()];
    await suspend(true);
    const update = `mutation ($d: Uuid!) { updateDeployment(deploymentUuid: $d, payload: { label: "New" }) { id } }`;
    expect(outcomeOf(await as(other.admin).send(update, { d: other.deployment.id }))).toBe("ok");
  });

  it("rejects Workspace Admins, anonymous callers and unknown Workspaces", async () => {
    const { workspace, admin, systemAdmin } = await scene();
    const variables = { workspaceUuid: workspace.id, isSuspended: true };
    expect(outcomeOf(await as(admin).send(SUSPEND, variables))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(undefined).send(SUSPEND, variables))).toBe("UNAUTHENTICATED");
    const unknown = await as(systemAdmin).send(SUSPEND, { ...variables, workspaceUuid: "nowhere" });
    expect(outcomeOf(unknown)).toBe("NOT_FOUND workspaceUuid");
    expect(await db.workspace.findUniqueOrThrow({ where: { id: workspace.id } })).toEqual(workspace);
  });

  it("requires isSuspended", async () => {
    const { workspace, systemAdmin } = await scene();
    const { errors } = await as(systemAdmin).send(SUSPEND, { workspaceUuid: workspace.id });
    expect(errors?.[0]?.message).toContain("isSuspended");
    expect(await db.workspace.findUniqueOrThrow({ where: { id: workspace.id } })).toEqual(workspace);
  });
});
