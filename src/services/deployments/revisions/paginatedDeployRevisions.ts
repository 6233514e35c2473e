import { z } from "zod";
import { parse } from "../../../platform/errors/parse.ts";
import { optional } from "../../../platform/input/input.ts";
import { defineRead } from "../../../query/defineRead.ts";
import { Paging, pageFrom } from "../../../query/paging.ts";

const Input = z.object({ ...Paging, deploymentUuid: optional(z.string("must be an ID")) });

/** A page of the deploys of one Deployment or of the platform, newest first. */
export const paginatedDeployRevisions = defineRead({
  entity: "DeployRevision",
  many: true,
  toQuery(args, { config }) {
    const { deploymentUuid: deploymentId, ...paging } = parse(Input, args);
    const page = pageFrom(paging, config.deployments.pagination.deployRevision.maxTake);
    return { where: { deploymentId }, page: { ...page, order: { by: ["createdAt", "id"], descending: true } } };
  },
});
