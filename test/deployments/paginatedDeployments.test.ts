import { describe, expect, it } from "vitest";
import { countStatements } from "../support/countStatements.ts";
import { testHouston } from "../support/houston.ts";

const { as, build, db } = await testHouston({ deployments: { pagination: { system: { maxTake: 4 } } } });

const PAGE = `query ($take: Int, $name: String, $cursor: Uuid, $pageNumber: Int) {
  paginatedDeployments(take: $take, name: $name, cursor: $cursor, pageNumber: $pageNumber) { id label workspace { label } }
}`;

const admin = await build.systemAdmin();
const { workspace, admin: workspaceAdmin } = await build.workspace();
const ids: string[] = [];
for (let n = 0; n < 10; n++) {
  // Pairs are created at the same time, so that the ID decides their order.
  const createdAt = new Date(Date.UTC(2026, 0, 1 + Math.floor(n / 2)));
  const { deployment } = await build.deployment({ workspaceId: workspace.id, label: `number ${n}%`, createdAt });
  ids.push(deployment.id);
}
const ordered = (await db.deployment.findMany({ orderBy: [{ createdAt: "asc" }, { id: "asc" }] })).map(({ id }) => id);

const page = async (variables: Record<string, unknown>) => {
  const { data, errors } = await as(admin).send(PAGE, variables);
  expect(errors).toBeUndefined();
  return data.paginatedDeployments.map(({ id }: { id: string }) => ordered.indexOf(id));
};

describe("paginatedDeployments", () => {
  it.each([
    [{}, [0, 1, 2, 3]],
    [{ take: 3 }, [0, 1, 2]],
    [{ take: 99 }, [0, 1, 2, 3]],
    [{ take: -1 }, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]],
    [{ take: 3, pageNumber: 0 }, [0, 1, 2]],
    [{ take: 3, pageNumber: 3 }, [9]],
    [{ take: 3, pageNumber: 4 }, []],
    [{ take: 3, cursor: "" }, [0, 1, 2]],
    [{ take: 3, cursor: ordered[2] }, [3, 4, 5]],
    [{ take: -3, cursor: ordered[5] }, [2, 3, 4]],
    [{ take: -3, cursor: ordered[1] }, [0]],
    [{ take: 3, cursor: "gone" }, []],
    [{ name: "NUMBER 7" }, undefined],
    [{ name: "%", take: 2 }, [0, 1]],
    [{ name: "_umber" }, []],
  ])("returns the page %j", async (variables, expected) => {
    for (let round = 0; round < 2; round++) {
      const found = await page(variables);
      if (expected) expect(found).toEqual(expected);
      else expect(found).toEqual([ordered.indexOf(ids[7] ?? "")]);
    }
  });

  it("omits deleted Deployments", async () => {
    const { deployment } = await build.deployment({
      workspaceId: workspace.id,
      deletedAt: new Date(),
      createdAt: new Date(0),
    });
    expect(ordered).not.toContain(deployment.id);
    expect(await page({ take: 1 })).toEqual([0]);
  });

  it("returns a page in at most two statements", async () => {
    const { result, statements } = await countStatements(() => as(admin).send(PAGE, { take: 4 }));
    expect(result.data.paginatedDeployments[0].workspace).toEqual({ label: workspace.label });
    expect(statements.length).toBeLessThanOrEqual(2);
  });

  it.each([
    [{ take: 0 }, "take: must not be 0"],
    [{ pageNumber: -1 }, "pageNumber: must be 0 or more"],
    [{ pageNumber: 1, cursor: ordered[0] }, "cursor or pageNumber: cannot be combined; send only one of them"],
    [{ name: "x".repeat(81) }, "name: must be a string of at most 80 characters"],
  ])("rejects %j", async (variables, message) => {
    const { errors } = await as(admin).send(PAGE, variables);
    expect(errors).toMatchObject([{ message, extensions: { code: "BAD_USER_INPUT" } }]);
  });

  it("denies users without a system role and anonymous callers", async () => {
    expect((await as(workspaceAdmin).send(PAGE)).errors).toMatchObject([{ extensions: { code: "FORBIDDEN" } }]);
    expect((await as(undefined).send(PAGE)).errors).toMatchObject([{ extensions: { code: "UNAUTHENTICATED" } }]);
  });
});
