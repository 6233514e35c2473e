import { z } from "zod";
import { setting } from "./setting.ts";

const RoleName = z.enum([
  "SYSTEM_VIEWER",
  "SYSTEM_EDITOR",
  "SYSTEM_ADMIN",
  "ORGANIZATION_USER",
  "ORGANIZATION_ROUTER",
  "ORGANIZATION_OWNER",
  "WORKSPACE_VIEWER",
  "WORKSPACE_EDITOR",
  "WORKSPACE_ADMIN",
  "DEPLOYMENT_VIEWER",
  "DEPLOYMENT_EDITOR",
  "DEPLOYMENT_ADMIN",
  "USER",
]);

const Permission = z
  .string()
  .regex(/^(system|organization|workspace|deployment)(\.[a-zA-Z]+)+$/, "a permission, written scope.entity.action");

/** A permission without a value is granted, as in configuration files of earlier versions. */
const Held = z
  .boolean()
  .nullable()
  .transform((held) => held ?? true);

/** `roles`: role → `permissions` → permission key → held or not. */
export const roles = setting(
  z.partialRecord(RoleName, z.strictObject({ permissions: z.record(Permission, Held).default({}) })),
  {},
  'Changes the permissions of roles: `roles.DEPLOYMENT_EDITOR.permissions."deployment.images.push": false`. true adds a permission, false removes it, also for roles that inherit from this one.',
  { allowed: `a mapping of role names (${RoleName.options.join(", ")}) to \`permissions\`` },
);
