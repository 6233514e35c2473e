import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLNamedType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isCompositeType,
  isInterfaceType,
  isListType,
  isObjectType,
  Kind,
  type SelectionSetNode,
} from "graphql";

/** Lists of objects within each other, as `Workspace.deployments`, from the outermost. */
type Lists = readonly string[];

/**
 * What is wrong with the lists within lists of a document; undefined if nothing is. Their rows multiply: with 100
 * Deployments in a Workspace, `deployments { workspace { deployments { … } } }` selects each of them 100 times, and each
 * further round a hundred times more. The document must have a limited number of selections (`measure`).
 */
export function nestedListsError(schema: GraphQLSchema, document: DocumentNode, max: number): string | undefined {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions) {
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  }

  function below(set: SelectionSetNode, type: GraphQLNamedType | undefined, lists: Lists, open: Lists): Fault {
    for (const selection of set.selections) {
      let fault: Fault;
      if (selection.kind === Kind.FIELD) {
        fault = belowField(selection.name.value, selection.selectionSet, type, lists, open);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        const condition = selection.typeCondition?.name.value;
        fault = below(selection.selectionSet, condition ? schema.getType(condition) : type, lists, open);
      } else {
        fault = belowFragment(selection.name.value, lists, open);
      }
      if (fault) return fault;
    }
    return undefined;
  }

  function belowFragment(name: string, lists: Lists, open: Lists): Fault {
    const fragment = fragments.get(name);
    // Validation rejects fragments that do not exist, or that contain themselves.
    if (!fragment || open.includes(name)) return undefined;
    const type = schema.getType(fragment.typeCondition.name.value);
    return below(fragment.selectionSet, type, lists, [...open, name]);
  }

  function belowField(
    name: string,
    set: SelectionSetNode | undefined,
    parent: GraphQLNamedType | undefined,
    lists: Lists,
    open: Lists,
  ): Fault {
    const type = set && typeOf(parent, name);
    if (!set || !type) return undefined;
    if (!isListOfObjects(type)) return below(set, getNamedType(type), lists, open);
    const list = `${parent?.name}.${name}`;
    if (lists.includes(list)) return `${list} is selected within itself; select it once.`;
    if (lists.length >= max) {
      return `Lists limit of ${max} exceeded, found ${max + 1} within each other; select fewer lists within lists.`;
    }
    return below(set, getNamedType(type), [...lists, list], open);
  }

  for (const node of document.definitions) {
    if (node.kind !== Kind.OPERATION_DEFINITION) continue;
    const fault = below(node.selectionSet, schema.getRootType(node.operation) ?? undefined, [], []);
    if (fault) return fault;
  }
  return undefined;
}

type Fault = string | undefined;

/** The type of a field; undefined for one that does not exist, and for introspection, which has limits of its own. */
const typeOf = (parent: GraphQLNamedType | undefined, name: string): GraphQLOutputType | undefined =>
  isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name]?.type : undefined;

const isListOfObjects = (type: GraphQLOutputType): boolean =>
  isListType(getNullableType(type)) && isCompositeType(getNamedType(type));
