import { describe, expect, it } from "vitest";
import { countStatements } from "../support/countStatements.ts";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build, db } = await testHouston();

const WORKSPACES = `query ($label: String, $workspaceUuid: Uuid, $userUuid: Uuid) {
  workspaces(label: $label, workspaceUuid: $workspaceUuid, userUuid: $userUuid) { id label }
}`;

const [one, two] = [await build.workspace({ label: "One" }), await build.workspace({ label: "Two" })];
await db.roleBinding.create({
  data: { userId: one.viewer.id, workspaceId: two.workspace.id, role: "WORKSPACE_VIEWER" },
});
const systemViewer = await build.user({ roles: [{ role: "SYSTEM_VIEWER" }] });
const labels = async (someone: { token: string }, variables: object = {}) => {
  const { data, errors } = await as(someone).send(WORKSPACES, { ...variables });
  expect(errors).toBeUndefined();
  return data.workspaces.map(({ label }: { label: string }) => label);
};

describe("workspaces", () => {
  it("lists the Workspaces that the caller may see, in two statements", async () => {
    const account = await build.serviceAccount({ role: "WORKSPACE_EDITOR", workspaceId: two.workspace.id });
    expect(await labels(one.admin)).toEqual(["One"]);
    expect(await labels(one.viewer)).toEqual(["One", "Two"]);
    expect(await labels(one.outsider)).toEqual([]);
    expect(await labels(systemViewer)).toEqual(["One", "Two"]);
    expect(await labels(account)).toEqual(["Two"]);
    const { statements } = await countStatements(() => labels(one.viewer));
    expect(statements.length).toBeLessThanOrEqual(2);
  });

  it.each([
    [{ label: "Two" }, ["Two"]],
    [{ label: "two" }, []],
    [{ workspaceUuid: one.workspace.id, label: "" }, ["One"]],
    [{ workspaceUuid: one.workspace.id, label: "Two" }, []],
    [{ userUuid: two.admin.id }, ["Two"]],
    [{ userUuid: one.outsider.id }, []],
    [{ label: null, workspaceUuid: "", userUuid: "" }, ["One", "Two"]],
  ])("filters by %j", async (variables, expected) => {
    expect(await labels(systemViewer, variables)).toEqual(expected);
  });

  it("does not find more by searching", async () => {
    expect(await labels(one.admin, { workspaceUuid: two.workspace.id })).toEqual([]);
    expect(await labels(one.admin, { userUuid: two.admin.id })).toEqual([]);
  });

  it("denies anonymous callers", async () => {
    expect(outcomeOf(await as(undefined).send(WORKSPACES))).toBe("UNAUTHENTICATED");
  });
});
