import { authorize } from "../../access/authorize.ts";
import type { Context } from "../../access/context.ts";

/** True for versions that no longer receive fixes. */
export const isDeprecated = ({ channel }: { channel: string }) => channel === "deprecated";

/** Whether the caller may choose deprecated versions: System Admins only, if the configuration allows it. */
export const mayUseDeprecated = ({ config, roles, caller }: Pick<Context, "config" | "roles" | "caller">): boolean =>
  config.deployments.enableSystemAdminCanCreateDeprecatedAirflows &&
  authorize(roles, caller, ["system.deployments.update"]);
