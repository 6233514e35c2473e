import type { GraphQLObjectType } from "graphql";
import type { Permission } from "../access/permissions.ts";

const remembered = new WeakMap<GraphQLObjectType, Map<string, readonly Permission[]>>();

/** The permissions, any one of which a nested field's `@auth` in schema.graphql asks for; empty when it asks for none. */
export function permissionsOn(type: GraphQLObjectType, field: string): readonly Permission[] {
  let fields = remembered.get(type);
  if (!fields) {
    fields = new Map();
    remembered.set(type, fields);
  }
  const known = fields.get(field);
  if (known) return known;
  const definition = type.getFields()[field];
  const directives = definition?.astNode?.directives ?? [];
  const permissions = directives
    .filter((directive) => directive.name.value === "auth")
    .flatMap((directive) => directive.arguments ?? [])
    .filter((argument) => argument.name.value === "permission")
    .flatMap(({ value }) => (value.kind === "ListValue" ? value.values : [value]))
    .flatMap((value) => (value.kind === "StringValue" ? [value.value as Permission] : []));
  fields.set(field, permissions);
  return permissions;
}
