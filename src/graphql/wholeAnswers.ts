import {
  type DocumentNode,
  type GraphQLSchema,
  getArgumentValues,
  getVariableValues,
  type OperationDefinitionNode,
} from "graphql";
import type { Credential } from "../auth/authenticate.ts";
import type { Services } from "../context.ts";
import type { Statement } from "../database/lanes.ts";
import { asAppError } from "../errors.ts";
import { assertStorable } from "../input.ts";
import { type WholeRequest, wholeValues } from "../read/whole.ts";
import { type Plan, planOf, statementOf } from "./wholePlan.ts";

/** A GraphQL request as it came in. */
export interface Asked {
  query: string;
  variables: Record<string, unknown> | null | undefined;
  operationName: string | undefined;
}

/** The request that asks. */
export interface Asker {
  credential: Credential;
  requestId: string;
}

/** The text of a whole answer, and what was asked: the root field, and the operation's name where it has one. */
export interface WholeAnswer {
  body: string;
  field: string;
  operation: string | undefined;
}

/** Answers requests whose documents are known without asking Apollo again. */
export interface WholeAnswers {
  /** Looks at a document that Apollo has accepted, and remembers it if one statement can answer it. */
  consider(asked: Omit<Asked, "variables">, document: DocumentNode, operation: OperationDefinitionNode): void;
  /**
   * The answer, or undefined: then nothing was written, and the request goes the long way, which also words every error.
   * Throws what must not be asked again.
   */
  answer(services: Services, asker: Asker, asked: Asked): Promise<WholeAnswer | undefined>;
}

/** Documents kept at most, and the longest that is kept: together they bound the memory. In characters. */
const MAX_PLANS = 1_000;
const MAX_LENGTH = 10_000;

/**
 * Answers after which a statement is prepared by name: what was asked once, or by nobody who may, should leave nothing in the
 * database session.
 */
const ANSWERS_BEFORE_PREPARED = 2;

const keyOf = ({ query, operationName }: Omit<Asked, "variables">) => `${operationName ?? ""}\n${query}`;

export function createWholeAnswers(schema: GraphQLSchema): WholeAnswers {
  const plans = new Map<string, Plan>();
  return {
    consider(asked, document, operation) {
      if (asked.query.length > MAX_LENGTH || plans.has(keyOf(asked))) return;
      const plan = planOf(schema, document, operation);
      if (!plan) return;
      // The oldest goes: a client that still uses it brings it back.
      if (plans.size >= MAX_PLANS)
        for (const [first] of plans.entries()) {
          plans.delete(first);
          break;
        }
      plans.set(keyOf(asked), plan);
    },
    async answer(services, { credential, requestId }, asked) {
      if (credential.kind === "none" || credential.kind === "bad") return undefined;
      const plan = plans.get(keyOf(asked));
      return plan && run(schema, plan, services, { credential, requestId }, asked.variables ?? {});
    },
  };
}

/** Who asks, with a credential that may be good. */
interface Known {
  credential: WholeRequest["credential"];
  requestId: string;
}

/**
 * Runs a plan. Undefined when anything is out of the ordinary: variables that do not fit, a caller without the right, a row
 * that is not there.
 */
async function run(
  schema: GraphQLSchema,
  plan: Plan,
  services: Services,
  { credential, requestId }: Known,
  raw: Record<string, unknown>,
): Promise<WholeAnswer | undefined> {
  const { coerced } = getVariableValues(schema, plan.operation.variableDefinitions ?? [], raw);
  if (!coerced) return undefined;
  const args = getArgumentValues(plan.field, plan.node, coerced);
  let work: WholeRequest["work"];
  try {
    assertStorable(args);
    work = workOf(plan, args, services, requestId);
  } catch {
    return undefined;
  }
  const request = { access: plan.access, args, credential, work };
  const statement = statementOf(schema, plan, services.roles, request, coerced);
  if (!statement) return undefined;
  const named = statement.answers >= ANSWERS_BEFORE_PREPARED ? { name: statement.name } : {};
  const values = wholeValues.of(request, statement);
  const row = await send(services, plan, { ...named, text: statement.sql, values });
  if (!row?.id || row.data === null) return undefined;
  statement.answers += 1;
  if ("ask" in plan.work && plan.work.missing && row.data === "[]") return undefined;
  if (credential.kind === "apiKey") services.lastUsed.touch(row.id, services.now());
  const body = `{"data":{${JSON.stringify(plan.key)}:${row.data}}}\n`;
  return { body, field: plan.field.name, operation: plan.operation.name?.value };
}

function workOf({ work }: Plan, args: Record<string, unknown>, services: Services, requestId: string) {
  if ("ask" in work) return { reading: work, question: work.ask(args, services) };
  const { writing, inputOf } = work;
  return { writing, question: writing.ask(inputOf(args as never), { ...services, requestId }) };
}

interface Row {
  id: string;
  data: string | null;
}

async function send({ lanes, writeLanes }: Services, { work }: Plan, statement: Statement): Promise<Row | undefined> {
  const writes = !("ask" in work);
  try {
    const [row] = await (writes ? writeLanes : lanes).query<Row>(statement);
    return row;
  } catch (error) {
    if (!writes) throw error;
    // A constraint refused it: nothing was written, and the long way has words.
    if (/^23...$/.test(String((error as { code?: unknown }).code))) return undefined;
    throw asAppError(error) ?? new Unrepeatable(error);
  }
}

/** A write failed in a way that leaves open whether it happened: to ask again could write twice. */
export class Unrepeatable extends Error {
  constructor(cause: unknown) {
    super("A write failed", { cause });
  }
}
