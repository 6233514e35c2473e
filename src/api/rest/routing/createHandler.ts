import type { Context, Services } from "../../../access/context.ts";
import { actorOf } from "../../../platform/audit/recordAudit.ts";
import type { QueryRunner } from "../../../platform/database/queryRunner.ts";
import { unauthenticated } from "../../../platform/errors/appError.ts";
import { isConstraintViolation } from "../../../platform/errors/isConstraintViolation.ts";
import type { OperationRequest } from "../../../query/compileOperation.ts";
import type { CountedPage } from "../../../query/countedPage.ts";
import { performWrite } from "../../../query/defineWrite.ts";
import { argsOf, createDecider, notFound, readRow } from "./decide.ts";
import { createOneStatement, type Row } from "./oneStatement.ts";
import { assertIds, type RawRequest, readInput } from "./readInput.ts";
import type { Input, Route, Work } from "./route.ts";
import type { ViewReader } from "./views.ts";

/** What the handlers of all routes share. */
export interface HandlerParts {
  services: Services;
  reader: ViewReader;
  /** Where reads and writes of one statement run. */
  reads: QueryRunner;
  writes: QueryRunner;
}

/** Answers a request: the JSON text of the answer, or undefined for one without a body. */
export type Handler = (ctx: Context, raw: RawRequest) => Promise<string | undefined>;

/** Values that a body may have to be read before the guard has decided. */
const SMALL = 1_000;

/** Answers a validated request. */
type Answer = (ctx: Context, input: Input) => Promise<string | undefined>;

/**
 * The handler of a route. A read or a write that is one statement is sent as one, with the caller and their rights inside;
 * only if it returns nothing does the guard decide, which also words the error. A use case runs behind the guard.
 */
export function createHandler(route: Route, parts: HandlerParts): Handler {
  const decider = createDecider(route, parts.reader);
  const answer = answerOf(route, parts, decider.assertMay);
  return async (ctx, raw) => {
    if (ctx.credential.kind === "none" || ctx.credential.kind === "bad") throw unauthenticated();
    assertIds(raw.params);
    let input: Input;
    try {
      input = readInput(route, raw, SMALL);
    } catch {
      // Who may not call it hears that, instead of what is wrong with the request, and does not make us read all of it.
      await decider.assertMayCall(ctx, raw);
      input = readInput(route, raw);
    }
    return answer(ctx, input);
  };
}

type AssertMay = (ctx: Context, input: Input) => Promise<void>;

function answerOf(route: Route, parts: HandlerParts, assertMay: AssertMay): Answer {
  const { work } = route;
  if ("read" in work) return answerRead(route, work, parts, assertMay);
  if ("write" in work) return answerWrite(route, work, parts, assertMay);
  return async (ctx, input) => {
    await assertMay(ctx, input);
    if ("compute" in work) return JSON.stringify(await work.compute(ctx, input));
    const result = await work.run(ctx, input);
    if (work.thenRead === undefined) return undefined;
    const { id } = result as { id: string };
    const text = await readRow(ctx, parts.reader, { view: work.thenRead, where: { id } });
    if (text === undefined) throw notFound(work.thenRead, "id");
    return text;
  };
}

type ReadWork = Extract<Work<Input>, { read: unknown }>;
type WriteWork = Extract<Work<Input>, { write: unknown }>;

function answerRead(
  route: Route,
  work: ReadWork,
  { services, reader, reads }: HandlerParts,
  assertMay: AssertMay,
): Answer {
  const entity = work.read;
  const run = createOneStatement(reader.fieldsOf(entity), reader, services.roles);
  return async (ctx, input) => {
    const { where, page } = work.find(input, ctx);
    const read = { entity, many: page !== undefined, onlyVisible: page !== undefined };
    const query = { where, ...(page && { counted: page as CountedPage }) };
    const row = await run({ ...operationOf(route, ctx, input), work: { read, query } }, reads);
    touch(ctx, row);
    if (row?.data) return page ? withPage(row.data, page) : row.data;
    await assertMay(ctx, input);
    throw notFound(entity, route.row?.id ?? "organizationId");
  };
}

function answerWrite(
  route: Route,
  { write, inputOf }: WriteWork,
  { services, reader, writes }: HandlerParts,
  assertMay: AssertMay,
): Answer {
  const fields = route.answer ? reader.fieldsOf(write.entity) : idOf(reader, write.entity);
  const run = createOneStatement(fields, reader, services.roles);
  const readAgain = () => Promise.reject(new Error(`${route.operationId}: the answer needs more than the written row`));
  const reading = { schema: reader.schema, fields, complete: true, omitNull: true, readAgain };
  return async (ctx, input) => {
    const toWrite = inputOf(input);
    const request = write.toWrite(toWrite, ctx);
    const row = await attempt(run({ ...operationOf(route, ctx, input), work: { write, request } }, writes));
    touch(ctx, row);
    if (row?.data) return route.answer && row.data;
    // Nothing was written. The second attempt has the words, or succeeds if what stood in the way is gone.
    await assertMay(ctx, input);
    const written = await performWrite(ctx, reading, write, request, toWrite);
    return route.answer && JSON.stringify(written);
  };
}

/** The row that was written; undefined if a constraint rejected it. */
async function attempt(writing: Promise<Row | undefined>): Promise<Row | undefined> {
  try {
    return await writing;
  } catch (error) {
    if (isConstraintViolation(error)) return undefined;
    throw error;
  }
}

const idOf = (reader: ViewReader, entity: Parameters<ViewReader["fieldsOf"]>[0]) =>
  reader.fieldsOf(entity).filter(({ name }) => name === "id");

const operationOf = ({ access }: Route, { credential }: Context, input: Input) => ({
  access,
  args: argsOf(input),
  credential: credential as OperationRequest["credential"],
});

function touch({ credential, origin, lastUsed, now }: Context, row: Row | undefined): void {
  if (!row) return;
  origin.caller = actorOf({ caller: { kind: credential.kind === "apiKey" ? "serviceAccount" : "user", id: row.id } });
  lastUsed.touch(credential, row.id, now());
}

/** The object of a list's rows and their number, with the page that was asked for. */
const withPage = (json: string, { take, skip }: { take: number; skip: number }) =>
  `{"offset":${skip},"limit":${take},${json.slice(1)}`;
