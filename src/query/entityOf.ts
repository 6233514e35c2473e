import type { GraphQLSchema } from "graphql";
import type { Entity, EntityName, TableOf } from "./entity.ts";

/** How rows of types are fetched, by the name of the type. */
export type Entities = { readonly [Name in EntityName]?: Entity<TableOf<Name>> };

/** Registers how rows of the schema's types are fetched. */
export function registerEntities(schema: GraphQLSchema, entities: Entities): void {
  for (const [name, entity] of Object.entries(entities)) {
    const type = schema.getType(name);
    if (type) type.extensions = { ...type.extensions, entity };
  }
}

/** How rows of a type are fetched. Throws for a type that was not registered. */
export function entityOf(schema: GraphQLSchema, name: EntityName): Entity {
  const entity = schema.getType(name)?.extensions.entity as Entity | undefined;
  if (!entity) throw new Error(`${name} has no entity`);
  return entity;
}
