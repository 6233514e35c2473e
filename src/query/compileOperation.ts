import type { Credential } from "../access/authenticate.ts";
import type { ScopeColumns } from "../access/reach.ts";
import type { Level, Role, Roles } from "../access/roles.ts";
import { type Access, applying, keysFor, namedBy, type Rule, textAt } from "../access/rules.ts";
import { nameColumn, rowSql, type ScopeKind, scopeKinds } from "../access/scopeKinds.ts";
import { Statement } from "../platform/database/statement.ts";
import { type CallerSql, callerByKey, callerBySession } from "./callerSql.ts";
import { compileData } from "./compile.ts";
import { countedShape, countedValues } from "./countedPage.ts";
import type { ReadDefinition } from "./defineRead.ts";
import type { WriteDefinition, WriteRequest } from "./defineWrite.ts";
import { pageShape, pageValues } from "./page.ts";
import { type CompileOptions, NotInSql } from "./readRequest.ts";
import { type Rights, rightsSql, systemRoles } from "./rights.ts";
import { needsSecondRead, numbered, writtenData } from "./runWrite.ts";
import type { Selected } from "./selection.ts";
import { shapeOf, valuesOf } from "./where.ts";

/** One statement for a whole operation: it authenticates the caller, checks rights, reads or writes, and builds the response text. */
export interface CompiledOperation {
  statement: Statement;
  /** Names of a write's values, in the order of their parameters. */
  names: readonly string[];
}

/** What a root field does: a read with its query, or a write with its values. */
export type Work =
  | {
      read: Pick<ReadDefinition, "entity" | "many" | "onlyVisible" | "missing">;
      query: ReturnType<ReadDefinition["toQuery"]>;
    }
  | { write: WriteDefinition; request: WriteRequest };

/** One execution of a root field that is one read or one write. */
export interface OperationRequest {
  access: Access;
  args: Record<string, unknown>;
  credential: Extract<Credential, { kind: "session" | "apiKey" }>;
  work: Work;
}

const rulesOf = ({ access, args }: OperationRequest): readonly Rule[] =>
  access === "public" ? [] : applying(access, args);

/** Everything that distinguishes the statements of one document, without the values of arguments. */
export const requestShape = (request: OperationRequest): unknown[] => [
  request.credential.kind,
  ...workShape(request.work),
  rulesShape(request),
];

/** Which rules apply, and by which argument each names its row. */
const rulesShape = ({ access, args }: OperationRequest) =>
  access === "public" ? [] : applying(access, args).map((rule) => [access.indexOf(rule), namedBy(rule.id, args)]);

/** The values of a statement's parameters, in order. */
export const requestValues = (request: OperationRequest, { names }: CompiledOperation): unknown[] => [
  ...(request.credential.kind === "session"
    ? [request.credential.sessionId, request.credential.userId]
    : [request.credential.hash]),
  ...rulesOf(request).flatMap((rule) => {
    const path = rule.on === "SYSTEM" || rule.permissions.length === 0 ? undefined : namedBy(rule.id, request.args);
    return path === undefined ? [] : [textAt(request.args, path)];
  }),
  ...workValues(request.work, names),
];

function workShape(work: Work): unknown[] {
  if ("write" in work) return [work.request.grants, Object.keys(work.request.computed ?? {})];
  const { where, page, counted } = work.query;
  return [shapeOf(where), pageShape(page), countedShape(counted)];
}

function workValues(work: Work, names: readonly string[]): unknown[] {
  if ("read" in work) {
    const { where, page, counted } = work.query;
    return [...valuesOf(where), ...pageValues(page), ...countedValues(counted)];
  }
  const { values, computed } = work.request;
  return names.map((name) => (name in values ? values[name] : computed?.[name]));
}

/**
 * Compiles an operation. The statement returns one row: the caller's ID (no row for an unknown caller) and the response
 * text, null if a rule of the field is not met or a write wrote nothing. The guard (access/guard.ts) applies the same rules
 * in two steps and words the errors; both take permissions from access/reach.ts and rows from access/scopeKinds.ts.
 */
