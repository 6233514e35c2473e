import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLSchema,
  getArgumentValues,
  getVariableValues,
  Kind,
  type OperationDefinitionNode,
} from "graphql";
import type { Credential } from "../auth/authenticate.ts";
import { type Access, accessOf } from "../auth/rules.ts";
import type { Services } from "../context.ts";
import { assertStorable } from "../input.ts";
import { NotInSql } from "../read/compile.ts";
import type { Reading } from "../read/reading.ts";
import { variablesBelow } from "../read/selection.ts";
import { compileWhole, type Whole, type WholeRequest, wholeValues } from "../read/whole.ts";

/** A GraphQL request as it came in. */
export interface Asked {
  query: string;
  variables: Record<string, unknown> | null | undefined;
  operationName: string | undefined;
}

/** The text of a whole answer, and the root field it is of. */
export interface WholeAnswer {
  body: string;
  field: string;
}

/** A document that one statement can answer: parsed, validated and within the limits, as Apollo has found. */
interface Plan {
  operation: OperationDefinitionNode;
  fragments: Record<string, FragmentDefinitionNode>;
  node: FieldNode;
  field: GraphQLField<unknown, unknown>;
  key: string;
  reading: Reading;
  access: Access;
  /** Variables that change what is selected. */
  variables: readonly string[];
  /** Statements by what distinguishes them; null where SQL cannot give the answer. */
  statements: Map<string, Whole | null>;
}

/** Answers requests whose documents are known without asking Apollo again. */
export interface WholeAnswers {
  /** Looks at a document that Apollo has accepted, and remembers it if one statement can answer it. */
  consider(asked: Omit<Asked, "variables">, document: DocumentNode, operation: OperationDefinitionNode): void;
  /** The answer, or undefined: then the request goes the long way, which also words every error. */
  answer(services: Services, credential: Credential, asked: Asked): Promise<WholeAnswer | undefined>;
}

/** Documents kept at most, and the longest that is kept: together they bound the memory. In characters. */
const MAX_PLANS = 1_000;
const MAX_LENGTH = 10_000;

/** Statements kept of one document. */
const MAX_STATEMENTS = 64;

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
    async answer(services, credential, asked) {
      if (credential.kind === "none" || credential.kind === "bad") return undefined;
      const plan = plans.get(keyOf(asked));
      return plan && run(schema, plan, services, credential, asked.variables ?? {});
    },
  };
}

/** A plan for a query of one root field that is one read; undefined for everything else. */
function planOf(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode): Plan | undefined {
  const [node, ...others] = operation.selectionSet.selections;
  if (operation.operation !== "query" || others.length > 0) return undefined;
  if (node?.kind !== Kind.FIELD || node.directives?.length || operation.directives?.length) return undefined;
  const type = schema.getQueryType();
  const field = type?.getFields()[node.name.value];
  const reading = field?.extensions.reading as Reading | undefined;
  if (!type || !field || !reading) return undefined;
  const definitions = document.definitions.filter((one) => one.kind === Kind.FRAGMENT_DEFINITION);
  const fragments = Object.fromEntries(definitions.map((one) => [one.name.value, one]));
  return {
    operation,
    fragments,
    node,
    field,
    key: (node.alias ?? node.name).value,
    reading,
    access: accessOf(schema, type.name, field),
    variables: variablesBelow(node, fragments),
    statements: new Map(),
  };
}

/**
 * Runs a plan. Undefined when anything is out of the ordinary: variables that do not fit, a caller without the right, a row
 * that is not there.
 */
async function run(
  schema: GraphQLSchema,
  plan: Plan,
  services: Services,
  credential: WholeRequest["credential"],
  raw: Record<string, unknown>,
) {
  const { coerced } = getVariableValues(schema, plan.operation.variableDefinitions ?? [], raw);
  if (!coerced) return undefined;
  let question: ReturnType<Reading["ask"]>;
  const args = getArgumentValues(plan.field, plan.node, coerced);
  try {
    assertStorable(args);
    question = plan.reading.ask(args, services);
  } catch {
    return undefined;
  }
  const selecting = {
    schema,
    fragments: plan.fragments,
    variableValues: coerced,
    returnType: plan.field.type,
    fieldNodes: [plan.node],
  };
  const request = { reading: plan.reading, access: plan.access, args, question, credential };
  const shape = JSON.stringify([wholeValues.shape(request), plan.variables.map((name) => coerced[name])]);
  let statement = plan.statements.get(shape);
  if (statement === undefined) {
    statement = attempt(() => compileWhole({ schema, roles: services.roles }, request, selecting));
    if (plan.statements.size >= MAX_STATEMENTS) plan.statements.clear();
    plan.statements.set(shape, statement);
  }
  if (!statement) return undefined;
  const { rows } = await services.pool.query<{ id: string; data: string | null }>({
    name: statement.name,
    text: statement.sql,
    values: wholeValues.of(request),
  });
  const { id, data } = rows[0] ?? {};
  if (!id || data === null || data === undefined) return undefined;
  if (plan.reading.missing && data === "[]") return undefined;
  if (credential.kind === "apiKey") services.lastUsed.touch(id, services.now());
  return { body: `{"data":{${JSON.stringify(plan.key)}:${data}}}\n`, field: plan.field.name };
}

function attempt(make: () => Whole): Whole | null {
  try {
    return make();
  } catch (error) {
    if (error instanceof NotInSql) return null;
    throw error;
  }
}
