import type { Field } from "../../query/entity.ts";

/** The value of a column, while the key before the last rotation is still valid. */
const whileValid = (column: string): Field<"ServiceAccount"> => ({
  sql: `CASE WHEN $row."previousKeyExpiresAt" > (now() AT TIME ZONE 'utc') THEN $row."${column}" END`,
});

/** What is shown of the key before the last rotation, wherever service accounts are. */
export const previousKeyFields = {
  previousKeyExpiresAt: whileValid("previousKeyExpiresAt"),
  previousKeyStart: whileValid("previousKeyStart"),
  previousKeyLastUsedAt: whileValid("previousKeyLastUsedAt"),
} as const satisfies Record<string, Field<"ServiceAccount">>;
