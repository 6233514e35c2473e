import { z } from "zod";
import { clusterOptions } from "./clusterOptions.ts";

/** `platformApi.*`: the REST API under /platform/v1beta1. */
export const platformApi = z.strictObject({ clusterOptions });
