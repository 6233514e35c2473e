import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build } = await testHouston({ deployments: { pagination: { system: { maxTake: 4 } } } });

const TEAMS = `query ($take: Int, $cursor: Uuid, $workspaceUuid: Uuid, $searchPhrase: String) {
  paginatedTeams(take: $take, cursor: $cursor, workspaceUuid: $workspaceUuid, searchPhrase: $searchPhrase) {
    count teams { id name users { id } }
  }
}`;

const { workspace, admin, viewer, outsider } = await build.workspace();
const boss = await build.user({ roles: [{ role: "SYSTEM_VIEWER" }] });
const teams: string[] = [];
for (const name of ["Ant", "Bee", "Cat", "Dog team", "Elk", "Fox team 50%"]) {
  const roles =
    name === "Bee" || name === "Dog team" ? [{ role: "WORKSPACE_VIEWER" as const, workspaceId: workspace.id }] : [];
  teams.push((await build.team({ name, roles })).team.id);
}
const page = async (given: Record<string, unknown>, someone: { token: string } = boss) => {
  const { data } = await as(someone).send(TEAMS, given);
  const { count, teams: found } = data.paginatedTeams;
  return [count, ...found.map(({ name }: { name: string }) => name)];
};

describe("paginatedTeams", () => {
  it("returns pages by cursor, forwards and backwards, with the total count", async () => {
    expect(await page({ take: 2 })).toEqual([6, "Ant", "Bee"]);
    expect(await page({ take: 2, cursor: teams[1] })).toEqual([6, "Cat", "Dog team"]);
    expect(await page({ take: 3, cursor: teams[3] })).toEqual([6, "Elk", "Fox team 50%"]);
    expect(await page({ take: 2, cursor: teams[5] })).toEqual([6]);
    expect(await page({ take: -2, cursor: teams[3] })).toEqual([6, "Bee", "Cat"]);
  });

  it("limits the page size as configured; -1 without a cursor returns all", async () => {
    expect(await page({})).toEqual([6, "Ant", "Bee", "Cat", "Dog team"]);
    expect(await page({ take: 100, cursor: "" })).toEqual([6, "Ant", "Bee", "Cat", "Dog team"]);
    expect(await page({ take: -1, cursor: "" })).toHaveLength(7);
  });

  it("searches names by three characters or more, and counts the matches", async () => {
    expect(await page({ searchPhrase: "team" })).toEqual([2, "Dog team", "Fox team 50%"]);
    expect(await page({ searchPhrase: " CAT " })).toEqual([1, "Cat"]);
    expect(await page({ searchPhrase: "50%" })).toEqual([1, "Fox team 50%"]);
    expect(await page({ searchPhrase: "t%m" })).toEqual([0]);
    expect(await page({ searchPhrase: "", workspaceUuid: "" })).toHaveLength(5);
    expect(await page({ searchPhrase: "nothing" })).toEqual([0]);
  });

  it("lists and counts the teams of a Workspace for its users", async () => {
    for (const someone of [admin, viewer]) {
      expect(await page({ workspaceUuid: workspace.id }, someone)).toEqual([2, "Bee", "Dog team"]);
      expect(await page({ workspaceUuid: workspace.id, take: 1 }, someone)).toEqual([2, "Bee"]);
      expect(await page({ workspaceUuid: workspace.id, take: 1, cursor: teams[1] }, someone)).toEqual([2, "Dog team"]);
      expect(await page({ workspaceUuid: workspace.id, searchPhrase: "dog" }, someone)).toEqual([1, "Dog team"]);
    }
    const { data } = await as(viewer).send(TEAMS, { workspaceUuid: workspace.id });
    expect(data.paginatedTeams.teams[0].users).toEqual([]);
  });

  it("returns the count alone", async () => {
    const { data } = await as(boss).send("{ paginatedTeams(take: 1) { count } }");
    expect(data.paginatedTeams).toEqual({ count: 6 });
  });

  it("rejects users without the permission, invalid input and anonymous callers", async () => {
    const outcome = async (given: Record<string, unknown>, someone: { token: string } | undefined = boss) =>
      outcomeOf(await as(someone).send(TEAMS, given));
    expect(await outcome({}, admin)).toBe("FORBIDDEN");
    expect(await outcome({ workspaceUuid: workspace.id }, outsider)).toBe("FORBIDDEN");
    expect(await outcome({ workspaceUuid: "nothing" }, admin)).toBe("FORBIDDEN");
    expect(await outcome({ workspaceUuid: "nothing" })).toBe("NOT_FOUND workspaceUuid");
    expect(await outcome({ take: 0 })).toBe("BAD_USER_INPUT take");
    expect(await outcome({ searchPhrase: "s".repeat(81) })).toBe("BAD_USER_INPUT searchPhrase");
    expect(await outcome({ searchPhrase: "ab" })).toBe("BAD_USER_INPUT searchPhrase");
    expect(await outcome({ searchPhrase: " a " })).toBe("BAD_USER_INPUT searchPhrase");
    expect(await outcome({ searchPhrase: "\u{1f4a1}b" })).toBe("BAD_USER_INPUT searchPhrase");
    expect(outcomeOf(await as(undefined).send(TEAMS))).toBe("UNAUTHENTICATED");
  });
});
