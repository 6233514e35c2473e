import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
} from "graphql";
import type { Roles } from "../auth/roles.ts";
import { type Access, accessOf } from "../auth/rules.ts";
import { NotInSql } from "../read/compile.ts";
import type { Reading } from "../read/reading.ts";
import { variablesBelow } from "../read/selection.ts";
import { compileWhole, type Whole, type WholeRequest, wholeValues } from "../read/whole.ts";
import type { WritingField } from "../read/writing.ts";

/** A document that one statement can answer: parsed, validated and within the limits, as Apollo has found. */
export interface Plan {
  operation: OperationDefinitionNode;
  fragments: Record<string, FragmentDefinitionNode>;
  node: FieldNode;
  field: GraphQLField<unknown, unknown>;
  key: string;
  work: Reading | WritingField;
  access: Access;
  /** Variables that change what is selected. */
  variables: readonly string[];
  /** Statements by what distinguishes them; null where SQL cannot give the answer. */
  statements: Map<string, Whole | null>;
}

/** Statements kept of one document. */
const MAX_STATEMENTS = 64;

/** A plan for an operation of one root field that is one read or one write; undefined for everything else. */
export function planOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): Plan | undefined {
  const [node, ...others] = operation.selectionSet.selections;
  if (others.length > 0 || node?.kind !== Kind.FIELD) return undefined;
  if (node.directives?.length || operation.directives?.length) return undefined;
  const type = schema.getRootType(operation.operation);
  const field = type?.getFields()[node.name.value];
  const work = field?.extensions.whole as Plan["work"] | undefined;
  if (!type || !field || !work) return undefined;
  const definitions = document.definitions.filter((one) => one.kind === Kind.FRAGMENT_DEFINITION);
  const fragments = Object.fromEntries(definitions.map((one) => [one.name.value, one]));
  return {
    operation,
    fragments,
    node,
    field,
    key: (node.alias ?? node.name).value,
    work,
    access: accessOf(schema, type.name, field),
    variables: variablesBelow(node, fragments),
    statements: new Map(),
  };
}

/** The statement for one execution of a plan; null where SQL cannot give the answer. */
export function statementOf(
  schema: GraphQLSchema,
  plan: Plan,
  roles: Roles,
  request: WholeRequest,
  variableValues: Record<string, unknown>,
): Whole | null {
  const shape = JSON.stringify([wholeValues.shape(request), plan.variables.map((name) => variableValues[name])]);
  let statement = plan.statements.get(shape);
  if (statement === undefined) {
    const { fragments, field, node } = plan;
    const selecting = { schema, fragments, variableValues, returnType: field.type, fieldNodes: [node] };
    statement = attempt(() => compileWhole({ schema, roles }, request, selecting));
    if (plan.statements.size >= MAX_STATEMENTS) plan.statements.clear();
    plan.statements.set(shape, statement);
  }
  return statement;
}

function attempt(make: () => Whole): Whole | null {
  try {
    return make();
  } catch (error) {
    if (error instanceof NotInSql) return null;
    throw error;
  }
}
