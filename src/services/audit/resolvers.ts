import type { Resolvers } from "../../generated/resolvers.ts";
import { auditLog } from "./auditLog.ts";

/** The audit log. */
export const resolvers: Resolvers = { Query: { auditLog } };
