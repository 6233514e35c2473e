import { describe, expect, it } from "vitest";
import { type Config, configFrom } from "../../src/platform/config/config.ts";
import { testHouston } from "../support/houston.ts";
import { bodyFor, createCalls } from "./clusterCalls.ts";

const { clusterOptions: defaults } = configFrom().platformApi;
const [aws, azure] = defaults as [Config["platformApi"]["clusterOptions"][number], (typeof defaults)[number]];
const own = {
  ...aws,
  regions: [
    { name: "us-east-1", limited: true },
    { name: "eu-west-1", location: "Ireland", bannedInstances: ["m5.xlarge", "db.m5.large"] },
  ],
  nodeCountMin: 3,
  nodeCountDefault: 4,
  nodeCountMax: 5,
};
const { build, db, url } = await testHouston({ platformApi: { clusterOptions: [own, azure] } });
const standard = await testHouston();
const call = createCalls(url);
const admin = await build.systemAdmin();
const { viewer } = await build.workspace();

describe("getClusterOptions", () => {
  const of = (provider: string, { regions, nodeInstances, databaseInstances, ...options } = own) => ({
    ...options,
    provider,
    regions,
    nodeInstances,
    databaseInstances,
    defaultRegion: regions.find(({ name }) => name === options.defaultRegion),
    defaultNodeInstance: nodeInstances.find(({ name }) => name === options.defaultNodeInstance),
    defaultDatabaseInstance: databaseInstances.find(({ name }) => name === options.defaultDatabaseInstance),
  });

  it("answers the options in the setting to everyone in the Organization, for all types", async () => {
    for (const type of ["DEDICATED", "HYBRID"])
      expect(await call(viewer).get(`/cluster-options?type=${type}`)).toMatchObject({
        status: 200,
        body: [of("AWS"), of("AZURE", azure as typeof own)],
      });
  });

  it("answers those of one provider; none for one that is not offered", async () => {
    expect((await call(viewer).get("/cluster-options?type=HYBRID&provider=AWS")).body).toEqual([of("AWS")]);
    expect((await call(viewer).get("/cluster-options?type=HYBRID&provider=GCP")).body).toEqual([]);
  });

  it("has regions, sizes and ranges for AWS, AZURE and GCP by default", async () => {
    const someone = await standard.build.user();
    const { body } = await createCalls(standard.url)(someone).get("/cluster-options?type=DEDICATED");
    expect(body.map(({ provider }: { provider: string }) => provider)).toEqual(["AWS", "AZURE", "GCP"]);
    expect(body[2]).toMatchObject({
      defaultRegion: { name: "us-central1", location: "Iowa" },
      defaultNodeInstance: { name: "e2-standard-4", cpu: 4, memory: "16Gi" },
      defaultPodSubnetRange: "172.21.0.0/19",
    });
  });

  it("requires the type, and a known provider", async () => {
    expect((await call(viewer).get("/cluster-options")).body).toMatchObject({
      statusCode: 400,
      message: "type: is required and must be one of DEDICATED, HYBRID",
    });
    expect(await call(viewer).get("/cluster-options?type=OTHER")).toMatchObject({ status: 400 });
    expect((await call(viewer).get("/cluster-options?type=HYBRID&provider=IBM")).body).toMatchObject({
      statusCode: 400,
      message: "provider: must be one of AWS, AZURE, GCP",
    });
  });

  it("answers 401 without a credential, and 403 outside the Organization", async () => {
    const { id } = await db.organization.create({ data: { name: "Other" } });
    expect(await call(undefined).get("/cluster-options?type=HYBRID")).toMatchObject({ status: 401 });
    expect(await call(viewer, id).get("/cluster-options?type=HYBRID")).toMatchObject({ status: 403 });
    expect(await call(admin, "unknown").get("/cluster-options?type=HYBRID")).toMatchObject({ status: 404 });
  });
});