export function compileOperation(
  options: CompileOptions,
  request: OperationRequest,
  fields: readonly Selected[],
): CompiledOperation {
  const caller = request.credential.kind === "session" ? callerBySession : callerByKey;
  const { gate, params } = gateOf(request, rightsSql(options.roles, caller), caller.params);
  const complete = { ...options, caller, complete: true };
  const { ctes, data, names } =
    "read" in request.work
      ? readSql({ ...complete, provenRoles: provenBy(request, options.roles) }, request.work, fields, gate, params)
      : writeSql(complete, request.work, fields, gate, params);
  const sql = `WITH ${[caller.ctes, ...ctes].join(", ")}\nSELECT caller.id, ${data} AS data FROM caller`;
  return { statement: new Statement(sql), names };
}

interface Parts {
  /** CTEs after those of the caller. */
  ctes: readonly string[];
  data: string;
  names: readonly string[];
}

function readSql(
  options: CompileOptions,
  { read, query: { where, page, counted } }: Extract<Work, { read: unknown }>,
  fields: readonly Selected[],
  gate: string,
  params: number,
): Parts {
  const { entity, many, onlyVisible = false } = read;
  const { data } = compileData(options, { entity, fields, where, many, onlyVisible, page, counted }, params);
  return { ctes: [], data: `CASE WHEN ${gate} THEN ${data} END`, names: [] };
}

function writeSql(
  options: CompileOptions & { caller: CallerSql },
  { write: { entity, statement }, request }: Extract<Work, { write: WriteDefinition }>,
  fields: readonly Selected[],
  gate: string,
  params: number,
): Parts {
  if (needsSecondRead(options.schema, entity, statement, fields)) throw new NotInSql("rows that the statement adds");
  const may = `may AS (SELECT ${options.caller.actor} AS actor FROM caller WHERE ${gate})`;
  const { sql, names } = numbered(statement.ctes, params);
  const computed = Object.keys(request.computed ?? {});
  const answer = writtenData(options, entity, statement, fields, params + names.length, computed);
  return { ctes: [may, sql], data: answer.data, names: [...names, ...answer.computed] };
}

/** The system roles of which the gate requires one. */
function provenBy(request: OperationRequest, roles: Roles): ReadonlySet<Role> {
  const rule = rulesOf(request).find(({ on, permissions }) => on === "SYSTEM" && permissions.length > 0);
  return new Set(rule && systemRoles(roles, keysFor(rule, "SYSTEM")));
}

/** The condition that every rule which applies is met, and that a role to be granted may be granted. */
function gateOf(request: OperationRequest, rights: Rights, given: number): { gate: string; params: number } {
  let params = given;
  const rules = rulesOf(request);
  // A public field has no caller; where no rule applies, nothing has been checked.
  if (rules.length === 0) throw new NotInSql("no rule applies");
  const grants = "write" in request.work ? request.work.request.grants : undefined;
  if (grants && rules.length > 1) throw new NotInSql("a role is granted where several rules apply");
  const gates = rules.flatMap((rule): string[] => {
    if (rule.permissions.length === 0) return [];
    const may = (level: Level, scope: ScopeColumns, alias: string) => {
      const conditions = [
        rights.allowedOnce(keysFor(rule, level), scope, alias),
        ...(grants ? rights.grantable(grants, scope, alias) : []),
      ];
      // Often whoever may call may also grant the role: checked once.
      return [...new Set(conditions)].join(" AND ");
    };
    if (rule.on === "SYSTEM") return [may("SYSTEM", {}, "none")];
    const kind: ScopeKind | undefined = rule.on === "ENTITY" ? undefined : scopeKinds[rule.on];
    const path = namedBy(rule.id, request.args);
    // Where each row has a level of its own, the keys of the rule depend on the row.
    if (kind?.level === undefined || path === undefined) throw new NotInSql(`a rule on ${rule.on}`);
    const row = rowSql(kind, "g", nameColumn(kind, path), `= $${++params}`);
    // Whether somebody is a member is found among all of their roles, so the others are too.
    const allowed = rule.orMember
      ? rights.allowed(
          [...keysFor(rule, kind.level).map((permission) => ({ permission, ...kind.scope })), { memberOf: "id" }],
          "g",
        )
      : may(kind.level, kind.scope, "g");
    return [`EXISTS (SELECT 1 ${row} AND ${allowed})`];
  });
  return { gate: gates.join(" AND ") || "true", params };
}
