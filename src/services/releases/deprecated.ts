import { authorize } from "../../access/authorize.ts";
import type { Context } from "../../access/context.ts";
import type { RuntimeRelease } from "./runtimeFile.ts";

/** True for versions that no longer receive fixes. */
export const isDeprecated = ({ channel }: { channel: string }) => channel === "deprecated";

/** The channel of a Runtime version at a time: `deprecated` from the day after its end of support (UTC). */
export const channelAt = ({ channel, unsupportedFrom }: RuntimeRelease, now: Date): string =>
  unsupportedFrom !== null && now >= unsupportedFrom ? "deprecated" : channel;

/** Whether the caller may choose deprecated versions: System Admins only, if the configuration allows it. */
export const mayUseDeprecated = ({ config, roles, caller }: Pick<Context, "config" | "roles" | "caller">): boolean =>
  config.deployments.enableSystemAdminCanCreateDeprecatedAirflows &&
  authorize(roles, caller, ["system.deployments.update"]);
