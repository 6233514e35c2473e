import { z } from "zod";

/**
 * `deployments.*` settings that limit what the owner of the platform pays for: sizes, numbers and shares of pods, and
 * the chart that turns them into pods.
 */
export const limitNames = [
  "chart",
  "astroUnit",
  "astroUnitsEnabled",
  "resourceProvisioningStrategy",
  "maxExtraAu",
  "maxPodAu",
  "maxExtraCapacity",
  "maxPodCapacity",
  "components",
  "executors",
  "overProvisioningFactorCPU",
  "overProvisioningFactorMem",
  "overProvisioningComponents",
  "pgBouncerResourceCalculationStrategy",
] as const;

export const LimitName = z.enum(limitNames);
