import type { Config } from "../../platform/config/config.ts";
import { compareVersions } from "./compareVersions.ts";

/**
 * Whether the platform reports `version` or later (`helm.releaseVersion`). Clients choose their requests by it: from
 * 1.0.0 on they create and update Deployments only with `upsertDeployment`, from 2.1.0 on images too.
 */
export const platformIsFrom = ({ helm }: Pick<Config, "helm">, version: string): boolean =>
  compareVersions(helm.releaseVersion, version) >= 0;
