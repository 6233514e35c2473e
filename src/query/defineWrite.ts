import type { GraphQLResolveInfo } from "graphql";
import type { Context, Services } from "../access/context.ts";
import type { Role } from "../access/roles.ts";
import type { Author } from "../platform/audit/recordAudit.ts";
import type { EntityName } from "./entity.ts";
import { readOne, type Tree } from "./read.ts";
import type { Resolver } from "./resolver.ts";
import { type Reading, runWrite } from "./runWrite.ts";
import { selectionOf } from "./selection.ts";

/** A write as one statement: the row, its related rows and the audit entry together. */
export interface WriteStatement {
  /**
   * CTEs. They write for each row of `may`, of which there is at most one; its column `actor` names the caller for
   * audit entries. Values are written `:name`, with a cast, because PostgreSQL cannot always infer their type.
   */
  ctes: string;
  /** The CTE that holds every column of the written row (RETURNING *). */
  row: string;
  /** CTEs that hold every column of the one row of another table that belongs to a new row. */
  related?: { readonly [name in EntityName]?: string };
  /**
   * The row is deleted. Its related rows can still be read, because a statement sees the rows that existed when it
   * began.
   */
  deletes?: boolean;
}

/** The write of one call of a mutation. */
export interface WriteRequest {
  /** Parameters of the statement, by name. */
  values: Record<string, unknown>;
  /**
   * A role that is granted: the caller must hold all its permissions on the scope for which the field's rule is
   * checked.
   */
  grants?: Role;
  /**
   * Fields of the returned row that this process computes, because they cannot be read back from it in the same
   * statement.
   */
  computed?: Record<string, string>;
}

/** What a mutation can use before the caller is loaded. */
export type WriteContext = Pick<Services, "config" | "secrets" | "now"> & Pick<Author, "requestId" | "origin">;

/** A mutation that is a single write, described as data. */
export interface WriteDefinition<Name extends EntityName = EntityName> {
  entity: Name;
  statement: WriteStatement;
  /** The write for the input. Throws if input or configuration do not allow it; does not query the database. */
  toWrite(input: unknown, ctx: WriteContext): WriteRequest;
  /** Throws if the caller may not write this; `grants` is the same check for the fast path. */
  check?(ctx: Context, request: WriteRequest, input: unknown): Promise<void>;
  /** Throws the error for a statement that the database rejected; rethrows what it does not know. */
  rejected?(thrown: unknown, ctx: Context, request: WriteRequest): Promise<never> | never;
  /** The error if no row was written. */
  missing?(): Error;
}

/** A mutation's field: the write, and how its arguments become the input. */
export interface WriteField<Name extends EntityName = EntityName, Args = Record<string, unknown>> {
  resolve: Resolver<Tree<Name> | null, Args>;
  extensions: { write: WriteDefinition<Name>; inputOf(args: Args): unknown };
}

/** Declares a mutation that is one write. */
export function defineWrite<Name extends EntityName, Args>(
  write: WriteDefinition<Name>,
  inputOf: (args: Args) => unknown,
): WriteField<Name, Args> {
  const resolve: Resolver<Tree<Name> | null, Args> = async (_source, args, ctx, info) => {
    const input = inputOf(args);
    const request = write.toWrite(input, ctx);
    const reading = {
      schema: info.schema,
      fields: selectionOf(info),
      readAgain: (id: string) => readOne(ctx, info, write.entity, { id }),
    };
    const found = (await performWrite(ctx, reading, write, request, input)) as Tree<Name> | null;
    return found && { ...found, ...computedIn(info, request) };
  };
  return { resolve, extensions: { write, inputOf } };
}

/** Checks and runs a write. Throws the errors of its definition. */
export async function performWrite<Name extends EntityName>(
  ctx: Context,
  reading: Reading,
  write: WriteDefinition<Name>,
  request: WriteRequest,
  input: unknown,
): Promise<unknown> {
  await write.check?.(ctx, request, input);
  const found = await runWrite(ctx, reading, write, request).catch((thrown: unknown) => {
    if (write.rejected) return write.rejected(thrown, ctx, request);
    throw thrown;
  });
  if (found === null && write.missing) throw write.missing();
  return found;
}

/** The computed values, under the keys of the response. */
const computedIn = (info: GraphQLResolveInfo, { computed = {} }: WriteRequest) =>
  Object.fromEntries(
    selectionOf(info).flatMap(({ key, name }) => (computed[name] === undefined ? [] : [[key, computed[name]]])),
  );
