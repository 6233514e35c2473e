import { z } from "zod";
import type { Context } from "../../access/context.ts";
import { parse } from "../../platform/errors/parse.ts";
import { IdOf } from "../../platform/input/input.ts";
import { assertCluster } from "../clusters/cluster.ts";
import { clusterUnavailable } from "./clusterUnavailable.ts";

const Input = z.object({ clusterId: IdOf });

/** The Airflows on a cluster that can be adopted. Throws NOT_FOUND for an unknown cluster, else CLUSTER_UNAVAILABLE. */
export async function adoptionCandidates(ctx: Context, input: unknown): Promise<never> {
  const { clusterId } = parse(Input, input);
  await assertCluster(ctx, clusterId);
  throw clusterUnavailable("list the Airflows that run on them");
}
