import { z } from "zod";
import { authorize } from "../../access/authorize.ts";
import type { Context } from "../../access/context.ts";
import { parse } from "../../platform/errors/parse.ts";
import { optional } from "../../platform/input/input.ts";
import type { Page } from "../../query/page.ts";
import { Paging, pageFrom } from "../../query/paging.ts";
import type { Where } from "../../query/where.ts";

const TEXT = "must be a string of at most 80 characters";
const text = optional(z.string(TEXT).max(80, TEXT));

const Input = z.object({
  ...Paging,
  searchPhrase: text,
  k8sVersion: text,
  id: optional(z.string("must be an ID")),
  sortBy: optional(z.enum(["createdAt", "name"], "must be createdAt or name")),
  sortDirection: optional(
    z
      .string("must be asc or desc")
      .toLowerCase()
      .pipe(z.enum(["asc", "desc"], "must be asc or desc")),
  ),
});

/** What the type PaginatedClusters is made of: which clusters match, and which part of them is wanted. */
export interface MatchingClusters {
  where: Where<"Cluster">;
  page: Page<"Cluster">;
}

/**
 * Condition and page of the requested clusters. All given values must match. Callers who may not see `healthStatus` find
 * no cluster by its content.
 */
export function paginatedClusters(
  args: unknown,
  { config, roles, caller }: Pick<Context, "config" | "roles" | "caller">,
): MatchingClusters {
  const { searchPhrase, k8sVersion, id, sortBy, sortDirection, ...paging } = parse(Input, args);
  const hidden = k8sVersion !== undefined && !authorize(roles, caller, ["system.clusters.get"]);
  const where: MatchingClusters["where"] = {
    id: hidden ? [] : id,
    also: [
      searchPhrase === undefined ? undefined : { anyOf: ["name", "baseDomain"], contains: searchPhrase },
      k8sVersion === undefined ? undefined : { json: "healthStatus", key: "k8sVersion", equals: k8sVersion },
    ],
  };
  const part = pageFrom(paging, config.deployments.pagination.system.maxTake);
  const descending = sortDirection === "desc";
  return { where, page: { ...part, order: { by: sortBy === "name" ? ["name"] : ["createdAt", "id"], descending } } };
}
