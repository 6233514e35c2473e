import { z } from "zod";
import type { Context } from "../../access/context.ts";
import { parse } from "../../platform/errors/parse.ts";
import { IdOf } from "../../platform/input/input.ts";
import { clusterUnavailable } from "./clusterUnavailable.ts";
import { assertAdopted } from "./unadoptDeployment.ts";

const Input = z.object({ deploymentId: IdOf });

/**
 * The users of an adopted Airflow. Throws CONFLICT for a Deployment that was not adopted, otherwise CLUSTER_UNAVAILABLE:
 * they are stored in its metadata database.
 */
export async function adoptedAirflowUsers(ctx: Context, input: unknown): Promise<never> {
  const { deploymentId: id } = parse(Input, input);
  assertAdopted(await ctx.db.deployment.findFirst({ where: { id, deletedAt: null } }), "deploymentId");
  throw clusterUnavailable("read the users of the Airflow");
}
