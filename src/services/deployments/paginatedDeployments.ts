import { z } from "zod";
import { parse } from "../../platform/errors/parse.ts";
import { optional } from "../../platform/input/input.ts";
import { defineRead } from "../../query/defineRead.ts";
import { Paging, pageFrom } from "../../query/paging.ts";
import type { Where } from "../../query/where.ts";

const Input = z.object({
  ...Paging,
  name: optional(z.string("needs a text").max(80, "needs at most 80 characters")),
  clusterId: optional(z.string("needs an id")),
});

/** A page of all Deployments of the platform or of one cluster, oldest first; `name` is looked for in labels and release names. */
export const paginatedDeployments = defineRead({
  entity: "Deployment",
  many: true,
  toQuery(args, { config }) {
    const { name, clusterId, ...paging } = parse(Input, args);
    const where: Where<"Deployment"> = {
      clusterId,
      also: [name === undefined ? undefined : { anyOf: ["label", "releaseName"], contains: name }],
    };
    const page = pageFrom(paging, config.deployments.pagination.system.maxTake);
    return { where, page: name === undefined ? { ...page, counted: { clusterId: clusterId ?? null } } : page };
  },
});
