import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build, db } = await testHouston({ deployments: { pagination: { deployRevision: { maxTake: 4 } } } });

const PAGE = `query ($deploymentUuid: Uuid, $take: Int, $cursor: Uuid, $pageNumber: Int) {
  paginatedDeployRevisions(deploymentUuid: $deploymentUuid, take: $take, cursor: $cursor, pageNumber: $pageNumber) {
    id deploymentUuid deployment { label } image tag description createdAt
  }
}`;

const admin = await build.systemAdmin();
const { deployment, viewer, home } = await build.deployment();
const other = await build.deployment();
const ids: string[] = [];
for (let n = 0; n < 8; n++) {
  const deploymentId = n < 6 ? deployment.id : other.deployment.id;
  // Pairs are created at the same time, so that the ID decides their order.
  const createdAt = new Date(Date.UTC(2026, 0, 1 + Math.floor(n / 2)));
  const data = { deploymentId, image: `registry/x:${n}`, tag: `${n}`, description: `number ${n}`, createdAt };
  ids.push((await db.deployRevision.create({ data })).id);
}
const newestFirst = (await db.deployRevision.findMany({ orderBy: [{ createdAt: "desc" }, { id: "desc" }] })).map(
  ({ id }) => id,
);

const page = async (variables: Record<string, unknown>) => {
  const { data, errors } = await as(admin).send(PAGE, variables);
  expect(errors).toBeUndefined();
  return data.paginatedDeployRevisions.map(({ id }: { id: string }) => newestFirst.indexOf(id));
};

describe("paginatedDeployRevisions", () => {
  it.each([
    [{}, [0, 1, 2, 3]],
    [{ take: 3 }, [0, 1, 2]],
    [{ take: 99 }, [0, 1, 2, 3]],
    [{ take: -1 }, [0, 1, 2, 3, 4, 5, 6, 7]],
    [{ take: 3, pageNumber: 2 }, [6, 7]],
    [{ take: 3, cursor: newestFirst[2] }, [3, 4, 5]],
    [{ take: -3, cursor: newestFirst[5] }, [2, 3, 4]],
    [{ deploymentUuid: deployment.id, take: 3 }, [2, 3, 4]],
    [{ deploymentUuid: other.deployment.id }, [0, 1]],
    [{ take: 3, cursor: "gone" }, []],
  ])("returns the page %j", async (variables, expected) => {
    for (let round = 0; round < 2; round++) expect(await page(variables)).toEqual(expected);
  });

  it("shows a Deployment's readers what was deployed", async () => {
    for (const reader of [viewer, home?.admin]) {
      const { data } = await as(reader).send(PAGE, { deploymentUuid: deployment.id, take: 6 });
      expect(data.paginatedDeployRevisions).toHaveLength(4);
    }
    const { data } = await as(viewer).send(PAGE, { deploymentUuid: deployment.id, take: 1 });
    const { id, ...row } = data.paginatedDeployRevisions[0];
    const n = ids.indexOf(id);
    expect(row).toEqual({
      deploymentUuid: deployment.id,
      deployment: { label: deployment.label },
      image: `registry/x:${n}`,
      tag: `${n}`,
      description: `number ${n}`,
      createdAt: "2026-01-03T00:00:00.000Z",
    });
  });

  it("denies readers of other Deployments, and those of one the list of all", async () => {
    expect(outcomeOf(await as(other.viewer).send(PAGE, { deploymentUuid: deployment.id }))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(viewer).send(PAGE))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(undefined).send(PAGE, { deploymentUuid: deployment.id }))).toBe("UNAUTHENTICATED");
  });

  it("omits deploys of deleted Deployments", async () => {
    const gone = await build.deployment({ deletedAt: new Date() });
    await db.deployRevision.create({ data: { deploymentId: gone.deployment.id, image: "x:1", tag: "1" } });
    expect(await page({ take: 1 })).toEqual([0]);
  });

  it.each([
    [{ take: 0 }, "take: must not be 0"],
    [{ pageNumber: -1 }, "pageNumber: must be 0 or more"],
    [{ pageNumber: 1, cursor: ids[0] }, "cursor or pageNumber: cannot be combined; send only one of them"],
  ])("rejects %j", async (variables, message) => {
    const { errors } = await as(admin).send(PAGE, variables);
    expect(errors).toMatchObject([{ message, extensions: { code: "BAD_USER_INPUT" } }]);
  });
});
