import { createHash } from "node:crypto";
import type { Credential } from "../auth/authenticate.ts";
import type { Role, Roles } from "../auth/roles.ts";
import { type Access, type AuthScope, applying, keysFor, namedBy, type Rule, textAt } from "../auth/rules.ts";
import { type CallerSql, callerByKey, callerBySession } from "./caller.ts";
import { compileData, type Making, NotInSql } from "./compile.ts";
import { pageShape, pageValues } from "./page.ts";
import type { Reading } from "./reading.ts";
import { cannotSee, numbered, writtenData } from "./readWritten.ts";
import { type Rights, rightsSql, type Scope, systemRoles } from "./rights.ts";
import { type Selecting, selectionOf } from "./selection.ts";
import { shapeOf, valuesOf } from "./where.ts";
import type { WriteQuestion, Writing } from "./writing.ts";

/** A statement that does a whole document: who calls, whether they may, what is read or written, and the answer's text. */
export interface Whole {
  sql: string;
  /** Names the prepared statement. */
  name: string;
  /** Times it has answered. */
  answers: number;
  /** Names of a write's values, in the order of their parameters. */
  names: readonly string[];
}

/** One execution of a root field that is one read or one write. */
export interface WholeRequest {
  access: Access;
  args: Record<string, unknown>;
  credential: Extract<Credential, { kind: "session" | "apiKey" }>;
  work: { reading: Reading; question: ReturnType<Reading["ask"]> } | { writing: Writing; question: WriteQuestion };
}

/** The rows that rules name, as tables with the columns that hold their scope. */
const scopes: Partial<Record<AuthScope, { table: string; scope: Scope; where: string }>> = {
  WORKSPACE: { table: "Workspace", scope: { workspace: "id" }, where: "true" },
  DEPLOYMENT: {
    table: "Deployment",
    scope: { workspace: "workspaceId", deployment: "id" },
    where: `g."deletedAt" IS NULL`,
  },
};

const rulesOf = ({ access, args }: WholeRequest): readonly Rule[] =>
  access === "public" ? [] : applying(access, args);

/** What tells statements of one document apart, and the values of their parameters in order. */
export const wholeValues = {
  shape: (request: WholeRequest) => [
    request.credential.kind,
    ...workShape(request.work),
    rulesOf(request).map((rule) => [request.access.indexOf(rule as never), namedBy(rule.id, request.args)]),
  ],
  of: (request: WholeRequest, { names }: Whole): unknown[] => [
    ...(request.credential.kind === "session"
      ? [request.credential.sessionId, request.credential.userId]
      : [request.credential.hash]),
    ...rulesOf(request).flatMap((rule) => {
      const path = rule.on === "SYSTEM" || rule.permissions.length === 0 ? undefined : namedBy(rule.id, request.args);
      return path === undefined ? [] : [textAt(request.args, path)];
    }),
    ...workValues(request.work, names),
  ],
};

function workShape(work: WholeRequest["work"]): unknown[] {
  if ("writing" in work) return [work.question.grants, Object.keys(work.question.made ?? {})];
  return [shapeOf(work.question.where), pageShape(work.question.page)];
}

function workValues(work: WholeRequest["work"], names: readonly string[]): unknown[] {
  if ("reading" in work) return [...valuesOf(work.question.where), ...pageValues(work.question.page)];
  const { values, made } = work.question;
  return names.map((name) => (name in values ? values[name] : made?.[name]));
}

/**
 * One statement for a whole document. Its one row holds the caller's id (no row of a caller: null) and the text of the
 * answer, null where a rule of the field is not met or a write wrote nothing. The guard (auth/guard.ts) says the same in two
 * steps and words errors.
 */
