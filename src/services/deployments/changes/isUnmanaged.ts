import type { Deployment } from "../../../generated/prisma/client.ts";

/** Whether Houston leaves what runs of a Deployment alone: it was adopted, or an operator runs it. */
export const isUnmanaged = ({ adoptedAt, mode }: Pick<Deployment, "adoptedAt" | "mode">): boolean =>
  adoptedAt !== null || mode === "operator";
