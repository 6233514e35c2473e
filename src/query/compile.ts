import type { GraphQLObjectType } from "graphql";
import {
  GraphQLBoolean,
  GraphQLInt,
  getNamedType,
  getNullableType,
  isListType,
  isNonNullType,
  isObjectType,
} from "graphql";
import { knownCaller } from "./callerSql.ts";
import { type CountedPage, countedPageSql } from "./countedPage.ts";
import type { Entity, EntityName, Field, Joins } from "./entity.ts";
import { entityOf } from "./entityOf.ts";
import { permissionsOn } from "./fieldPermissions.ts";
import { booleanOf, jsonOf, listOf, listOfOne, objectOf, onRow, type Pair, partOf, stringOf, timeOf } from "./json.ts";
import { orderOf, pageOf, pageRows } from "./page.ts";
import { type CompileOptions, NotInSql, type ReadRequest } from "./readRequest.ts";
import { knowing, type Right, type Rights, rightsSql } from "./rights.ts";
import type { Selected } from "./selection.ts";
import { conditionOf } from "./where.ts";

/**
 * An SQL expression for the JSON text of a response, the number of its last parameter, and the fields in the last ones.
 */
export interface Compiled {
  data: string;
  params: number;
  computed: readonly string[];
}

/**
 * Compiles a selection to one SQL statement that returns all of it as JSON in the column `data`: rows, nested rows, and
 * the permission checks on both. Parameters: the caller's (callerSql.ts), then the values of `where` in order.
 */
export function compile(options: CompileOptions, request: ReadRequest): string {
  const caller = options.caller ?? knownCaller;
  const { data } = compileData(options, request, caller.params);
  return `WITH ${caller.ctes}\nSELECT ${data}::json AS data`;
}

/** The expression for the result of a read; its first parameter follows the `params` already in use. */
export function compileData(options: CompileOptions, request: ReadRequest, params: number): Compiled {
  return new Compiler(options, params).root(request);
}

type One = Extract<Field, { one: EntityName }>;
type Many = Extract<Field, { many: EntityName }>;

/** A row, and the joins that its to-one relations add to the statement that reads it. */
interface From {
  alias: string;
  joins: string[];
  /** Replaces the tables of the rows below this one, and fields of this one. */
  written?: ReadRequest["written"];
}

class Compiler {
  readonly #options: CompileOptions;
  readonly #rights: Rights;
  #params: number;
  #aliases = 0;
  readonly #computed: string[] = [];
  /** Columns of the root that equal a parameter: what depends only on them is computed once, not for every row. */
  readonly #fixed = new Map<string, string>();

  constructor(options: CompileOptions, params: number) {
    this.#options = options;
    this.#rights = rightsSql(options.roles, options.caller ?? knownCaller, options.provenRoles);
    this.#params = params;
  }

