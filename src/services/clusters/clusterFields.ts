import { z } from "zod";
import { Cidr } from "../../platform/input/cidr.ts";
import { labelOf } from "../../platform/input/input.ts";

// What clusters have over the Platform API alone.

/** Maximum number of tags, node pools and Workspaces in one request. */
const MAX_TAGS = 50;
const MAX_NODE_POOLS = 50;
const MAX_WORKSPACES = 1000;

const CHARACTERS = "letters, digits, -, _ and . that starts and ends with a letter or digit";
const KEY = `must be a string of 1 to 63 ${CHARACTERS}`;
const VALUE = `must be empty or a string of at most 63 ${CHARACTERS}`;

/** A tag, with the characters that Kubernetes allows in labels. */
export const ClusterTag = z.strictObject({
  key: z.string(KEY).regex(/^[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/, KEY),
  value: z
    .string(VALUE)
    .regex(/^([A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?$/, VALUE)
    .optional()
    .describe("Empty if omitted."),
});

const listOf = <T extends z.ZodType>(item: T, max: number, what: string) => {
  const LIST = `must be a list of at most ${max.toLocaleString("en-US")} ${what}`;
  return z.array(item, LIST).max(max, LIST);
};

/** Adds an issue for each item whose `key` an item before it has; without `key`, for each such item itself. */
function addRepeated(list: readonly object[] | readonly string[], ctx: z.RefinementCtx, key?: string): void {
  const seen = new Set<unknown>();
  for (const [n, item] of list.entries()) {
    const value = key === undefined ? item : (item as Record<string, unknown>)[key];
    if (value !== undefined && seen.has(value)) {
      const message = "must not be repeated: it is the same as one before it";
      ctx.addIssue({ code: "custom", path: key === undefined ? [n] : [n, key], message });
    }
    seen.add(value);
  }
}

/** Tags of a cluster; `tag` is ClusterTag, or the same with a name in the document. */
export const tagsOf = <T extends typeof ClusterTag>(tag: T) =>
  listOf(tag, MAX_TAGS, "tags")
    .superRefine((list, ctx) => addRepeated(list, ctx, "key"))
    .describe(`At most ${MAX_TAGS} tags with different keys.`);

const COUNT = "must be a whole number of at least 1";

/** The fields of a node pool. Which types and counts are allowed, the cluster options say. */
export const nodePoolFields = {
  name: labelOf(80).describe("Unique in the cluster."),
  nodeInstanceType: z.string("must be a string").describe("One of the nodeInstances of the cluster options."),
  maxNodeCount: z
    .int(COUNT)
    .min(1, COUNT)
    .max(2_147_483_647, COUNT)
    .describe("From nodeCountMin to nodeCountMax of the cluster options."),
  isDefault: z.boolean("must be true or false").optional(),
};

/** A list of node pools with different names, at most one of which is the default. */
export const nodePoolsOf = <T extends z.ZodObject<typeof nodePoolFields>>(pool: T) =>
  listOf(pool, MAX_NODE_POOLS, "node pools").superRefine((list, ctx) => {
    addRepeated(list, ctx, "name");
    addRepeated(list, ctx, "id");
    const defaults = list.flatMap(({ isDefault }, n) => (isDefault ? [n] : []));
    const message = "must be true for one node pool at most";
    for (const n of defaults.slice(1)) ctx.addIssue({ code: "custom", path: [n, "isDefault"], message });
  });

/** The Workspaces whose Deployments a cluster accepts. */
export const WorkspaceIds = listOf(z.string("must be an ID"), MAX_WORKSPACES, "IDs of Workspaces")
  .superRefine((list, ctx) => addRepeated(list, ctx))
  .meta({ uniqueItems: true })
  .describe("The Workspaces whose Deployments the cluster accepts; empty for all Workspaces.");

/** The name of an account or tenant at the provider. */
export const ProviderName = labelOf(255);

export const clusterTypes = ["DEDICATED", "HYBRID"] as const;

/** The ranges of a cluster's networks, those of its region before those of its DR region. */
export const ranges = [
  ...(["vpcSubnetRange", "podSubnetRange", "serviceSubnetRange", "servicePeeringRange", "secondaryVpcCidr"] as const),
  ...(["drVpcSubnetRange", "drPodSubnetRange", "drServiceSubnetRange", "drServicePeeringRange"] as const),
  "drSecondaryVpcCidr",
] as const;

/** A range that no other range of the cluster may overlap. */
export const ClusterRange = Cidr.describe(
  "IPv4 range in CIDR notation, from /8 to /28, with all bits after the prefix zero. The ranges of one cluster must " +
    "not overlap, those of its DR region included.",
);

/** A node pool as given: with the ID of one that exists, it changes that one. */
export type GivenNodePool = z.output<z.ZodObject<typeof nodePoolFields>> & { id?: string | undefined };

/** A tag as given. */
export type GivenTag = z.output<typeof ClusterTag>;

/** The ranges of a cluster by their fields. */
export type Ranges = { [field in (typeof ranges)[number]]?: string | undefined };

/** What the column `platformApi` of a cluster contains; a cluster that GraphQL registered has none of it. */
export interface StoredFields extends Ranges {
  type?: (typeof clusterTypes)[number];
  region?: string | undefined;
  dbInstanceType?: string | undefined;
  providerAccount?: string | undefined;
  tenantId?: string | undefined;
  tags?: { key: string; value: string }[];
  workspaceIds?: string[];
  drRegion?: string | undefined;
  isDrEnabled?: boolean;
  isFailedOver?: boolean | undefined;
  enableReplicationTimeControl?: boolean | undefined;
}

/** Tags as they are stored. */
export const storedTags = (tags: readonly GivenTag[]) => tags.map(({ key, value = "" }) => ({ key, value }));
