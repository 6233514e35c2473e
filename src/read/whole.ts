import { createHash } from "node:crypto";
import type { Credential } from "../auth/authenticate.ts";
import { type Access, type AuthScope, applying, keysFor, namedBy, type Rule, textAt } from "../auth/rules.ts";
import { callerByKey, callerBySession } from "./caller.ts";
import { compileData, type Making, NotInSql } from "./compile.ts";
import { pageShape, pageValues } from "./page.ts";
import type { Reading } from "./reading.ts";
import { type Right, rightsSql } from "./rights.ts";
import { type Selecting, selectionOf } from "./selection.ts";
import { shapeOf, valuesOf } from "./where.ts";

/** A statement that answers a whole document: who calls, whether they may, and the answer's text. */
export interface Whole {
  sql: string;
  /** Names the prepared statement. */
  name: string;
}

/** One execution of a root field that is one read. */
export interface WholeRequest {
  reading: Reading;
  access: Access;
  args: Record<string, unknown>;
  question: ReturnType<Reading["ask"]>;
  credential: Extract<Credential, { kind: "session" | "apiKey" }>;
}

/** The rows that rules name, as tables with the columns that hold their scope. */
const scopes: Partial<
  Record<AuthScope, { table: string; scope: { workspace?: string; deployment?: string }; where: string }>
> = {
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
    shapeOf(request.question.where),
    pageShape(request.question.page),
    rulesOf(request).map((rule) => [request.access.indexOf(rule as never), namedBy(rule.id, request.args)]),
  ],
  of: (request: WholeRequest): unknown[] => [
    ...(request.credential.kind === "session"
      ? [request.credential.sessionId, request.credential.userId]
      : [request.credential.hash]),
    ...rulesOf(request).flatMap((rule) => {
      const path = rule.on === "SYSTEM" || rule.permissions.length === 0 ? undefined : namedBy(rule.id, request.args);
      return path === undefined ? [] : [textAt(request.args, path)];
    }),
    ...valuesOf(request.question.where),
    ...pageValues(request.question.page),
  ],
};

/**
 * One statement for a whole document. Its one row holds the caller's id (no row of a caller: null) and the text of the
 * answer, null where a rule of the field is not met. The guard (auth/guard.ts) says the same in two steps and words errors.
 */
export function compileWhole(making: Making, request: WholeRequest, selecting: Selecting): Whole {
  const caller = request.credential.kind === "session" ? callerBySession : callerByKey;
  const rights = rightsSql(making.roles, caller);
  let params = caller.params;
  const rules = rulesOf(request);
  // A public field has no caller, and rules that all stand aside settle nothing.
  if (rules.length === 0) throw new NotInSql("no rule applies");
  const gates = rules.flatMap((rule): string[] => {
    if (rule.permissions.length === 0) return [];
    if (rule.on === "SYSTEM") return [rights.allowed(toRights(rule, "SYSTEM", {}), "none")];
    const row = scopes[rule.on];
    const path = namedBy(rule.id, request.args);
    if (!row || path === undefined) throw new NotInSql(`a rule on ${rule.on}`);
    const column = path.endsWith("releaseName") ? "releaseName" : "id";
    const may = rights.allowed(toRights(rule, rule.on, row.scope), "g");
    return [`EXISTS (SELECT 1 FROM "${row.table}" g WHERE g."${column}" = $${++params} AND ${row.where} AND ${may})`];
  });
  const { reading, question } = request;
  const { data } = compileData(
    { ...making, caller, whole: true },
    {
      entity: reading.entity,
      fields: selectionOf(selecting),
      where: question.where,
      many: reading.many,
      onlyVisible: reading.onlyVisible ?? false,
      page: question.page,
    },
    params,
  );
  const sql = `WITH ${caller.ctes}
SELECT caller.id, CASE WHEN ${gates.join(" AND ") || "true"} THEN ${data}::text END AS data FROM caller`;
  return { sql, name: createHash("sha256").update(sql).digest("base64url") };
}

const toRights = (rule: Rule, level: string, scope: { workspace?: string; deployment?: string }): Right[] =>
  keysFor(rule, level).map((permission) => ({ permission, ...scope }));
