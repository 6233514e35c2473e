import { authorize } from "../../access/authorize.ts";
import type { Context } from "../../access/context.ts";

/** True for versions that get no more fixes. */
export const isDeprecated = ({ channel }: { channel: string }) => channel === "deprecated";

/** Whether the caller may move Deployments to deprecated versions: System Admins, while the configuration lets them. */
export const mayUseDeprecated = ({ config, roles, caller }: Pick<Context, "config" | "roles" | "caller">): boolean =>
  config.deployments.enableSystemAdminCanCreateDeprecatedAirflows &&
  authorize(roles, caller, ["system.deployments.update"]);
