import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  getArgumentValues,
  getVariableValues,
  type OperationDefinitionNode,
} from "graphql";
import { LRUCache } from "lru-cache";
import type { Credential } from "../access/authenticate.ts";
import type { Services } from "../access/context.ts";
import { documentKey } from "../api/graphql/documentKey.ts";
import type { Origin } from "../platform/audit/origin.ts";
import { actorOf } from "../platform/audit/recordAudit.ts";
import type { Query, QueryRunner } from "../platform/database/queryRunner.ts";
import { asAppError } from "../platform/errors/asAppError.ts";
import { isConstraintViolation } from "../platform/errors/isConstraintViolation.ts";
import { assertStorable } from "../platform/input/assertStorable.ts";
import { type OperationRequest, requestValues, type Work } from "../query/compileOperation.ts";
import type { Runners } from "./batching/batchRunners.ts";
import { compiledFor, type OperationPlan, planOf } from "./operationPlan.ts";

/** A GraphQL request as it arrived. */
export interface GraphqlRequest {
  query: string;
  variables: Record<string, unknown> | null | undefined;
  operationName: string | undefined;
}

/** Who sent the request. */
export interface Sender {
  credential: Credential;
  requestId: string;
  /** Its caller is set once a statement has loaded it. */
  origin: Origin;
}

/** The text of a response, with the root field and the name of the operation, if it has one. */
export interface FastResponse {
  body: string;
  field: string;
  operation: string | undefined;
}

/** Answers operations whose documents have been validated before with one statement each. */
export interface OperationCache {
  /** Remembers a document that Apollo has accepted, if one statement can answer it. */
  add(request: Omit<GraphqlRequest, "variables">, document: DocumentNode, operation: OperationDefinitionNode): void;
  /**
   * The response. Undefined when nothing was written and Apollo has to answer: it also words every error. Throws
   * SERVICE_UNAVAILABLE and UnknownWriteOutcome: then the request must not run again.
   */
  answer(sender: Sender, request: GraphqlRequest): Promise<FastResponse | undefined>;
}

/** Documents remembered, and the longest of them in characters: together they bound the memory. */
const MAX_PLANS = 1_000;
const MAX_LENGTH = 10_000;

/**
 * Values that arguments may have here. More are left to Apollo, whose guard decides before the values are looked at: here,
 * the statement decides, with the values inside.
 */
const MAX_VALUES = 1_000;

export function createOperationCache(schema: GraphQLSchema, services: Services, runners: Runners): OperationCache {
  const plans = new LRUCache<string, OperationPlan>({ max: MAX_PLANS });
  return {
    add(request, document, operation) {
      const key = documentKey(request);
      if (request.query.length > MAX_LENGTH || plans.has(key)) return;
      const plan = planOf(schema, document, operation);
      if (plan) plans.set(key, plan);
    },
    async answer({ credential, ...sender }, request) {
      if (credential.kind === "none" || credential.kind === "bad") return undefined;
      const plan = plans.get(documentKey(request));
      return plan && run(schema, plan, services, runners, { credential, ...sender }, request.variables ?? {});
    },
  };
}

/** A sender whose credential has the right form. */
interface KnownSender extends Sender {
  credential: OperationRequest["credential"];
}

/**
 * Runs a plan. Undefined when anything is out of the ordinary: invalid variables, a caller without the right, a row
 * that does not exist.
 */
async function run(
  schema: GraphQLSchema,
  plan: OperationPlan,
  services: Services,
  runners: Runners,
  { credential, ...sender }: KnownSender,
  variables: Record<string, unknown>,
): Promise<FastResponse | undefined> {
  const { coerced } = getVariableValues(schema, plan.operation.variableDefinitions ?? [], variables);
  if (!coerced) return undefined;
  const args = argumentsOf(plan, coerced);
  const work = args && workOf(plan, args, { ...services, ...sender });
  if (!args || !work) return undefined;
  const request = { access: plan.access, args, credential, work };
  const compiled = compiledFor(schema, plan, services.roles, request, coerced);
  if (!compiled) return undefined;
  const query = compiled.statement.query(requestValues(request, compiled));
  const row = "write" in work ? await write(runners.writes, query) : await read(runners.reads, query);
  if (!row?.id || row.data === null) return undefined;
  compiled.statement.succeeded();
  if ("read" in work && work.read.missing && row.data === "[]") return undefined;
  sender.origin.caller = actorOf({
    caller: { kind: credential.kind === "apiKey" ? "serviceAccount" : "user", id: row.id },
  });
  services.lastUsed.touch(credential, row.id, services.now());
  const body = `{"data":{${JSON.stringify(plan.key)}:${row.data}}}\n`;
  return { body, field: plan.field.name, operation: plan.operation.name?.value };
}

/** The arguments; undefined if one is null that must not be, which the types of the variables do not always show. */
function argumentsOf({ field, node }: OperationPlan, variables: Record<string, unknown>) {
  try {
    return getArgumentValues(field, node, variables);
  } catch (error) {
    if (error instanceof GraphQLError) return undefined;
    throw error;
  }
}

/** What the field does with these arguments; undefined where it rejects them, which Apollo then words. */
function workOf(
  { declared }: OperationPlan,
  args: Record<string, unknown>,
  ctx: Services & Pick<Sender, "requestId" | "origin">,
): Work | undefined {
  try {
    assertStorable(args, MAX_VALUES);
    if ("read" in declared) return { read: declared.read, query: declared.read.toQuery(args, ctx) };
    const { write, inputOf } = declared;
    return { write, request: write.toWrite(inputOf(args), ctx) };
  } catch (error) {
    if (asAppError(error)) return undefined;
    throw error;
  }
}

interface Row {
  id: string;
  data: string | null;
}

const read = async (reads: QueryRunner, query: Query) => (await reads.query<Row>(query)).rows[0];

async function write(writes: QueryRunner, query: Query): Promise<Row | undefined> {
  try {
    return (await writes.query<Row>(query)).rows[0];
  } catch (error) {
    // A constraint rejected it: nothing was written, and Apollo's way has the words.
    if (isConstraintViolation(error)) return undefined;
    throw asAppError(error) ?? new UnknownWriteOutcome(error);
  }
}

/** A write failed and nobody knows whether it happened: running it again could write twice. */
export class UnknownWriteOutcome extends Error {
  constructor(cause: unknown) {
    super("A write failed", { cause });
  }
}
