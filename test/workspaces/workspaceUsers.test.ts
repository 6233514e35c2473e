import { describe, expect, it } from "vitest";
import { countStatements } from "../support/countStatements.ts";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build, db } = await testHouston();

const USERS = `query ($workspaceUuid: Uuid!, $user: UserSearch) {
  workspaceUsers(workspaceUuid: $workspaceUuid, user: $user) { id username roleBindings { role workspace { id } } }
}`;

const home = await build.workspace();
const { workspace, admin, editor, viewer, outsider } = home;
const idsOf = (users: { id: string }[]) => users.map(({ id }) => id).sort();

describe("workspaceUsers", () => {
  it("lists users with a role in the Workspace itself, and their roles there", async () => {
    const { deployment } = await build.deployment({ workspaceId: workspace.id });
    await build.serviceAccount({ role: "WORKSPACE_VIEWER", workspaceId: workspace.id });
    const { result, statements } = await countStatements(() =>
      as(viewer).send(USERS, { workspaceUuid: workspace.id, user: {} }),
    );
    expect(idsOf(result.data.workspaceUsers)).toEqual([admin.id, editor.id, viewer.id].sort());
    const [first] = result.data.workspaceUsers.filter(({ id }: { id: string }) => id === editor.id);
    expect(first.roleBindings).toEqual([{ role: "WORKSPACE_EDITOR", workspace: { id: workspace.id } }]);
    expect(statements).toHaveLength(2);
    expect(await db.roleBinding.count({ where: { deploymentId: deployment.id } })).toBe(3);
  });

  it.each([
    [{ email: editor.email.toUpperCase(), username: "" }, [editor.id]],
    [{ userId: viewer.id, fullName: "Test Person" }, [viewer.id]],
    [{ userUuid: outsider.id }, []],
    [{ email: editor.email, username: viewer.username }, []],
  ])("searches for %j", async (user, ids) => {
    const { data } = await as(admin).send(USERS, { workspaceUuid: workspace.id, user });
    expect(idsOf(data.workspaceUsers)).toEqual(ids);
  });

  it("denies outsiders, users of a Deployment and anonymous callers", async () => {
    const { admin: deployer } = await build.deployment({ workspaceId: workspace.id });
    const variables = { workspaceUuid: workspace.id };
    expect(outcomeOf(await as(outsider).send(USERS, variables))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(deployer).send(USERS, variables))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(undefined).send(USERS, variables))).toBe("UNAUTHENTICATED");
    expect(outcomeOf(await as(await build.systemAdmin()).send(USERS, variables))).toBe("ok");
  });

  it("rejects an unknown and a missing Workspace", async () => {
    const systemAdmin = await build.systemAdmin();
    expect(outcomeOf(await as(systemAdmin).send(USERS, { workspaceUuid: "nowhere" }))).toBe("NOT_FOUND workspaceUuid");
    expect(outcomeOf(await as(systemAdmin).send(USERS, { workspaceUuid: "" }))).toBe("BAD_USER_INPUT workspaceUuid");
  });
});
