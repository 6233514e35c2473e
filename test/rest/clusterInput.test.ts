import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { bodyFor, createCalls } from "./clusterCalls.ts";

const { build, db, url } = await testHouston();
const call = createCalls(url);

const admin = await build.systemAdmin();
const { workspace, viewer } = await build.workspace();

const pool = (given: object = {}) => ({ name: "main", nodeInstanceType: "m5.xlarge", maxNodeCount: 20, ...given });

/** The message about a body for a provider with these fields, or "created". */
const messageFor = async (given: object, provider: "AWS" | "AZURE" | "GCP" = "AWS"): Promise<string> => {
  const before = await db.cluster.count();
  const { status, body } = await call(admin).post("/clusters", bodyFor(provider, given));
  if (status === 200) return "created";
  expect(await db.cluster.count()).toBe(before);
  expect(status).toBe(400);
  return body.message;
};
const without = (field: string, provider: "AWS" | "GCP" = "AWS") => messageFor({ [field]: undefined }, provider);

describe("the body of createCluster", () => {
  it("names each required field that is missing", async () => {
    for (const field of ["name", "region", "type", "vpcSubnetRange"])
      expect(await without(field)).toMatch(`${field}: is required and must be`);
    for (const field of ["podSubnetRange", "serviceSubnetRange", "servicePeeringRange"])
      expect(await without(field, "GCP")).toMatch(`${field}: is required and must be an IPv4 range`);
  });

  it("has one of three providers", async () => {
    const message = "must be one of AWS, AZURE, GCP";
    expect(await messageFor({ cloudProvider: "aws" })).toBe(`cloudProvider: ${message}`);
    expect(await without("cloudProvider")).toBe(`cloudProvider: is required and ${message}`);
    for (const body of [[], "text", 1])
      expect(await call(admin).post("/clusters", body)).toMatchObject({ status: 400 });
  });

  it("has no field of another provider, and no unknown field", async () => {
    expect(await messageFor({ tenantId: "x" })).toBe("tenantId: cannot be combined with cloudProvider AWS");
    expect(await messageFor({ podSubnetRange: "10.0.0.0/16" })).toBe(
      "podSubnetRange: cannot be combined with cloudProvider AWS",
    );
    expect(await messageFor({ secondaryVpcCidr: "10.0.0.0/16" }, "AZURE")).toBe(
      "secondaryVpcCidr: cannot be combined with cloudProvider AZURE",
    );
    expect(await messageFor({ tenantId: "x" }, "GCP")).toBe("tenantId: cannot be combined with cloudProvider GCP");
    expect(await messageFor({ more: "x" })).toBe("more: is not a known field");
    expect(await messageFor({ nodePools: [pool({ id: "x" })] })).toBe("nodePools.0.id: is not a known field");
    expect(await messageFor({ k8sTags: [{ key: "a", more: "b" }] })).toBe("k8sTags.0.more: is not a known field");
  });

  it("has a name of 1 to 80 visible characters", async () => {
    const message = "name: must be a string of 1 to 80 characters";
    for (const name of ["", "  ", "x".repeat(81), 1, null]) expect(await messageFor({ name })).toBe(message);
    expect(await messageFor({ name: "a\u202eb" })).toMatch("name: must not contain line breaks");
    expect(await messageFor({ name: "x".repeat(80) })).toBe("created");
  });

  it("has a type of DEDICATED or HYBRID, and flags that are true or false", async () => {
    expect(await messageFor({ type: "dedicated" })).toBe("type: must be one of DEDICATED, HYBRID");
    expect(await messageFor({ enableReplicationTimeControl: "yes" })).toBe(
      "enableReplicationTimeControl: must be true or false",
    );
  });
});

