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

/**
 * The clusters that the arguments ask for, and the page of them. Given values combine. Whoever may not see `healthStatus`
 * finds no cluster by what it holds.
 */
export function paginatedClusters(
  args: unknown,
  { config, roles, caller }: Pick<Context, "config" | "roles" | "caller">,
): { where: Where; page: Page } {
  const { searchPhrase, k8sVersion, id, sortBy, sortDirection, ...paging } = parse(Input, args);
  const hidden = k8sVersion !== undefined && !authorize(roles, caller, ["system.clusters.get"]);
  const where: Where = {
    id: hidden ? [] : id,
    named: searchPhrase === undefined ? undefined : { anyOf: ["name", "baseDomain"], contains: searchPhrase },
    version: k8sVersion === undefined ? undefined : { json: "healthStatus", key: "k8sVersion", equals: k8sVersion },
  };
  const by = sortBy === "name" ? ["name"] : ["createdAt", "id"];
  const order = { by, descending: sortDirection === "desc" };
  return { where, page: { ...pageFrom(paging, config.deployments.pagination.system.maxTake), order } };
}
