import { z } from "zod";
import type { Context } from "../../../access/context.ts";
import { parse } from "../../../platform/errors/parse.ts";
import { IdOf } from "../../../platform/input/input.ts";
import { changeDeployment } from "./changeDeployment.ts";
import { VersionInput } from "./deploymentInput.ts";

const Input = z.object({ deploymentUuid: IdOf, desiredAirflowVersion: VersionInput });

/**
 * Sets the Airflow version of a Deployment's next image; the current version cancels a pending upgrade. Throws
 * BAD_USER_INPUT for versions that are unknown, deprecated or earlier than the current one, and for a Deployment that runs
 * a Runtime version.
 */
export async function updateDeploymentAirflow(ctx: Context, input: unknown): Promise<{ id: string }> {
  const { deploymentUuid: id, desiredAirflowVersion } = parse(Input, input);
  return changeDeployment(ctx, { id }, { desiredAirflowVersion }, "updateDeploymentAirflow");
}
