import { z } from "zod";
import { AuditOutcome } from "../../generated/prisma/client.ts";
import { optional, Time } from "../../platform/input/input.ts";
import type { Where } from "../../query/where.ts";

const text = (what: string) => optional(z.string(what).max(255, what));

/** The conditions on entries that `auditLog` and the export have in common. */
export const Filter = {
  workspaceUuid: text("must be an ID"),
  actor: text("must be an actor such as user:<id>"),
  action: text("must be the name of a field, an operation or a job"),
  entityType: text("must be the name of a type"),
  entityId: text("must be an ID"),
  outcome: optional(z.enum(AuditOutcome, `must be one of ${Object.keys(AuditOutcome).join(", ")}`)),
  from: Time,
  to: Time,
};

/** The condition for a parsed filter. */
export const whereOf = ({ workspaceUuid: workspaceId, from, to, ...equal }: AuditFilter): Where<"AuditEntry"> => ({
  workspaceId,
  ...equal,
  also: from || to ? [{ between: "createdAt", from, to }] : undefined,
});

export type AuditFilter = z.output<z.ZodObject<typeof Filter>>;
