import { z } from "zod";
import { organizationOf } from "../../access/organizationHeader.ts";
import { parse } from "../../platform/errors/parse.ts";
import { optional } from "../../platform/input/input.ts";
import { defineRead } from "../../query/defineRead.ts";

/** Maximum number of Integrations in an answer: a thousand Applications may have a thousand each. */
const MAX = 1000;
const FIRST = "must be a whole number from 1 to 1,000";

const Input = z.object({
  integrationId: optional(z.string()),
  appId: optional(z.string()),
  connectionId: optional(z.string()),
  first: z.int(FIRST).min(1, FIRST).max(MAX, FIRST).nullish(),
  after: optional(z.string()),
});

/** Integrations of the Organization in the header, on which the caller's permission was checked. */
export const integrations = defineRead({
  entity: "Integration",
  many: true,
  toQuery(args, ctx) {
    const { integrationId: id, appId: applicationId, connectionId, first, after: cursor } = parse(Input, args);
    const where = { organizationId: organizationOf(ctx) };
    const application = { table: "Application", theirs: "id", ours: "applicationId", where } as const;
    return {
      where: { id, applicationId, connectionId, also: [application] },
      page: { take: first ?? MAX, cursor, maxTake: MAX },
    };
  },
});
