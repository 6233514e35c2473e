import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build, db } = await testHouston({ deployments: { pagination: { workspaceUsers: { maxTake: 4 } } } });

const PAGE = `query ($workspaceUuid: Uuid!, $cursor: Uuid, $take: Int) {
  paginatedWorkspaceUsers(workspaceUuid: $workspaceUuid, cursor: $cursor, take: $take) {
    id username roleBindings { role workspace { id } }
  }
}`;

const { workspace, admin, viewer, outsider } = await build.workspace();
const workspaceUuid = workspace.id;
for (let n = 0; n < 5; n++) await build.user({ roles: [{ role: "WORKSPACE_VIEWER", workspaceId: workspace.id }] });
await build.serviceAccount({ role: "WORKSPACE_VIEWER", workspaceId: workspace.id });
const { admin: deployer } = await build.deployment({ workspaceId: workspace.id });
const members = async () => {
  const rows = await db.roleBinding.findMany({ where: { workspaceId: workspace.id, userId: { not: null } } });
  return rows.map(({ userId }) => String(userId)).sort();
};
const ordered = await members();

describe("paginatedWorkspaceUsers", () => {
  it.each([
    [{}, [0, 1, 2, 3]],
    [{ take: 3 }, [0, 1, 2]],
    [{ take: 99, cursor: "" }, [0, 1, 2, 3]],
    [{ take: 3, cursor: ordered[2] }, [3, 4, 5]],
    [{ take: 3, cursor: ordered[6] }, [7]],
    [{ take: 3, cursor: ordered[7] }, []],
    [{ take: -3, cursor: ordered[5] }, [2, 3, 4]],
    [{ take: -3, cursor: ordered[1] }, [0]],
    [{ take: -1 }, [0, 1, 2, 3, 4, 5, 6, 7]],
    [{ take: -2 }, [6, 7]],
  ])("returns the page %j", async (variables, expected) => {
    for (let round = 0; round < 2; round++) {
      const { data } = await as(viewer).send(PAGE, { workspaceUuid, ...variables });
      expect(data.paginatedWorkspaceUsers.map(({ id }: { id: string }) => ordered.indexOf(id))).toEqual(expected);
    }
  });

  it("returns roles in the Workspace, and continues after a user who has left", async () => {
    const left = await build.user({ roles: [{ role: "WORKSPACE_EDITOR", workspaceId: workspace.id }] });
    const { data } = await as(admin).send(PAGE, { workspaceUuid, take: 1, cursor: (await members()).at(-2) });
    expect(data.paginatedWorkspaceUsers).toHaveLength(1);
    const [last] = data.paginatedWorkspaceUsers;
    expect(last.roleBindings).toMatchObject([{ workspace: { id: workspace.id } }]);
    await db.user.delete({ where: { id: left.id } });
    const after = ordered.filter((id) => id > left.id).slice(0, 4);
    const { data: later } = await as(admin).send(PAGE, { workspaceUuid, cursor: left.id });
    expect(later.paginatedWorkspaceUsers.map(({ id }: { id: string }) => id)).toEqual(after);
  });

  it("denies outsiders, users of a Deployment and anonymous callers", async () => {
    expect(outcomeOf(await as(outsider).send(PAGE, { workspaceUuid }))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(deployer).send(PAGE, { workspaceUuid }))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(undefined).send(PAGE, { workspaceUuid }))).toBe("UNAUTHENTICATED");
    expect(outcomeOf(await as(await build.systemAdmin()).send(PAGE, { workspaceUuid }))).toBe("ok");
  });

  it("rejects a take of 0, and an unknown or missing Workspace", async () => {
    const systemAdmin = await build.systemAdmin();
    expect(outcomeOf(await as(viewer).send(PAGE, { workspaceUuid, take: 0 }))).toBe("BAD_USER_INPUT take");
    expect(outcomeOf(await as(systemAdmin).send(PAGE, { workspaceUuid: "nowhere" }))).toBe("NOT_FOUND workspaceUuid");
    expect(outcomeOf(await as(systemAdmin).send(PAGE, { workspaceUuid: "" }))).toBe("BAD_USER_INPUT workspaceUuid");
  });
});