  root(request: ReadRequest): Compiled {
    const { entity, fields, where, many, onlyVisible, page, written, counted } = request;
    const next = () => `$${++this.#params}`;
    const root = this.#alias();
    if (counted) return this.#countedPage(request, counted, root, next);
    const equal = (column: string, value: string) => this.#fixed.set(`${root}."${column}"`, value);
    const conditions = [conditionOf(where, root, { next, equal, allowed: this.#rights.allowed })];
    if (onlyVisible) {
      const { visible, table } = this.#entity(entity);
      const narrowed = this.#fixed.size > 0;
      conditions.push(
        narrowed
          ? this.#rights.allowed(visible, root)
          : `${root}.id = ANY(ARRAY(${this.#rights.idsAllowed(visible, table)}))`,
      );
    }
    const from = { alias: root, joins: [], written };
    const rows = page
      ? this.#rows(entity, from, ["true"], fields, pageRows(this.#entity(entity), root, conditions, page, next))
      : this.#rows(entity, from, conditions, fields, written && `"${written.row}"`);
    const data = many ? listOf(`${rows} ${orderOf(this.#entity(entity), root, page)}`) : `(${rows} LIMIT 1)`;
    return { data, params: this.#params, computed: this.#computed };
  }

  /** An object of the number of rows and one page of them. */
  #countedPage(
    { entity, fields, where, onlyVisible }: ReadRequest,
    page: CountedPage,
    root: string,
    next: () => string,
  ): Compiled {
    const definition = this.#entity(entity);
    const visible = onlyVisible ? definition.visible : undefined;
    const found = countedPageSql({ entity: definition, alias: root, where, visible, page, next, rights: this.#rights });
    const rows = this.#rows(entity, { alias: root, joins: [] }, ["true"], fields, found.rows);
    const pairs: Pair[] = [
      ["totalCount", `${found.total}::text`],
      [page.key, listOf(`${rows} ${found.order}`)],
    ];
    return { data: `(${found.ctes} SELECT ${objectOf(pairs)}${found.from})`, params: this.#params, computed: [] };
  }

  #alias = () => `t${this.#aliases++}`;

  #entity = (name: EntityName) => entityOf(this.#options.schema, name);

  /** Rows of a type, each as one JSON object `j`; from `source`, an item of FROM, or from their table. */
  #rows(
    name: EntityName,
    from: From,
    conditions: readonly string[],
    fields: readonly Selected[],
    source?: string,
  ): string {
    const { alias } = from;
    const { table, where } = this.#entity(name);
    const all = where === undefined ? conditions : [...conditions, onRow(where, alias)];
    const object = this.#object(name, from, fields);
    return `SELECT ${object} AS j FROM ${source ?? `"${table}"`} ${alias}${from.joins.join("")} WHERE ${all.join(" AND ")}`;
  }

  #object(name: EntityName, from: From, fields: readonly Selected[]): string {
    const type = this.#options.schema.getType(name) as GraphQLObjectType;
    return objectOf(
      fields.flatMap((field): Pair[] => {
        const nullable = !isNonNullType(type.getFields()[field.name]?.type);
        const pairs = this.#pair(name, type, field, from);
        return this.#options.omitNull && nullable ? pairs.map(([key, json]): Pair => [key, json, "omit"]) : pairs;
      }),
    );
  }

  #pair(name: EntityName, type: GraphQLObjectType, field: Selected, from: From): Pair[] {
    if (isPlainId(this.#entity(name), type, field)) return [[field.key, { plain: `${from.alias}.id` }]];
    if (field.name !== "__typename") return [[field.key, this.#guarded(name, type, field, from)]];
    return this.#options.complete ? [[field.key, stringOf(type.name)]] : [];
  }

  /** The field's SQL, returned only to callers with a permission that its `@auth` names. */
  #guarded(name: EntityName, type: GraphQLObjectType, field: Selected, from: From): string {
    const definition = this.#entity(name);
    const sql = this.#value(definition, type, field, from);
    const permissions = permissionsOn(type, field.name);
    if (permissions.length === 0) return sql;
    const rights: Right[] = permissions.map((permission) => ({ permission, ...definition.scope }));
    const relation = definition.fields[field.name];
    const isList = relation !== undefined && "many" in relation && !relation.first;
    const omitted = this.#options.omitNull && !isNonNullType(type.getFields()[field.name]?.type);
    const otherwise = isList && !omitted ? " ELSE '[]'" : "";
    return `CASE WHEN ${this.#rights.allowed(rights, from.alias)} THEN ${sql}${otherwise} END`;
  }

  #value(definition: Entity, type: GraphQLObjectType, selected: Selected, from: From): string {
    const { alias } = from;
    if (from.written?.computed?.includes(selected.name)) return this.#parameter(selected.name);
    const field = definition.fields[selected.name];
    if (field === undefined) return this.#column(type, selected, `${alias}."${selected.name}"`);
    if ("column" in field) return this.#column(type, selected, `${alias}."${field.column}"`);
    if ("json" in field) return onJoins(field.json, field.joins, from);
    if ("sql" in field) return this.#column(type, selected, onJoins(field.sql, field.joins, from));
    if ("from" in field) {
      if (this.#options.complete) throw new NotInSql(`${type.name}.${selected.name}`);
      const more = Object.entries(field.and ?? {}).map(([name, sql]): Pair => [name, jsonOf(onRow(sql, alias))]);
      const object = objectOf([...field.from.map((column): Pair => [column, jsonOf(`${alias}."${column}"`)]), ...more]);
      return field.shownTo ? `CASE WHEN ${this.#rights.allowed(field.shownTo, alias)} THEN ${object} END` : object;
    }
    if ("may" in field) return this.#capabilities(field.may, type, selected, alias);
    return "one" in field ? this.#one(field, selected, from) : this.#many(field, selected, from);
  }

  #parameter(field: string): string {
    const known = this.#computed.indexOf(field);
    if (known >= 0) return jsonOf(`$${this.#params - this.#computed.length + known + 1}::text`);
    this.#computed.push(field);
    return jsonOf(`$${++this.#params}::text`);
  }

  #capabilities(may: Record<string, readonly Right[]>, type: GraphQLObjectType, selected: Selected, alias: string) {
    const wanted = (name: string) => booleanOf(this.#rights.allowed(may[name] ?? [], alias));
    if (!this.#options.complete) return objectOf(Object.keys(may).map((name) => [name, wanted(name)]));
    const capability = getNamedType(type.getFields()[selected.name]?.type);
    return objectOf(
      selected.fields.map(({ key, name }) => [
        key,
        name === "__typename" ? stringOf(String(capability?.name)) : wanted(name),
      ]),
    );
  }

  /** The row that a column references: joined, or computed once if the column is the same for all rows. */
  #one(field: One, selected: Selected, from: From): string {
    const related = this.#alias();
    const ours = `${from.alias}."${field.ours}"`;
    const fixed = this.#fixed.get(ours);
    const conditions = [`${related}.id = ${fixed ?? ours}`];
    const { table, where, visible } = this.#entity(field.one);
    if (!field.implied) conditions.push(this.#rights.allowed(visible, related));
    if (fixed !== undefined)
      return `(${this.#rows(field.one, { alias: related, joins: [] }, conditions, selected.fields)})`;
    if (where !== undefined) conditions.push(onRow(where, related));
    from.joins.push(` LEFT JOIN "${table}" ${related} ON ${conditions.join(" AND ")}`);
    const object = this.#object(field.one, { alias: related, joins: from.joins }, selected.fields);
    return `CASE WHEN ${related}.id IS NOT NULL THEN ${object} END`;
  }

  /** The rows that reference this one, directly or through a row of another table. */
  #many(field: Many, selected: Selected, { alias, written }: From): string {
    const related = this.#alias();
    const definition = this.#entity(field.many);
    const conditions = [this.#referencing(field, related, alias)];
    if (!field.implied) conditions.push(this.#rights.allowed(visibleBy(field, definition), related));
    const source = written?.related[field.many];
    const from = { alias: related, joins: [] };
    const rows = this.#rows(field.many, from, conditions, selected.fields, source && `"${source}"`);
    if (source !== undefined) return listOfOne(`(${rows})`);
    if (field.first) return `(${rows} ORDER BY ${onRow(definition.order, related)} LIMIT 1)`;
    return listOf(`${rows} ${pageOf(definition, related, selected.args)}`);
  }

  #referencing({ theirs, via }: Many, related: string, alias: string): string {
    if (!via) return `${related}."${theirs}" = ${alias}.id`;
    const { table, ours, to, rights } = via;
    const shown = rights ? ` AND ${this.#rights.allowed(rights, "v")}` : "";
    return `${related}.id IN (SELECT v."${to}" FROM "${table}" v WHERE v."${ours}" = ${alias}.id AND v."${to}" IS NOT NULL${shown})`;
  }

  /** The JSON text of a column or expression. */
  #column(parent: GraphQLObjectType, selected: Selected, sql: string): string {
    const type = parent.getFields()[selected.name]?.type;
    const named = getNamedType(type);
    if (named?.name === "DateTime") return timeOf(sql);
    const value = getNullableType(type);
    if (value === GraphQLBoolean || value === GraphQLInt) return `(${sql})::text`;
    if (!this.#options.complete || !isObjectType(named)) return jsonOf(sql);
    if (isListType(value)) throw new NotInSql(`${parent.name}.${selected.name}: a list of plain objects`);
    return partOf(`(${sql})::jsonb`, named, selected.fields);
  }
}

/** The SQL of a field on its row, and on the rows that it joins, which are added to `from`. */
function onJoins(sql: string, joins: Joins | undefined, { alias, joins: added }: From): string {
  let text = sql;
  for (const [name, { table, id }] of Object.entries(joins ?? {})) {
    const related = `${alias}_${name}`;
    const join = ` LEFT JOIN "${table}" ${related} ON ${related}.id = ${onRow(id, alias)}`;
    if (!added.includes(join)) added.push(join);
    text = text.replaceAll(`$${name}.`, `${related}.`);
  }
  return onRow(text, alias);
}

/** The ID of a row: database constraints such as "User_id_plain" allow only characters that JSON does not escape. */
const isPlainId = (definition: Entity, type: GraphQLObjectType, field: Selected): boolean =>
  field.name === "id" && definition.fields.id === undefined && permissionsOn(type, "id").length === 0;

/** Who may see rows of `definition` reached by `field`; the field can determine which subject the rows have. */
const visibleBy = ({ theirs, via }: Many, { visible, subjects }: Entity): readonly Right[] =>
  !via && subjects?.includes(theirs) ? knowing(visible, theirs, subjects) : visible;
