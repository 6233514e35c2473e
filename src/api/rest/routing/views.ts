import {
  GraphQLBoolean,
  GraphQLInt,
  GraphQLNonNull,
  GraphQLObjectType,
  type GraphQLOutputType,
  GraphQLScalarType,
  GraphQLSchema,
} from "graphql";
import { z } from "zod";
import type { Permission } from "../../../access/permissions.ts";
import type { Entity, EntityName, TableOf } from "../../../query/entity.ts";
import { registerEntities } from "../../../query/entityOf.ts";
import type { Selected } from "../../../query/selection.ts";

/** How the Platform API shows rows of one table: the schema of the answer, and how its fields are fetched. */
export interface View<Name extends EntityName = EntityName> {
  schema: z.ZodObject;
  entity: Entity<TableOf<Name>>;
  /** Fields that are absent for callers who hold none of the permissions on the row. */
  requires?: Readonly<Record<string, readonly Permission[]>>;
}

/** Views by the name of the table. */
export type Views = { readonly [Name in EntityName]?: View<Name> };

const DateTime = new GraphQLScalarType({ name: "DateTime" });
const Json = new GraphQLScalarType({ name: "JSON" });

function scalarOf(schema: unknown): GraphQLScalarType {
  if (schema instanceof z.ZodISODateTime) return DateTime;
  if (schema instanceof z.ZodBoolean) return GraphQLBoolean;
  return schema instanceof z.ZodNumberFormat ? GraphQLInt : Json;
}

/** What the compiler of src/query needs to read rows as their views show them. */
export interface ViewReader {
  schema: GraphQLSchema;
  /** All fields of a view, with those of related rows. */
  fieldsOf(name: EntityName): readonly Selected[];
}

/**
 * Describes the views to the compiler: a type for each, whose fields that may be absent are nullable. A relation leads to
 * another view; every other field is a value, whatever its JSON contains.
 */
export function readerOf(views: Views): ViewReader {
  const all = Object.entries(views) as [EntityName, View][];
  const types = new Map<string, GraphQLObjectType>();
  const related = ({ entity: { fields } }: View, key: string): EntityName | undefined => {
    const field = fields[key];
    if (!field) return undefined;
    return "one" in field ? field.one : "many" in field ? field.many : undefined;
  };
  for (const [name, view] of all) {
    const fields = () =>
      Object.fromEntries(
        Object.entries(view.schema.shape).map(([key, field]) => {
          const isOptional = field instanceof z.ZodOptional;
          const inner = isOptional ? field.unwrap() : field;
          const target = types.get(related(view, key) ?? "");
          const type: GraphQLOutputType = target ?? scalarOf(inner);
          const permissions = view.requires?.[key];
          return [key, { type: isOptional ? type : new GraphQLNonNull(type), extensions: { permissions } }];
        }),
      );
    types.set(name, new GraphQLObjectType({ name, fields }));
  }
  const schema = new GraphQLSchema({ types: [...types.values()] });
  registerEntities(schema, Object.fromEntries(all.map(([name, { entity }]) => [name, entity])));
  const fieldsOf = (name: EntityName): readonly Selected[] => {
    const view = views[name] as View | undefined;
    return Object.keys(view?.schema.shape ?? {}).map((key) => {
      const target = view && related(view, key);
      return { key, name: key, args: {}, fields: target ? fieldsOf(target) : [] };
    });
  };
  return { schema, fieldsOf };
}
