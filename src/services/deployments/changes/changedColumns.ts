import { isDeepStrictEqual } from "node:util";
import type { Deployment, Prisma } from "../../../generated/prisma/client.ts";

/**
 * The columns to write: those with a value that differs from the stored one. Related rows to create are always written.
 */
export const changedColumns = (stored: Deployment, columns: object): Prisma.DeploymentUncheckedUpdateInput =>
  Object.fromEntries(
    Object.entries(columns).filter(
      ([name, value]) => value !== undefined && !isDeepStrictEqual(value, stored[name as keyof Deployment]),
    ),
  );
