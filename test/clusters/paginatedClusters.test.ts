import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build, db } = await testHouston({
  deployments: { pagination: { system: { maxTake: 3 } } },
  helm: { baseDomain: "example.com" },
});

const PAGE = `query ($take: Int, $cursor: Uuid, $pageNumber: Int, $searchPhrase: String, $k8sVersion: String, $id: Uuid, $sortBy: String, $sortDirection: String) {
  paginatedClusters(take: $take, cursor: $cursor, pageNumber: $pageNumber, searchPhrase: $searchPhrase, k8sVersion: $k8sVersion, id: $id, sortBy: $sortBy, sortDirection: $sortDirection) {
    count
    them: clusters { id name }
  }
}`;

// The default cluster is the oldest. Names are not in the order of creation.
await db.cluster.updateMany({ data: { createdAt: new Date(0) } });
for (const [n, name] of ["echo", "delta", "charlie", "bravo"].entries()) {
  const more = n < 2 ? { healthStatus: { k8sVersion: "1.33" } } : {};
  await db.cluster.create({
    data: { name, createdAt: new Date(n + 1), baseDomain: `${name}.example.com`, metadataUrl: "https://x", ...more },
  });
}
const idOf = async (name: string) => (await db.cluster.findUniqueOrThrow({ where: { name } })).id;
const [delta, bravo] = [await idOf("delta"), await idOf("bravo")];
const someone = await build.user();

describe("paginatedClusters", () => {
  it.each([
    [{}, 5, ["default", "echo", "delta"]],
    [{ take: 2, pageNumber: 1 }, 5, ["delta", "charlie"]],
    [{ take: 99, cursor: delta }, 5, ["charlie", "bravo"]],
    [{ take: -2, cursor: delta }, 5, ["default", "echo"]],
    [{ take: -1 }, 5, ["default", "echo", "delta", "charlie", "bravo"]],
    [{ take: -1, sortBy: "name" }, 5, ["bravo", "charlie", "default", "delta", "echo"]],
    [{ take: 2, sortBy: "name", sortDirection: "DESC" }, 5, ["echo", "delta"]],
    [{ take: 2, sortBy: "name", sortDirection: "desc", cursor: delta }, 5, ["default", "charlie"]],
    [{ take: -1, sortBy: "name", sortDirection: "desc", cursor: delta }, 5, ["echo"]],
    [{ take: 2, sortDirection: "desc", pageNumber: 1 }, 5, ["delta", "echo"]],
    [{ searchPhrase: "DELTA" }, 1, ["delta"]],
    [{ searchPhrase: "example.com", take: 1 }, 4, ["echo"]],
    [{ searchPhrase: "%" }, 0, []],
    [{ id: bravo, searchPhrase: "", cursor: "" }, 1, ["bravo"]],
    [{ id: "nowhere" }, 0, []],
  ])("returns the page %j and the total count to every signed-in caller", async (variables, count, names) => {
    for (let round = 0; round < 2; round++) {
      const { data } = await as(someone).send(PAGE, variables);
      expect(data.paginatedClusters.count).toBe(count);
      expect(data.paginatedClusters.them.map(({ name }: { name: string }) => name)).toEqual(names);
    }
  });

  it("returns domains and status to all, and what a data plane reports to System Admins only", async () => {
    const query = `{ paginatedClusters(take: 2) { clusters { name baseDomain status statusReason healthStatus } } }`;
    const { data } = await as(someone).send(query);
    const plain = { status: "ACTIVE", statusReason: null, healthStatus: null };
    expect(data.paginatedClusters.clusters).toEqual([
      { name: "default", baseDomain: "example.com", ...plain },
      { name: "echo", baseDomain: "echo.example.com", ...plain },
    ]);
    const viewer = await build.systemAdmin();
    const { data: seen } = await as(viewer).send(query);
    expect(seen.paginatedClusters.clusters[1].healthStatus).toEqual({ k8sVersion: "1.33" });
  });

  it("searches reported versions only for callers who may see them", async () => {
    const viewer = await build.systemAdmin();
    const found = async (who: typeof viewer, k8sVersion: string) => {
      const { data } = await as(who).send(PAGE, { k8sVersion });
      const { count, them } = data.paginatedClusters;
      return [count, ...them.map(({ name }: { name: string }) => name)];
    };
    expect(await found(viewer, "1.33")).toEqual([2, "echo", "delta"]);
    expect(await found(viewer, "1.34")).toEqual([0]);
    expect(await found(someone, "1.33")).toEqual([0]);
  });

  it("denies anonymous callers", async () => {
    expect(outcomeOf(await as(undefined).send(PAGE))).toBe("UNAUTHENTICATED");
  });

  it.each([
    [{ take: 0 }, "BAD_USER_INPUT take"],
    [{ cursor: delta, pageNumber: 1 }, "BAD_USER_INPUT cursor or pageNumber"],
    [{ sortBy: "metadataUrl" }, "BAD_USER_INPUT sortBy"],
    [{ sortDirection: "up" }, "BAD_USER_INPUT sortDirection"],
    [{ searchPhrase: "x".repeat(81) }, "BAD_USER_INPUT searchPhrase"],
  ])("rejects %j", async (variables, outcome) => {
    expect(outcomeOf(await as(someone).send(PAGE, variables))).toBe(outcome);
  });
});
