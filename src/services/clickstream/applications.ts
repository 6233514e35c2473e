import { z } from "zod";
import { organizationOf } from "../../access/organizationHeader.ts";
import { parse } from "../../platform/errors/parse.ts";
import { optional } from "../../platform/input/input.ts";
import { defineRead } from "../../query/defineRead.ts";

const Input = z.object({ appId: optional(z.string()) });

/** The Applications of the Organization in the header, on which the caller's permission was checked; or one of them. */
export const applications = defineRead({
  entity: "Application",
  many: true,
  toQuery: (args, ctx) => ({ where: { organizationId: organizationOf(ctx), id: parse(Input, args).appId } }),
});
