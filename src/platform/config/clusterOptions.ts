import { z } from "zod";
import { isCidr } from "../input/cidr.ts";
import { clusterOptionDefaults } from "./clusterOptionDefaults.ts";
import { setting } from "./setting.ts";

/** The providers of clusters, under the names of the Platform API. */
export const cloudProviders = ["AWS", "AZURE", "GCP"] as const;

const name = z.string().min(1).max(80);
const Range = z.string().refine(isCidr, "an IPv4 range such as 10.0.0.0/16, from /8 to /28");
const count = z.int().min(0);

const Region = z.strictObject({
  name,
  location: z.string().optional(),
  limited: z.boolean().optional(),
  bannedInstances: z.array(name).optional(),
});

const Instance = z.strictObject({ name, cpu: z.int().min(1), memory: z.string().min(1) });

const Options = z
  .strictObject({
    provider: z.enum(cloudProviders),
    regions: z.array(Region),
    nodeInstances: z.array(Instance),
    databaseInstances: z.array(Instance),
    defaultRegion: z.string(),
    defaultNodeInstance: z.string(),
    defaultDatabaseInstance: z.string(),
    nodeCountMin: count,
    nodeCountDefault: count,
    nodeCountMax: count,
    defaultVpcSubnetRange: Range,
    defaultPodSubnetRange: Range.optional(),
    defaultServiceSubnetRange: Range.optional(),
    defaultServicePeeringRange: Range.optional(),
  })
  .superRefine((given, { addIssue }) => {
    for (const [key, list] of [
      ["defaultRegion", "regions"],
      ["defaultNodeInstance", "nodeInstances"],
      ["defaultDatabaseInstance", "databaseInstances"],
    ] as const) {
      const names = given[list].map((one) => one.name);
      const message = `the name of one of \`${list}\``;
      if (!names.includes(given[key])) addIssue({ code: "custom", path: [key], message });
    }
    const { nodeCountMin, nodeCountDefault, nodeCountMax } = given;
    const isOrdered = nodeCountMin <= nodeCountDefault && nodeCountDefault <= nodeCountMax;
    const message = "a number from nodeCountMin to nodeCountMax";
    if (!isOrdered) addIssue({ code: "custom", path: ["nodeCountDefault"], message });
  });

/** What clusters of one provider can be. */
export type ClusterOptions = z.output<typeof Options>;

const List = z.array(Options).superRefine((list, { addIssue }) => {
  for (const [n, { provider }] of list.entries()) {
    const isRepeated = list.findIndex((other) => other.provider === provider) < n;
    if (isRepeated) addIssue({ code: "custom", path: [n, "provider"], message: "a provider that is not listed yet" });
  }
});

/** `platformApi.clusterOptions`. */
export const clusterOptions = setting(
  List,
  clusterOptionDefaults,
  "What clusters created over the Platform API can have, for each provider on offer: regions (`limited` is shown to clients; node and database types in `bannedInstances` are rejected there), types of nodes and databases (`cpu`: virtual CPUs; `memory`: a quantity such as 16Gi), how many nodes a node pool may have, and the default network ranges, which clients propose to their users. Clusters keep what they have if an option is removed.",
  { allowed: "a list of the options of providers" },
);
