import type { Context, Services } from "../access/context.ts";
import type { Role } from "../access/roles.ts";
import type { EntityName } from "./entity.ts";
import type { Tree } from "./read.ts";
import type { Resolver } from "./resolver.ts";
import { runWrite } from "./runWrite.ts";

/** A write as one statement: the row, what belongs to it and the audit entry together. */
export interface WriteStatement {
  /**
   * CTEs. They write for each row of `may`, of which there is at most one; its column `actor` names the caller for audit
   * entries. Values stand in it as `:name`, with a cast, because PostgreSQL cannot always infer their type.
   */
  ctes: string;
  /** The CTE that holds the written row whole (RETURNING *). */
  row: string;
  /** CTEs that hold, whole, the one row of another table that belongs to a new row. */
  related?: { readonly [name in EntityName]?: string };
  /** The row is deleted. What belongs to it can still be read: a statement sees the rows that were there when it began. */
  deletes?: boolean;
}

/** What one call of a mutation writes. */
export interface WriteRequest {
  /** Parameters of the statement, by name. */
  values: Record<string, unknown>;
  /** A role that is granted: where the field's rule is checked, the caller must hold everything it gives. */
  grants?: Role;
  /** Fields of the answer that this process computes because they cannot be read back from the row. */
  computed?: Record<string, string>;
}

/** What a mutation may use before the caller is known. */
export type WriteContext = Pick<Services, "config" | "secrets" | "now"> & { requestId: string };

/** A mutation that is one write and nothing else, as data. */
export interface WriteDefinition<Name extends EntityName = EntityName> {
  entity: Name;
  statement: WriteStatement;
  /** The write that the input asks for. Throws for what input or configuration do not allow; reads nothing. */
  toWrite(input: unknown, ctx: WriteContext): WriteRequest;
  /** Throws when the caller may not write this; `grants` tells the fast path the same. */
  check?(ctx: Context, request: WriteRequest, input: unknown): Promise<void>;
  /** Throws the error for what the database rejected, or what was thrown. */
  onRejected?(thrown: unknown): never;
  /** The error when no row was written. */
  missing?(): Error;
}

/** A mutation's field: the write, and the input that its arguments make. */
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
    await write.check?.(ctx, request, input);
    const found = await runWrite(ctx, info, write, request).catch((thrown: unknown) => {
      write.onRejected?.(thrown);
      throw thrown;
    });
    if (found === null && write.missing) throw write.missing();
    return found;
  };
  return { resolve, extensions: { write, inputOf } };
}
