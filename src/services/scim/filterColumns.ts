import type { Attribute, ResourceType } from "./attributes.ts";

/** SQL for a value, and the form in which it is compared. */
export interface Column {
  sql: string;
  kind: "exact" | "folded" | "key" | "boolean" | "time";
}

/** Where the values of a multi-valued attribute come from: `SELECT 1 FROM <from>` is followed by a condition. */
interface Rows {
  from: string;
  column(sub: Attribute): Column | undefined;
}

/** What is not in the attributes of a row. Users are `s`, groups `t`. */
export const columns: Record<ResourceType["name"], Record<string, Column>> = {
  User: {
    id: { sql: 's."userId"', kind: "exact" },
    userName: { sql: 's."userNameKey"', kind: "key" },
    externalId: { sql: 's."externalId"', kind: "exact" },
    active: { sql: "s.active", kind: "boolean" },
    "meta.created": { sql: 's."createdAt"', kind: "time" },
    "meta.lastModified": { sql: 's."updatedAt"', kind: "time" },
    "meta.resourceType": { sql: "'User'", kind: "exact" },
  },
  Group: {
    id: { sql: "t.id", kind: "exact" },
    displayName: { sql: "t.name", kind: "folded" },
    externalId: { sql: 't."externalId"', kind: "exact" },
    "meta.created": { sql: 't."createdAt"', kind: "time" },
    "meta.lastModified": { sql: 't."updatedAt"', kind: "time" },
    "meta.resourceType": { sql: "'Group'", kind: "exact" },
  },
};

/** The multi-valued attributes that are rows of other tables. */
export const rows: Record<string, Rows> = {
  groups: {
    from: `"TeamMember" e JOIN "Team" g ON g.id = e."teamId" AND g.provider = s.provider WHERE e."userId" = s."userId"`,
    column: ({ name }) =>
      (({ value: { sql: 'e."teamId"', kind: "exact" }, display: { sql: "g.name", kind: "folded" } }) as const)[name],
  },
  members: {
    from: `"TeamMember" e WHERE e."teamId" = t.id`,
    column: ({ name }) =>
      (({ value: { sql: 'e."userId"', kind: "exact" }, type: { sql: "'User'", kind: "folded" } }) as const)[name],
  },
};
