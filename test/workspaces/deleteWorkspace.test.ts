import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build, db } = await testHouston();

const DELETE = `mutation ($workspaceUuid: Uuid!) { deleteWorkspace(workspaceUuid: $workspaceUuid) { id label users { id } } }`;

describe("deleteWorkspace", () => {
  it("deletes the Workspace with everything in it, and returns it", async () => {
    const { workspace, admin } = await build.workspace();
    const gone = await build.deployment({ workspaceId: workspace.id, deletedAt: new Date() });
    const account = await build.serviceAccount({ role: "WORKSPACE_VIEWER", workspaceId: workspace.id });
    await db.invite.create({
      data: { email: "guest@example.com", workspaceId: workspace.id, tokenHash: "x", expiresAt: new Date() },
    });
    const { data } = await as(admin).send(DELETE, { workspaceUuid: workspace.id });
    expect(data.deleteWorkspace).toMatchObject({ id: workspace.id, label: workspace.label });
    expect(data.deleteWorkspace.users).toHaveLength(3);
    expect(await db.workspace.count({ where: { id: workspace.id } })).toBe(0);
    expect(await db.roleBinding.count({ where: { workspaceId: workspace.id } })).toBe(0);
    expect(await db.deployment.count({ where: { id: gone.deployment.id } })).toBe(0);
    expect(await db.releaseName.count({ where: { name: gone.deployment.releaseName } })).toBe(0);
    expect(await db.invite.count({ where: { workspaceId: workspace.id } })).toBe(0);
    expect(outcomeOf(await as(account).send("{ workspaces { id } }"))).toBe("UNAUTHENTICATED");
    expect(await db.auditEntry.findFirst({ where: { entityId: workspace.id } })).toMatchObject({
      action: "deleteWorkspace",
      detail: { label: workspace.label },
    });
  });

  it("rejects a Workspace with Deployments", async () => {
    const { home } = await build.deployment();
    const { errors } = await as(home?.admin).send(DELETE, { workspaceUuid: home?.workspace.id });
    expect(errors).toMatchObject([
      {
        message: "workspaceUuid: the Workspace still has 1 Deployment; delete them first",
        extensions: { code: "CONFLICT", argument: "workspaceUuid" },
      },
    ]);
    expect(await db.workspace.count({ where: { id: home?.workspace.id ?? "" } })).toBe(1);
  });

  it("rejects editors, outsiders, anonymous callers and unknown Workspaces", async () => {
    const { workspace, editor, outsider } = await build.workspace();
    const outcome = async (someone: { token: string } | undefined, workspaceUuid = workspace.id) =>
      outcomeOf(await as(someone).send(DELETE, { workspaceUuid }));
    expect(await outcome(editor)).toBe("FORBIDDEN");
    expect(await outcome(outsider)).toBe("FORBIDDEN");
    expect(await outcome(undefined)).toBe("UNAUTHENTICATED");
    expect(await outcome(await build.systemAdmin(), "nowhere")).toBe("NOT_FOUND workspaceUuid");
    expect(await db.workspace.count({ where: { id: workspace.id } })).toBe(1);
  });

  it("succeeds once for several concurrent requests", async () => {
    const { workspace, admin } = await build.workspace();
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => as(admin).send(DELETE, { workspaceUuid: workspace.id })),
    );
    const outcomes = answers.map(outcomeOf);
    expect(outcomes.filter((outcome) => outcome === "ok")).toHaveLength(1);
    for (const outcome of outcomes) expect(outcome).toMatch(/^(ok|NOT_FOUND|FORBIDDEN)/);
  });
});