describe("createCluster with other options", () => {
  const message = async (given: object, provider: "AWS" | "GCP" = "AWS") =>
    (await call(admin).post("/clusters", bodyFor(provider, given))).body.message;
  const pool = { name: "main", nodeInstanceType: "m5.xlarge", maxNodeCount: 3 };

  it("accepts only providers, regions and numbers of nodes of the setting", async () => {
    expect(await message({}, "GCP")).toBe("cloudProvider: must be one of AWS, AZURE");
    expect(await message({ region: "us-west-2" })).toBe("region: must be one of us-east-1, eu-west-1");
    expect(await message({ nodePools: [{ ...pool, maxNodeCount: 2 }] })).toBe(
      "nodePools.0.maxNodeCount: must be a whole number from 3 to 5",
    );
    expect(await message({ nodePools: [pool] })).toBeUndefined();
  });

  it("accepts no instance type that is banned in the region", async () => {
    const region = "eu-west-1";
    expect(await message({ region, dbInstanceType: "db.m5.xlarge", nodePools: [pool] })).toMatch(
      /^nodePools\.0\.nodeInstanceType: must be one of t3\.medium, m5\.large, m5\.2xlarge/,
    );
    // db.m5.large is also the default.
    for (const dbInstanceType of ["db.m5.large", undefined])
      expect(await message({ region, dbInstanceType })).toMatch(
        /^dbInstanceType: must be one of db\.t3\.medium, db\.m5\.xlarge/,
      );
    const dbInstanceType = "db.m5.xlarge";
    const allowed = { ...pool, nodeInstanceType: "m5.large" };
    expect(await message({ region, dbInstanceType, nodePools: [allowed] })).toBeUndefined();
  });
});

it("A cluster of a provider that is no longer offered stays readable and can be changed", async () => {
  const data = { name: "of GCP", cloudProvider: "GCP", platformApi: { region: "us-central1" } };
  const { id, name } = await db.cluster.create({ data });
  const shown = { region: "us-central1", dbInstanceType: "", vpcSubnetRange: "" };
  expect(await call(viewer).get(`/clusters/${id}`)).toMatchObject({ status: 200, body: shown });
  expect(await call(admin).post(`/clusters/${id}`, { name, k8sTags: [{ key: "a" }] })).toMatchObject({ status: 200 });
  expect((await call(admin).post(`/clusters/${id}`, { name, k8sTags: [], drRegion: "x" })).body.message).toBe(
    "drRegion: cannot be chosen: the platform offers none",
  );
});

describe("the setting platformApi.clusterOptions", () => {
  const problem = (given: object) => {
    try {
      configFrom({ platformApi: { clusterOptions: [{ ...aws, ...given }] } });
    } catch (error) {
      return (error as Error).message;
    }
  };

  it.each([
    [{ defaultRegion: "moon" }, "defaultRegion: must be the name of one of `regions`"],
    [{ defaultNodeInstance: "x" }, "defaultNodeInstance: must be the name of one of `nodeInstances`"],
    [{ defaultDatabaseInstance: "x" }, "defaultDatabaseInstance: must be the name of one of `databaseInstances`"],
    [{ nodeCountMax: 3 }, "nodeCountDefault: must be a number from nodeCountMin to nodeCountMax"],
    [{ defaultVpcSubnetRange: "10.0.0.1/16" }, "defaultVpcSubnetRange: must be an IPv4 range"],
    [{ provider: "IBM" }, "provider: must be one of AWS, AZURE, GCP"],
    [{ colour: "red" }, "colour: unknown"],
  ])("rejects %j", (given, message) => {
    expect(problem(given)).toContain(message);
  });

  it("lists a provider once", () => {
    expect(() => configFrom({ platformApi: { clusterOptions: [aws, aws] } })).toThrow(
      "platformApi.clusterOptions[1].provider: must be a provider that is not listed yet",
    );
  });
});
