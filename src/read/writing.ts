import type { GraphQLFieldResolver } from "graphql";
import type { Role } from "../auth/roles.ts";
import type { Context, Services } from "../context.ts";
import type { EntityName } from "./entity.ts";
import { answerWritten } from "./readWritten.ts";

/** A write as one statement: the row, what belongs to it and the audit entry together. */
export interface WriteStatement {
  /**
   * CTEs. They write for each row of `may`, of which there is at most one; its column `actor` names the caller for audit
   * entries. Values stand in it as `:name`, with a cast, because PostgreSQL cannot always tell their type.
   */
  ctes: string;
  /** The CTE that holds the written row whole (RETURNING *). */
  row: string;
  /** CTEs that hold, whole, the one row of another table that belongs to a new row. */
  related?: { readonly [name in EntityName]?: string };
  /** The row is gone afterwards. What belongs to it is still read: a statement sees what was there when it began. */
  deletes?: boolean;
}

/** What a call of a mutation wants written. */
export interface WriteQuestion {
  /** By their names in the statement. */
  values: Record<string, unknown>;
  /** A role that is given: nobody gives what they do not hold where the field's rule is asked. */
  grants?: Role;
  /** Fields of the answer whose values nobody can read later. */
  made?: Record<string, string>;
}

/** What a mutation may look at before anyone has settled who calls. */
export type Asking = Pick<Services, "config" | "secrets" | "now"> & { requestId: string };

/** A mutation that is one write and nothing else, as data: use cases, the executor and whole-document plans follow it. */
export interface Writing {
  entity: EntityName;
  statement: WriteStatement;
  /** The write that the input asks for. Throws what input or configuration do not allow; looks nothing up. */
  ask(input: unknown, ctx: Asking): WriteQuestion;
  /** Throws, in words, what the settled caller may not write; `grants` says the same to a whole-document plan. */
  check?(ctx: Context, question: WriteQuestion, input: unknown): Promise<void>;
  /** The error for what the database refused. */
  refused?(thrown: unknown): unknown;
  /** The error when no row was written. */
  missing?(): Error;
}

/** A mutation's field: the write, and the input that its arguments make. */
export interface WritingField {
  writing: Writing;
  inputOf(args: never): unknown;
}

const fields = new WeakMap<GraphQLFieldResolver<never, Context, never>, WritingField>();

/** The resolver of a mutation that is one write. */
export function writing<Args>(
  how: Writing,
  inputOf: (args: Args) => unknown,
): GraphQLFieldResolver<never, Context, never> {
  const resolve: GraphQLFieldResolver<never, Context, never> = async (_source, args, ctx, info) => {
    const input = inputOf(args);
    const question = how.ask(input, ctx);
    await how.check?.(ctx, question, input);
    const found = await answerWritten(ctx, info, how, question).catch((thrown: unknown) => {
      throw how.refused?.(thrown) ?? thrown;
    });
    if (found === null && how.missing) throw how.missing();
    return found;
  };
  fields.set(resolve, { writing: how, inputOf });
  return resolve;
}

/** What `writing` was given for this resolver; undefined for any other resolver. */
export const writingOf = (resolve: unknown): WritingField | undefined =>
  fields.get(resolve as GraphQLFieldResolver<never, Context, never>);
