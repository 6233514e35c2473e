import type { GraphQLObjectType } from "graphql";
import type { Permission } from "../access/permissions.ts";

const cache = new WeakMap<GraphQLObjectType, Map<string, readonly Permission[]>>();

/**
 * The permissions of a nested field's `@auth` in schema.graphql, or in `extensions.permissions` of a field without SDL, any
 * one of which is enough; empty without either.
 */
export function permissionsOn(type: GraphQLObjectType, field: string): readonly Permission[] {
  let fields = cache.get(type);
  if (!fields) {
    fields = new Map();
    cache.set(type, fields);
  }
  const known = fields.get(field);
  if (known) return known;
  const definition = type.getFields()[field];
  const directives = definition?.astNode?.directives ?? [];
  const given = definition?.extensions.permissions as readonly Permission[] | undefined;
  const permissions =
    given ??
    directives
      .filter((directive) => directive.name.value === "auth")
      .flatMap((directive) => directive.arguments ?? [])
      .filter((argument) => argument.name.value === "permission")
      .flatMap(({ value }) => (value.kind === "ListValue" ? value.values : [value]))
      .flatMap((value) => (value.kind === "StringValue" ? [value.value as Permission] : []));
  fields.set(field, permissions);
  return permissions;
}