export function compileWhole(making: Making, request: WholeRequest, selecting: Selecting): Whole {
  const caller = request.credential.kind === "session" ? callerBySession : callerByKey;
  const { gate, params } = gateOf(request, rightsSql(making.roles, caller), caller.params);
  const whole = { ...making, caller, whole: true };
  const { ctes, data, names } =
    "reading" in request.work
      ? readSql({ ...whole, settled: settledBy(request, making.roles) }, request.work, selecting, gate, params)
      : writeSql(whole, request.work, selecting, gate, params);
  const sql = `WITH ${[caller.ctes, ...ctes].join(", ")}\nSELECT caller.id, ${data} AS data FROM caller`;
  return { sql, name: createHash("sha256").update(sql).digest("base64url"), answers: 0, names };
}

interface Parts {
  /** CTEs after those of the caller. */
  ctes: readonly string[];
  data: string;
  names: readonly string[];
}

function readSql(
  making: Making,
  { reading, question: { where, page } }: Extract<WholeRequest["work"], { reading: Reading }>,
  selecting: Selecting,
  gate: string,
  params: number,
): Parts {
  const { entity, many, onlyVisible = false } = reading;
  const fields = selectionOf(selecting);
  const { data } = compileData(making, { entity, fields, where, many, onlyVisible, page }, params);
  return { ctes: [], data: `CASE WHEN ${gate} THEN ${data} END`, names: [] };
}

function writeSql(
  making: Making & { caller: CallerSql },
  { writing: { entity, statement }, question }: Extract<WholeRequest["work"], { writing: Writing }>,
  selecting: Selecting,
  gate: string,
  params: number,
): Parts {
  const fields = selectionOf(selecting);
  if (cannotSee(entity, statement, fields)) throw new NotInSql("rows that the statement adds");
  const may = `may AS (SELECT ${making.caller.actor} AS actor FROM caller WHERE ${gate})`;
  const { sql, names } = numbered(statement.ctes, params);
  const answer = writtenData(
    making,
    entity,
    statement,
    fields,
    params + names.length,
    Object.keys(question.made ?? {}),
  );
  return { ctes: [may, sql], data: answer.data, names: [...names, ...answer.made] };
}

/** The system roles of which the gate asks for one: nobody else is answered. */
function settledBy(request: WholeRequest, roles: Roles): ReadonlySet<Role> {
  const rule = rulesOf(request).find(({ on, permissions }) => on === "SYSTEM" && permissions.length > 0);
  return new Set(rule && systemRoles(roles, keysFor(rule, "SYSTEM")));
}

/** The condition that every rule which applies is met, and the role that is given may be given. */
function gateOf(request: WholeRequest, rights: Rights, given: number): { gate: string; params: number } {
  let params = given;
  const rules = rulesOf(request);
  // A public field has no caller, and rules that all stand aside settle nothing.
  if (rules.length === 0) throw new NotInSql("no rule applies");
  const grants = "writing" in request.work ? request.work.question.grants : undefined;
  if (grants && rules.length > 1) throw new NotInSql("a role is given where several rules apply");
  const gates = rules.flatMap((rule): string[] => {
    if (rule.permissions.length === 0) return [];
    const may = (level: AuthScope, scope: Scope, alias: string) => {
      const conditions = [
        rights.allowedOnce(keysFor(rule, level), scope, alias),
        ...(grants ? rights.grantable(grants, scope, alias) : []),
      ];
      // Often whoever may call may give the role too: asked once.
      return [...new Set(conditions)].join(" AND ");
    };
    if (rule.on === "SYSTEM") return [may("SYSTEM", {}, "none")];
    const row = scopes[rule.on];
    const path = namedBy(rule.id, request.args);
    if (!row || path === undefined) throw new NotInSql(`a rule on ${rule.on}`);
    const column = path.endsWith("releaseName") ? "releaseName" : "id";
    const named = `g."${column}" = $${++params} AND ${row.where}`;
    return [`EXISTS (SELECT 1 FROM "${row.table}" g WHERE ${named} AND ${may(rule.on, row.scope, "g")})`];
  });
  return { gate: gates.join(" AND ") || "true", params };
}
