import type { GraphQLObjectType, GraphQLSchema } from "graphql";
import { getNamedType } from "graphql";
import type { Roles } from "../auth/roles.ts";
import { entities } from "./entities.ts";
import type { Entity, EntityName, Field } from "./entity.ts";
import { permissionsOn } from "./fieldRights.ts";
import { allowed, heldRoles, type Right } from "./rights.ts";
import type { Selected } from "./selection.ts";
import { conditionOf, type Where } from "./where.ts";

/** What a read asks for. */
export interface ReadRequest {
  entity: EntityName;
  fields: readonly Selected[];
  where: Where;
  /** A list, or the one row that meets `where`. */
  many: boolean;
  /** Leave out rows the caller may not see; off where the root field's own permission has settled it. */
  onlyVisible: boolean;
}

/** PostgreSQL takes at most 100 arguments to a function; json_build_object takes two for each key. */
const MAX_PAIRS = 50;

/**
 * Turns a selection into one SQL statement that answers it whole, as JSON in the column `data`: rows, nested rows,
 * the rights on both. Parameters: $1 and $2 the caller (read/rights.ts), then the values of `where` in order.
 */
export function compile(schema: GraphQLSchema, roles: Roles, request: ReadRequest): string {
  let aliases = 0;
  let params = 2;
  const nextAlias = () => `t${aliases++}`;
  const nextParam = () => `$${++params}`;

  const rowsOf = (name: EntityName, alias: string, conditions: readonly string[]): string => {
    const definition = entities[name];
    const all = [...conditions];
    if (definition.where) all.push(onRow(definition.where, alias));
    return `FROM "${definition.table}" ${alias} WHERE ${all.join(" AND ") || "true"}`;
  };

  const objectOf = (name: EntityName, alias: string, fields: readonly Selected[]): string => {
    const type = schema.getType(name) as GraphQLObjectType;
    const pairs = fields.map((field) => `${literal(field.key)}, ${guarded(name, type, field, alias)}`);
    if (pairs.length <= MAX_PAIRS) return `json_build_object(${pairs.join(", ")})`;
    const parts = chunks(pairs, MAX_PAIRS).map((part) => `jsonb_build_object(${part.join(", ")})`);
    return `(${parts.join(" || ")})::json`;
  };

  /** The field's SQL behind the rights that its `@auth` asks for. */
  const guarded = (name: EntityName, type: GraphQLObjectType, field: Selected, alias: string): string => {
    const definition = entities[name];
    const sql = fieldValue(definition, type, field, alias);
    const permissions = permissionsOn(type, field.name);
    if (permissions.length === 0) return sql;
    const rights: Right[] = permissions.map((permission) => ({ permission, ...definition.scope }));
    const how = definition.fields[field.name];
    const isList = how !== undefined && "many" in how && !how.first;
    return `CASE WHEN ${allowed(roles, rights, alias)} THEN ${sql}${isList ? " ELSE '[]'::json" : ""} END`;
  };

  const fieldValue = (definition: Entity, type: GraphQLObjectType, selected: Selected, alias: string): string => {
    const field = definition.fields[selected.name];
    if (field === undefined) return columnOf(type, selected.name, `${alias}."${selected.name}"`);
    if ("column" in field) return columnOf(type, selected.name, `${alias}."${field.column}"`);
    if ("sql" in field) return columnOf(type, selected.name, onRow(field.sql, alias));
    if ("from" in field) {
      const pairs = field.from.map((column) => `${literal(column)}, ${alias}."${column}"`);
      return `json_build_object(${pairs.join(", ")})`;
    }
    if ("may" in field) {
      const pairs = Object.entries(field.may).map(
        ([key, rights]) => `${literal(key)}, coalesce(${allowed(roles, rights, alias)}, false)`,
      );
      return `json_build_object(${pairs.join(", ")})`;
    }
    return relation(field, selected, alias);
  };

  const relation = (
    field: Extract<Field, { one: EntityName } | { many: EntityName }>,
    selected: Selected,
    alias: string,
  ): string => {
    const name = "one" in field ? field.one : field.many;
    const there = nextAlias();
    const conditions: string[] = [];
    if ("one" in field) {
      conditions.push(`${there}.id = ${alias}."${field.ours}"`);
    } else if (field.via) {
      const { table, ours, to } = field.via;
      conditions.push(
        `${there}.id IN (SELECT v."${to}" FROM "${table}" v WHERE v."${ours}" = ${alias}.id AND v."${to}" IS NOT NULL)`,
      );
    } else {
      conditions.push(`${there}."${field.theirs}" = ${alias}.id`);
    }
    if (!field.implied) conditions.push(allowed(roles, entities[name].visible, there));
    if ("one" in field) return `(SELECT ${objectOf(name, there, selected.fields)} ${rowsOf(name, there, conditions)})`;
    const rows = `SELECT ${objectOf(name, there, selected.fields)} AS j ${rowsOf(name, there, conditions)}`;
    if (field.first) return `(${rows} ORDER BY ${onRow(entities[name].order, there)} LIMIT 1)`;
    return listOf(`${rows} ${page(name, there, selected.args)}`);
  };

  const root = nextAlias();
  const conditions = [conditionOf(request.where, root, nextParam)];
  if (request.onlyVisible) conditions.push(allowed(roles, entities[request.entity].visible, root));
  const rows = `SELECT ${objectOf(request.entity, root, request.fields)} AS j ${rowsOf(request.entity, root, conditions)}`;
  const data = request.many ? listOf(`${rows} ${page(request.entity, root, {})}`) : `(${rows} LIMIT 1)`;
  return `WITH ${heldRoles}\nSELECT ${data} AS data`;
}

const listOf = (rows: string) => `(SELECT coalesce(json_agg(x.j), '[]'::json) FROM (${rows}) x)`;

/** ORDER BY, and LIMIT where the field takes `first`. */
function page(name: EntityName, alias: string, args: Record<string, unknown>): string {
  const first = typeof args.first === "number" ? ` LIMIT ${Math.max(0, Math.trunc(args.first))}` : "";
  return `ORDER BY ${onRow(entities[name].order, alias)}${first}`;
}

/** DateTime columns leave the database as RFC 3339 in UTC, which is what they hold. */
function columnOf(type: GraphQLObjectType, field: string, sql: string): string {
  const named = getNamedType(type.getFields()[field]?.type);
  return named?.name === "DateTime" ? `to_char(${sql}, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')` : sql;
}

const onRow = (sql: string, alias: string) => sql.replaceAll("$row", alias);

/** An SQL string. Keys come from the caller's document, so quotes are doubled (GraphQL names hold none today). */
const literal = (text: string) => `'${text.replaceAll("'", "''")}'`;

const chunks = <T>(items: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
