import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  getArgumentValues,
  getNamedType,
  isObjectType,
  visit,
} from "graphql";
import { collectSubfields } from "graphql/execution/collectFields.js";

/** A field as the caller selected it, with fragments, @skip and @include resolved. */
export interface Selected {
  /** Its key in the response: the alias, else the name. */
  key: string;
  name: string;
  args: Record<string, unknown>;
  /** What is selected below it; empty for a scalar. */
  fields: readonly Selected[];
}

/** The part of GraphQLResolveInfo that determines a selection. */
export type Selecting = Pick<
  GraphQLResolveInfo,
  "schema" | "fragments" | "variableValues" | "returnType" | "fieldNodes"
>;

/** The tree selected below the field of `info`. */
export const selectionOf = (info: Selecting): readonly Selected[] =>
  below(info, getNamedType(info.returnType), info.fieldNodes);

function below(info: Selecting, type: unknown, nodes: readonly FieldNode[]): readonly Selected[] {
  if (!isObjectType(type)) return [];
  const collected = collectSubfields(info.schema, info.fragments, info.variableValues, type, [...nodes]);
  const selected: Selected[] = [];
  for (const [key, fieldNodes] of collected) {
    const first = fieldNodes[0];
    if (!first) continue;
    const name = first.name.value;
    const field = fieldOf(type, name);
    if (!field) {
      // Only __typename is selectable without being a field.
      selected.push({ key, name, args: {}, fields: [] });
      continue;
    }
    const args = first.arguments?.length ? getArgumentValues(field, first, info.variableValues) : {};
    selected.push({ key, name, args, fields: below(info, getNamedType(field.type), fieldNodes) });
  }
  return selected;
}

const fieldOf = (type: GraphQLObjectType, name: string) => type.getFields()[name];

/**
 * The names of the variables that can change what is selected below `node`: those in directives and in arguments of
 * nested fields. Executions with the same values of them have the same tree.
 */
export function variablesBelow(node: FieldNode, fragments: Record<string, FragmentDefinitionNode>): readonly string[] {
  const names = new Set<string>();
  const seen = new Set<string>();
  const walk = (part: FieldNode | FragmentDefinitionNode) => {
    visit(part.selectionSet ?? part, {
      Variable: (variable) => void names.add(variable.name.value),
      FragmentSpread: ({ name: { value } }) => {
        const fragment = fragments[value];
        if (!fragment || seen.has(value)) return;
        seen.add(value);
        walk(fragment);
      },
    });
  };
  if (node.selectionSet) walk(node);
  return [...names];
}
