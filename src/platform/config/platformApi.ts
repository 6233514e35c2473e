import { z } from "zod";
import { clusterOptions } from "./clusterOptions.ts";
import { deploymentOptions } from "./deploymentOptions.ts";

/** `platformApi.*`: what clients of the Platform API may choose. */
export const platformApi = z.strictObject({ clusterOptions, deploymentOptions });
