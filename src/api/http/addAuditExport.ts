import { Readable } from "node:stream";
import { z } from "zod";
import type { Services } from "../../access/context.ts";
import { admit } from "../../access/guard.ts";
import type { Rule } from "../../access/rules.ts";
import { parse } from "../../platform/errors/parse.ts";
import { optional } from "../../platform/input/input.ts";
import { Filter } from "../../services/audit/auditFilter.ts";
import { exportEntries, type Format, formats } from "../../services/audit/exportEntries.ts";
import { contextOf } from "./contextOf.ts";
import type { Server } from "./createServer.ts";
import { joinPath } from "./joinPath.ts";

const names = Object.keys(formats) as [Format, ...Format[]];

const Input = z.strictObject({ ...Filter, format: optional(z.enum(names, "must be csv or jsonl")) });

/** As of the field `auditLog`. */
const rules: readonly Rule[] = [
  { permissions: ["system.auditLog.get"], on: "SYSTEM", id: [], when: undefined, unless: ["workspaceUuid"] },
  {
    ...{ permissions: ["workspace.auditLog.get", "system.auditLog.get"], on: "WORKSPACE", id: ["workspaceUuid"] },
    ...{ when: ["workspaceUuid"], unless: undefined },
  },
];

/**
 * `GET <endpoint>/audit-log?format=csv|jsonl` streams the entries that match the filter of the field `auditLog`, oldest first.
 * Without `format`: CSV. The caller's permission is checked before each page; once it is gone, the connection is cut.
 */
export function addAuditExport(server: Server, services: Services): void {
  server.get(joinPath(services.config.webserver.endpoint, "audit-log"), async (request, reply) => {
    const ctx = contextOf(services, request, "graphql");
    const args = { ...(request.query as Record<string, unknown>) };
    await admit(rules, ctx, args);
    const { format = "csv", ...filter } = parse(Input, args);
    const entries = exportEntries(ctx, { format, ...filter }, () => admit(rules, ctx, args));
    reply.headers({
      "cache-control": "no-store",
      "content-disposition": `attachment; filename="audit-log.${format}"`,
    });
    return reply.type(formats[format]).send(Readable.from(entries));
  });
}
