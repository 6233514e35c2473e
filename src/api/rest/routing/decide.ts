import type { Context } from "../../../access/context.ts";
import { admit } from "../../../access/guard.ts";
import { hidesDenial } from "../../../access/recordDenial.ts";
import type { Rule } from "../../../access/rules.ts";
import { Statement } from "../../../platform/database/statement.ts";
import { AppError } from "../../../platform/errors/appError.ts";
import { knownCallerValues } from "../../../query/callerSql.ts";
import { compile } from "../../../query/compile.ts";
import type { EntityName } from "../../../query/entity.ts";
import { type AnyWhere, shapeOf, valuesOf } from "../../../query/where.ts";
import type { RawRequest } from "./readInput.ts";
import type { Input, Route } from "./route.ts";
import type { ViewReader } from "./views.ts";

type Args = Record<string, unknown>;

/** The arguments that rules name: the fields of the body, and the parameters of the path before them. */
export const argsOf = ({ params, body }: Input): Args => ({ ...(body as Args | undefined), ...(params as Args) });

/** Decides with the guard that GraphQL uses who may call a route, and words the errors. */
export interface Decider {
  /**
   * Throws unless the caller may call the route. A caller who does not belong to the Organization gets FORBIDDEN; for one
   * who does, what they cannot see does not exist.
   */
  assertMay(ctx: Context, input: Input): Promise<void>;
  /** The same for an invalid request: what its body names is not looked at. */
  assertMayCall(ctx: Context, raw: RawRequest): Promise<void>;
}

export function createDecider(route: Route, reader: ViewReader): Decider {
  const isAboutPath = ({ on, id }: Rule) => on === "SYSTEM" || id.every((name) => route.path.includes(`{${name}}`));
  const decide = async (ctx: Context, rules: readonly Rule[], args: Args) => {
    const [first, others] = split(rules);
    await admit(first, ctx, args);
    const denial = others.length > 0 ? await denialOf(() => admit(others, ctx, args)) : undefined;
    // Not before: whoever may not belong there must not learn what there is.
    if (route.row) {
      await assertVisible(ctx, reader, route.row, args).catch((error: unknown) => {
        if (denial && error instanceof AppError) hidesDenial(error);
        throw error;
      });
    }
    if (denial) throw denial;
  };
  return {
    assertMay: (ctx, input) => decide(ctx, route.access, argsOf(input)),
    assertMayCall: (ctx, { params }) => decide(ctx, route.access.filter(isAboutPath), params as Args),
  };
}

/** The rules about the Organization and the platform, and those about rows in it. */
const split = (rules: readonly Rule[]): [Rule[], Rule[]] => [
  rules.filter(({ on }) => on === "ORGANIZATION" || on === "SYSTEM"),
  rules.filter(({ on }) => on !== "ORGANIZATION" && on !== "SYSTEM"),
];

async function denialOf(check: () => Promise<unknown>): Promise<AppError | undefined> {
  try {
    await check();
    return undefined;
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
}

async function assertVisible(ctx: Context, reader: ViewReader, { view, id }: NonNullable<Route["row"]>, args: Args) {
  const where = { id: String(args[id]), organizationId: String(args.organizationId) };
  const found = await readRow(ctx, reader, { view, where, onlyVisible: true, fields: ["id"] });
  if (found === undefined) throw notFound(view, id);
}

/** NOT_FOUND for a row that does not exist in the Organization, or that the caller cannot see. */
export const notFound = (view: EntityName, argument: string) =>
  new AppError("NOT_FOUND", `${view} not found: unknown ${argument}`, argument);

interface RowRequest {
  view: EntityName;
  where: AnyWhere;
  onlyVisible?: boolean;
  /** All of the view's fields without it. */
  fields?: readonly string[];
}

/** The JSON text of a row as its view shows it, for the caller that the guard has loaded; undefined if there is none. */
export async function readRow(ctx: Context, reader: ViewReader, request: RowRequest): Promise<string | undefined> {
  const statement = statementOf(ctx, reader, request);
  const values = [...knownCallerValues(ctx.caller), ...valuesOf(request.where)];
  const { rows } = await ctx.pool.query<{ data: unknown }>(statement.query(values));
  statement.succeeded();
  return rows[0]?.data ? JSON.stringify(rows[0].data) : undefined;
}

/** Compiled statements of each reader, which lives as long as its server. Routes ask for few different ones. */
const statements = new WeakMap<ViewReader, Map<string, Statement>>();

function statementOf({ roles }: Context, reader: ViewReader, request: RowRequest): Statement {
  const known = statements.get(reader) ?? new Map<string, Statement>();
  statements.set(reader, known);
  const { view, where, onlyVisible = false, fields: wanted } = request;
  const shape = JSON.stringify([view, shapeOf(where), onlyVisible, wanted]);
  const existing = known.get(shape);
  if (existing) return existing;
  const fields = reader.fieldsOf(view).filter(({ name }) => wanted?.includes(name) ?? true);
  const options = { schema: reader.schema, roles, complete: true, omitNull: true };
  const statement = new Statement(compile(options, { entity: view, fields, where, many: false, onlyVisible }));
  known.set(shape, statement);
  return statement;
}
