import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build, db } = await testHouston({
  deployments: { manualNamespaceNames: true, preCreatedNamespaces: ["red", "blue", "green"] },
});
const automatic = await testHouston({ deployments: { preCreatedNamespaces: ["red"] } });

const AVAILABLE = `query ($clusterId: Uuid) { availableNamespaces(clusterId: $clusterId) { name } }`;
const someone = await build.user();

describe("availableNamespaces", () => {
  it("lists namespaces without a Deployment of the cluster, to every signed-in caller", async () => {
    await build.deployment({ namespace: "blue" });
    await build.deployment({ namespace: "green", deletedAt: new Date() });
    const { data } = await as(someone).send(AVAILABLE, { clusterId: "" });
    expect(data.availableNamespaces).toEqual([{ name: "green" }, { name: "red" }]);
    const config = { preCreatedNamespaces: ["blue", "violet"] };
    const { id } = await db.cluster.create({ data: { name: "east", metadataUrl: "https://x", config } });
    const { data: other } = await as(someone).send(AVAILABLE, { clusterId: id });
    expect(other.availableNamespaces).toEqual([{ name: "blue" }, { name: "violet" }]);
  });

  it("returns an empty list when namespaces cannot be chosen", async () => {
    const { data } = await automatic.as(await automatic.build.user()).send(AVAILABLE);
    expect(data.availableNamespaces).toEqual([]);
  });

  it("rejects anonymous callers and unknown clusters", async () => {
    expect(outcomeOf(await as(undefined).send(AVAILABLE))).toBe("UNAUTHENTICATED");
    expect(outcomeOf(await as(someone).send(AVAILABLE, { clusterId: "nowhere" }))).toBe("NOT_FOUND clusterId");
  });
});
