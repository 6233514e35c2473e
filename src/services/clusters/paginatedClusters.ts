import { z } from "zod";
import { authorize } from "../../access/authorize.ts";
import type { Context } from "../../access/context.ts";
import { parse } from "../../platform/errors/parse.ts";
import { optional } from "../../platform/input/input.ts";
import type { Page } from "../../query/page.ts";
import { Paging, pageFrom } from "../../query/paging.ts";
import type { Where } from "../../query/where.ts";

const text = optional(z.string("needs a text").max(80, "needs at most 80 characters"));

const Input = z.object({
  ...Paging,
  searchPhrase: text,
  k8sVersion: text,
  id: optional(z.string("needs an id")),
  sortBy: optional(z.enum(["createdAt", "name"], "needs createdAt or name")),
  sortDirection: optional(
    z
      .string("needs asc or desc")
      .toLowerCase()
      .pipe(z.enum(["asc", "desc"], "needs asc or desc")),
  ),
});

/** What the type PaginatedClusters is made of: which clusters match, and which part of them is wanted. */
export interface MatchingClusters {
  where: Where<"Cluster">;
  page: Page<"Cluster">;
}

/**
 * The clusters that the arguments ask for, and the page of them. Given values combine. Whoever may not see `healthStatus`
 * finds no cluster by what it holds.
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
