import { z } from "zod";
import { conflictOn } from "../../platform/errors/conflictOn.ts";
import { optional } from "../../platform/input/input.ts";
import { OverrideInput } from "../deployments/configuration/overrideInput.ts";

/** Name of a cluster: 1 to 80 characters, unique. */
export { Label as ClusterName } from "../../platform/input/input.ts";

/** Settings that differ on the cluster; null and missing are "not given", `{}` is none. */
export const ClusterOverride = optional(OverrideInput);

/** Where a data plane describes itself. It is stored, never called from here. */
export const MetadataUrl = z
  .string("needs an address")
  .trim()
  .max(2048, "needs at most 2,048 characters")
  .refine(isAddress, "needs an http or https address without user, password or fragment");

function isAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, hash } = new URL(text);
  return /^https?:$/.test(protocol) && username === "" && password === "" && hash === "";
}

/** The CONFLICT of a name that another cluster has. */
export const clusterNameConflict = conflictOn("name", "another cluster has this name; names are unique");
