import { z } from "zod";
import { conflictOn } from "../../platform/errors/conflictOn.ts";
import { optional } from "../../platform/input/input.ts";
import { isPlainUrl } from "../../platform/input/plainUrl.ts";
import { existing } from "../../query/existing.ts";
import { OverrideInput } from "../deployments/configuration/overrideInput.ts";

/** Name of a cluster: 1 to 80 characters, unique. */
export { Label as ClusterName } from "../../platform/input/input.ts";

/** Settings that the cluster overrides, and keys of its own. null and "" count as omitted, `{}` changes nothing. */
export const ClusterOverride = optional(OverrideInput);

const METADATA_URL = "must be an http or https URL of at most 2,048 characters, without user, password or fragment";

const KUBECONFIG = "must be a kubeconfig of at most 64 KiB";

/** How to reach the Kubernetes API of a cluster. "" counts as omitted; null removes what is stored. */
export const Kubeconfig = z
  .unknown()
  .optional()
  .overwrite((value) => (value === "" ? undefined : value))
  .pipe(
    z
      .string(KUBECONFIG)
      .refine((text) => Buffer.byteLength(text) <= 64 * 1024, KUBECONFIG)
      .nullish(),
  );

/** URL of the metadata of a data plane, which `syncDataplaneClusters` reads. */
export const MetadataUrl = z.string(METADATA_URL).trim().max(2048, METADATA_URL).refine(isPlainUrl, METADATA_URL);

/** The CONFLICT for a name that another cluster has. */
export const clusterNameConflict = (name: string | undefined) =>
  conflictOn("name", "is already in use by another cluster", existing("Cluster", { name }));
