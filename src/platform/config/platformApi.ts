import { z } from "zod";
import { deploymentOptions } from "./deploymentOptions.ts";

/** `platformApi.*`: what clients of the Platform API may choose. */
export const platformApi = z.strictObject({ deploymentOptions });
