import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
} from "graphql";
import type { Roles } from "../access/roles.ts";
import { type Access, accessOf } from "../access/rules.ts";
import { BoundedMap } from "../platform/boundedMap.ts";
import {
  type CompiledOperation,
  compileOperation,
  type OperationRequest,
  requestShape,
} from "../query/compileOperation.ts";
import type { ReadField } from "../query/defineRead.ts";
import type { WriteField } from "../query/defineWrite.ts";
import { NotInSql } from "../query/readRequest.ts";
import { selectionOf, variablesBelow } from "../query/selection.ts";

/** How a root field is declared, where it is one read or one write. */
export type Declared = ReadField["extensions"] | WriteField["extensions"];

/** A document that one statement can answer: Apollo has parsed and validated it and found it within the limits. */
export interface OperationPlan {
  operation: OperationDefinitionNode;
  fragments: Record<string, FragmentDefinitionNode>;
  node: FieldNode;
  field: GraphQLField<unknown, unknown>;
  /** The key of the field in the response. */
  key: string;
  declared: Declared;
  access: Access;
  /** Variables that change what is selected. */
  variables: readonly string[];
  /** Compiled operations by everything that distinguishes them; `inSql` is false where SQL cannot give the answer. */
  compiled: BoundedMap<string, CompiledOperation | { inSql: false }>;
}

/** Compiled operations kept for one document. */
const MAX_COMPILED = 64;

/** A plan for an operation of one root field that is one read or one write; undefined for any other operation. */
export function planOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): OperationPlan | undefined {
  const [node, ...others] = operation.selectionSet.selections;
  if (others.length > 0 || node?.kind !== Kind.FIELD) return undefined;
  if (node.directives?.length || operation.directives?.length) return undefined;
  const type = schema.getRootType(operation.operation);
  const field = type?.getFields()[node.name.value];
  const declared = field && declaredBy(field);
  if (!type || !declared) return undefined;
  const definitions = document.definitions.filter((one) => one.kind === Kind.FRAGMENT_DEFINITION);
  const fragments = Object.fromEntries(definitions.map((one) => [one.name.value, one]));
  return {
    operation,
    fragments,
    node,
    field,
    key: (node.alias ?? node.name).value,
    declared,
    access: accessOf(schema, type.name, field),
    variables: variablesBelow(node, fragments),
    compiled: new BoundedMap(MAX_COMPILED),
  };
}

function declaredBy({ extensions }: GraphQLField<unknown, unknown>): Declared | undefined {
  return "read" in extensions || "write" in extensions ? (extensions as unknown as Declared) : undefined;
}

/** The compiled operation for one execution of a plan; undefined where SQL cannot give the answer. */
export function compiledFor(
  schema: GraphQLSchema,
  plan: OperationPlan,
  roles: Roles,
  request: OperationRequest,
  variableValues: Record<string, unknown>,
): CompiledOperation | undefined {
  const shape = JSON.stringify([requestShape(request), plan.variables.map((name) => variableValues[name])]);
  let compiled = plan.compiled.get(shape);
  if (compiled === undefined) {
    const { fragments, field, node } = plan;
    const selecting = { schema, fragments, variableValues, returnType: field.type, fieldNodes: [node] };
    compiled = orNotInSql(() => compileOperation({ schema, roles }, request, selectionOf(selecting)));
    plan.compiled.set(shape, compiled);
  }
  return "statement" in compiled ? compiled : undefined;
}

function orNotInSql(compile: () => CompiledOperation): CompiledOperation | { inSql: false } {
  try {
    return compile();
  } catch (error) {
    if (error instanceof NotInSql) return { inSql: false };
    throw error;
  }
}
