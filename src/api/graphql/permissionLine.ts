import type { Access, Rule } from "../../access/rules.ts";

/** The description of a root field, followed by who may call it: introspection does not include directives. */
export const withPermission = (description: string | null | undefined, access: Access): string =>
  [...(description ? [description] : []), permissionLine(access)].join("\n\n");

/** Such as "Permission: `workspace.users.get` or `system.users.get`." */
function permissionLine(access: Access): string {
  if (access === "public") return "Permission: none; anyone may call it.";
  return `Permission: ${access.map(ruleText).join("; ")}.`;
}

function ruleText({ permissions, when, unless }: Rule): string {
  const keys = permissions.map((key) => `\`${key}\``).join(" or ") || "any signed-in caller";
  const level = permissions.some((key) => key.includes("{scope}")) ? " ({scope}: the level of the row)" : "";
  const named = (paths: readonly string[]) => paths.map((path) => `\`${path}\``).join(" or ");
  const condition = [when && `if ${named(when)} is provided`, unless && `if ${named(unless)} is omitted`].filter(
    Boolean,
  );
  return [`${keys}${level}`, condition.join(" and ")].filter(Boolean).join(" ");
}