describe("a range", () => {
  it("is an IPv4 network from /8 to /28 in its only spelling", async () => {
    const spellings = ["10.0.0.1/16", "10.0.0.0", "10.0.0.0/016", "010.0.0.0/16", "0xa.0.0.0/16", "10.0/16", "10/8"];
    const others = [
      "10.0.0.0/7",
      "10.0.0.0/29",
      "10.0.0.0/33",
      "256.0.0.0/16",
      "fd00::/16",
      " 10.0.0.0/16",
      "",
      10,
      null,
    ];
    for (const vpcSubnetRange of [...spellings, ...others])
      expect(await messageFor({ vpcSubnetRange })).toMatch(
        /^vpcSubnetRange: must be an IPv4 range such as 10\.0\.0\.0\/16/,
      );
    for (const vpcSubnetRange of ["10.0.0.0/8", "192.168.0.16/28", "8.8.8.0/24"])
      expect(await messageFor({ vpcSubnetRange })).toBe("created");
  });

  it.each([
    ["AWS", ["secondaryVpcCidr", "drVpcSubnetRange", "drSecondaryVpcCidr"]],
    ["AZURE", ["drVpcSubnetRange"]],
    [
      "GCP",
      [
        ...["podSubnetRange", "serviceSubnetRange", "servicePeeringRange", "drVpcSubnetRange"],
        ...["drPodSubnetRange", "drServiceSubnetRange", "drServicePeeringRange"],
      ],
    ],
  ] as const)("of %s must not overlap another one of the cluster", async (provider, fields) => {
    for (const field of fields) {
      expect(await messageFor({ [field]: "10.0.0.1/16" }, provider)).toMatch(`${field}: must be an IPv4 range`);
      const inside = { vpcSubnetRange: "10.0.0.0/16", [field]: "10.0.255.0/24" };
      expect(await messageFor(inside, provider)).toBe(`${field}: must not overlap with vpcSubnetRange (10.0.0.0/16)`);
      const around = { vpcSubnetRange: "10.0.0.0/16", [field]: "10.0.0.0/8" };
      expect(await messageFor(around, provider)).toBe(`${field}: must not overlap with vpcSubnetRange (10.0.0.0/16)`);
    }
  });

  it("must not overlap one that is neither first nor next to it", async () => {
    const given = { podSubnetRange: "10.0.0.0/16", drServicePeeringRange: "10.0.16.0/20" };
    expect(await messageFor(given, "GCP")).toBe(
      "drServicePeeringRange: must not overlap with podSubnetRange (10.0.0.0/16)",
    );
  });

  it("may touch another one, and overlap one of another cluster", async () => {
    const given = { vpcSubnetRange: "10.0.0.0/17", secondaryVpcCidr: "10.0.128.0/17" };
    expect(await messageFor(given)).toBe("created");
    expect(await messageFor(given)).toBe("created");
  });
});

describe("tags", () => {
  it("have keys and values that Kubernetes allows in labels", async () => {
    const message = (tag: object) => messageFor({ k8sTags: [{ key: "fine", value: "" }, tag] });
    for (const key of ["", "-a", "a-", "a b", "a/b", "é", "x".repeat(64), 1])
      expect(await message({ key, value: "a" })).toMatch(/^k8sTags\.1\.key: must be a string of 1 to 63 letters/);
    expect(await message({ value: "a" })).toMatch(/^k8sTags\.1\.key: is required and must be a string of 1 to 63/);
    for (const value of [".a", "a_", "a b", "x".repeat(64), 1, null])
      expect(await message({ key: "a", value })).toMatch(/^k8sTags\.1\.value: must be empty or a string of at most 63/);
    expect(await message({ key: `A${"._-".repeat(20)}z9`, value: "x".repeat(63) })).toBe("created");
  });

  it("have different keys", async () => {
    const k8sTags = [{ key: "a" }, { key: "b" }, { key: "a", value: "x" }];
    expect(await messageFor({ k8sTags })).toBe("k8sTags.2.key: must not be repeated: it is the same as one before it");
    expect(await messageFor({ k8sTags: [{ key: "a" }, { key: "A" }] })).toBe("created");
  });

  it("are at most 50", async () => {
    const tags = (count: number) => Array.from({ length: count }, (_, n) => ({ key: `key${n}`, value: "x" }));
    expect(await messageFor({ k8sTags: tags(51) })).toBe("k8sTags: must be a list of at most 50 tags");
    expect(await messageFor({ k8sTags: "a=b" })).toBe("k8sTags: must be a list of at most 50 tags");
    expect(await messageFor({ k8sTags: tags(50) })).toBe("created");
  });
});

