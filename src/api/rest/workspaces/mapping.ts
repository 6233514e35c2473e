import type { Mapping } from "../routing/mapping.ts";
import { subjectIn } from "../routing/parts.ts";
import type { Workspace } from "./schemas.ts";

/** How each field of a Workspace maps to the GraphQL API and to the tables. */
export const workspaceMapping: Mapping<typeof Workspace, "Workspace"> = {
  id: { v1: "`id`." },
  organizationId: { v1: "Only here." },
  organizationName: {
    v1: "Only here.",
    fetch: {
      sql: "$organization.name",
      joins: { organization: { table: "Organization", id: `$row."organizationId"` } },
    },
  },
  name: { v1: "`label`.", fetch: { column: "label" } },
  description: { v1: "`description`." },
  cicdEnforcedDefault: { v1: "Only here." },
  createdAt: { v1: "`createdAt`." },
  updatedAt: { v1: "`updatedAt`." },
  createdBy: { v1: "Only here.", fetch: subjectIn("createdBy") },
  updatedBy: { v1: "Only here.", fetch: subjectIn("updatedBy") },
};
