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
  it("lists the namespaces in which no Deployment of the cluster lives, to anyone signed in", async () => {
    await build.deployment({ namespace: "blue" });
    await build.deployment({ namespace: "green", deletedAt: new Date() });
    const { data } = await as(someone).send(AVAILABLE, { clusterId: "" });
    expect(data.availableNamespaces).toEqual([{ name: "green" }, { name: "red" }]);
    const config = { preCreatedNamespaces: ["blue", "violet"] };
    const { id } = await db.cluster.create({ data: { name: "east", metadataUrl: "https://x", config } });
    const { data: there } = await as(someone).send(AVAILABLE, { clusterId: id });
    expect(there.availableNamespaces).toEqual([{ name: "blue" }, { name: "violet" }]);
  });

  it("lists none where namespaces are not chosen by hand", async () => {
    const { data } = await automatic.as(await automatic.build.user()).send(AVAILABLE);
    expect(data.availableNamespaces).toEqual([]);
  });

  it("refuses nobody, and an unknown cluster", async () => {
    expect(outcomeOf(await as(undefined).send(AVAILABLE))).toBe("UNAUTHENTICATED");
    expect(outcomeOf(await as(someone).send(AVAILABLE, { clusterId: "nowhere" }))).toBe("NOT_FOUND clusterId");
  });
});