describe("node pools", () => {
  const message = (...nodePools: object[]) => messageFor({ nodePools });

  it("have different names of 1 to 80 characters", async () => {
    expect(await message(pool(), pool({ name: " main " }))).toBe(
      "nodePools.1.name: must not be repeated: it is the same as one before it",
    );
    const rule = "must be a string of 1 to 80 characters";
    for (const name of ["", "x".repeat(81)]) expect(await message(pool({ name }))).toBe(`nodePools.0.name: ${rule}`);
    expect(await message(pool({ name: undefined }))).toBe(`nodePools.0.name: is required and ${rule}`);
  });

  it("have one default at most", async () => {
    const nodePools = [pool({ isDefault: true }), pool({ name: "b" }), pool({ name: "c", isDefault: true })];
    expect(await message(...nodePools)).toBe("nodePools.2.isDefault: must be true for one node pool at most");
    expect(await message(pool({ isDefault: 1 }))).toBe("nodePools.0.isDefault: must be true or false");
  });

  it("have an instance type of the provider's options", async () => {
    const allowed = "m5.large, m5.xlarge, m5.2xlarge, m5.4xlarge, r5.xlarge";
    for (const nodeInstanceType of ["e2-standard-4", "M5.xlarge", ""])
      expect(await message(pool(), pool({ name: "b", nodeInstanceType }))).toBe(
        `nodePools.1.nodeInstanceType: must be one of t3.medium, ${allowed}`,
      );
    expect(await message(pool({ nodeInstanceType: undefined }))).toBe(
      "nodePools.0.nodeInstanceType: is required and must be a string",
    );
  });

  it("have a number of nodes between those of the options", async () => {
    expect(await message(pool({ maxNodeCount: 101 }))).toBe(
      "nodePools.0.maxNodeCount: must be a whole number from 1 to 100",
    );
    for (const maxNodeCount of [0, -1, 1.5, "3", undefined])
      expect(await message(pool({ maxNodeCount }))).toMatch(
        /^nodePools\.0\.maxNodeCount: (is required and )?must be a whole number of at least 1/,
      );
    expect(await message(pool({ maxNodeCount: 1 }), pool({ name: "b", maxNodeCount: 100 }))).toBe("created");
  });

  it("are at most 50", async () => {
    const pools = (count: number) => Array.from({ length: count }, (_, n) => pool({ name: `pool${n}` }));
    expect(await message(...pools(51))).toBe("nodePools: must be a list of at most 50 node pools");
    expect(await message(...pools(50))).toBe("created");
  });
});

describe("regions, database types and Workspaces", () => {
  it("are regions of the options; the one for disaster recovery is another one", async () => {
    const allowed = "us-east-1, us-east-2, us-west-2, ca-central-1, eu-west-1, eu-central-1, ap-southeast-2";
    expect(await messageFor({ region: "us-central1" })).toBe(`region: must be one of ${allowed}`);
    expect(await messageFor({ drRegion: "moon" })).toBe(`drRegion: must be one of ${allowed}`);
    expect(await messageFor({ drRegion: "us-east-1" })).toBe("drRegion: must be another region than the cluster's own");
    expect(await messageFor({ drRegion: "us-east-2" })).toBe("created");
  });

  it("are database types of the options", async () => {
    const allowed = "Standard_D2ds_v4, Standard_D4ds_v4, Standard_D8ds_v4, Standard_E2ds_v4";
    expect(await messageFor({ dbInstanceType: "db.m5.large" }, "AZURE")).toBe(
      `dbInstanceType: must be one of ${allowed}`,
    );
    expect(await messageFor({ dbInstanceType: "Standard_E2ds_v4" }, "AZURE")).toBe("created");
  });

  it("are different Workspaces of the Organization", async () => {
    const organization = await db.organization.create({ data: { name: "Other" } });
    const other = await db.workspace.create({ data: { label: "Elsewhere", organizationId: organization.id } });
    const message = (...workspaceIds: unknown[]) => messageFor({ workspaceIds });
    expect(await message(workspace.id, other.id)).toBe(
      "workspaceIds.1: must be the ID of a Workspace of the Organization",
    );
    expect(await message("")).toBe("workspaceIds.0: must be the ID of a Workspace of the Organization");
    expect(await message(workspace.id, workspace.id)).toBe(
      "workspaceIds.1: must not be repeated: it is the same as one before it",
    );
    expect(await message(1)).toBe("workspaceIds.0: must be an ID");
    const many = Array.from({ length: 1001 }, (_, n) => `${n}`);
    expect(await message(...many)).toBe("workspaceIds: must be a list of at most 1,000 IDs of Workspaces");
    expect(await message(workspace.id)).toBe("created");
  });

  it("have accounts and tenants of 1 to 255 characters", async () => {
    for (const text of ["", "x".repeat(256)]) {
      expect(await messageFor({ providerAccount: text })).toBe(
        "providerAccount: must be a string of 1 to 255 characters",
      );
      expect(await messageFor({ tenantId: text }, "AZURE")).toBe("tenantId: must be a string of 1 to 255 characters");
    }
  });
});

it("An invalid request of a caller who may not create clusters is answered with 403", async () => {
  expect(await call(viewer).post("/clusters", {})).toMatchObject({ status: 403 });
});
