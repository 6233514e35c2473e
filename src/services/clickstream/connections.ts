import { z } from "zod";
import { organizationOf } from "../../access/organizationHeader.ts";
import { parse } from "../../platform/errors/parse.ts";
import { optional } from "../../platform/input/input.ts";
import { defineRead } from "../../query/defineRead.ts";

const Input = z.object({ connectionId: optional(z.string()) });

/** The Connections of the Organization in the header, on which the caller's permission was checked; or one of them. */
export const connections = defineRead({
  entity: "Connection",
  many: true,
  toQuery: (args, ctx) => ({ where: { organizationId: organizationOf(ctx), id: parse(Input, args).connectionId } }),
});
