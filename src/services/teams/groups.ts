import { z } from "zod";
import { badInput } from "../../platform/errors/appError.ts";
import { parse } from "../../platform/errors/parse.ts";
import { optional } from "../../platform/input/input.ts";
import { defineRead } from "../../query/defineRead.ts";
import type { Where } from "../../query/where.ts";
import { hasRole } from "./teams.ts";

const allowed = "must be WORKSPACE, DEPLOYMENT or SYSTEM";

const Input = z.object({
  entityType: optional(
    z
      .string(allowed)
      .toUpperCase()
      .pipe(z.enum(["WORKSPACE", "DEPLOYMENT", "SYSTEM"], allowed)),
  ),
  entityUuid: optional(z.string("must be an ID")),
});

/** Teams under their legacy name: those with a role in one Workspace or Deployment, or all of them. */
export const groups = defineRead({
  entity: "Group",
  many: true,
  toQuery(args): { where: Where<"Team"> } {
    const { entityType = "SYSTEM", entityUuid: id } = parse(Input, args);
    if (entityType === "SYSTEM") return { where: {} };
    if (id === undefined)
      throw badInput(
        "entityUuid",
        `is required: the ID of a ${entityType === "WORKSPACE" ? "Workspace" : "Deployment"}`,
      );
    return { where: { also: [hasRole(entityType === "WORKSPACE" ? { workspaceId: id } : { deploymentId: id })] } };
  },
});
