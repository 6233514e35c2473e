import { z } from "zod";
import type { Context } from "../../../access/context.ts";
import { parse } from "../../../platform/errors/parse.ts";
import { IdOf } from "../../../platform/input/input.ts";
import { changeDeployment } from "./changeDeployment.ts";
import { VersionInput } from "./deploymentInput.ts";

const Input = z.object({ deploymentUuid: IdOf, desiredAirflowVersion: VersionInput });

/**
 * Sets the Airflow version that a Deployment's next image is to bring; the present one takes a pending move back. Throws
 * BAD_USER_INPUT for versions that do not exist, are earlier than the present one or deprecated, and for a Deployment that
 * runs a runtime version.
 */
export async function updateDeploymentAirflow(ctx: Context, input: unknown): Promise<{ id: string }> {
  const { deploymentUuid: id, desiredAirflowVersion } = parse(Input, input);
  return changeDeployment(ctx, { id }, { desiredAirflowVersion }, "updateDeploymentAirflow");
}
