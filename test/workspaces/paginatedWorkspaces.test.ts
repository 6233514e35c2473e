import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build, db } = await testHouston({ deployments: { pagination: { workspace: { maxTake: 4 } } } });

const PAGE = `query ($take: Int, $pageNumber: Int) { paginatedWorkspaces(take: $take, pageNumber: $pageNumber) { id } }`;

const admin = await build.systemAdmin();
const { admin: workspaceAdmin } = await build.workspace();
await db.workspace.createMany({
  // Pairs are created at the same time, so that the ID decides their order.
  data: Array.from({ length: 9 }, (_, n) => ({ label: `w ${n}`, createdAt: new Date(Date.UTC(2025, 0, 1 + n / 2)) })),
});
const ordered = (await db.workspace.findMany({ orderBy: [{ createdAt: "asc" }, { id: "asc" }] })).map(({ id }) => id);

describe("paginatedWorkspaces", () => {
  it.each([
    [{}, [0, 1, 2, 3]],
    [{ take: 3 }, [0, 1, 2]],
    [{ take: 99 }, [0, 1, 2, 3]],
    [{ take: 99, pageNumber: 1 }, [4, 5, 6, 7]],
    [{ take: 3, pageNumber: 0 }, [0, 1, 2]],
    [{ take: 3, pageNumber: 3 }, [9]],
    [{ take: 3, pageNumber: 4 }, []],
    [{ take: -3 }, [7, 8, 9]],
    [{ take: -1 }, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]],
  ])("returns the page %j", async (variables, expected) => {
    for (let round = 0; round < 2; round++) {
      const { data } = await as(admin).send(PAGE, variables);
      expect(data.paginatedWorkspaces.map(({ id }: { id: string }) => ordered.indexOf(id))).toEqual(expected);
    }
  });

  it.each([
    [{ take: 0 }, "BAD_USER_INPUT take"],
    [{ pageNumber: -1 }, "BAD_USER_INPUT pageNumber"],
  ])("rejects %j", async (variables, outcome) => {
    expect(outcomeOf(await as(admin).send(PAGE, variables))).toBe(outcome);
  });

  it("denies users without a system role and anonymous callers", async () => {
    expect(outcomeOf(await as(workspaceAdmin).send(PAGE))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(undefined).send(PAGE))).toBe("UNAUTHENTICATED");
  });
});
