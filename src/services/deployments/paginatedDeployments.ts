import { z } from "zod";
import { parse } from "../../platform/errors/parse.ts";
import { optional } from "../../platform/input/input.ts";
import { defineRead } from "../../query/defineRead.ts";
import { Paging, pageFrom } from "../../query/paging.ts";
import type { Where } from "../../query/where.ts";

const NAME = "must be a string of at most 80 characters";

const Input = z.object({
  ...Paging,
  name: optional(z.string(NAME).max(80, NAME)),
  clusterId: optional(z.string("must be an ID")),
});

/** A page of the Deployments of the platform or of one cluster, oldest first; `name` filters by label and release name. */
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
