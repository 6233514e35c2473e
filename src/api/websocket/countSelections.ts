import { type DocumentNode, Kind, type OperationDefinitionNode, type SelectionSetNode } from "graphql";

/** How many selections a validated operation comes to when its fragments are written out: they multiply, tokens do not. */
export function countSelections(document: DocumentNode, operation: OperationDefinitionNode): number {
  const fragments = new Map<string, number>();
  const count = (set: SelectionSetNode | undefined): number =>
    (set?.selections ?? []).reduce((sum, selection) => {
      if (selection.kind === Kind.FRAGMENT_SPREAD) return sum + 1 + inFragment(selection.name.value);
      return sum + 1 + count(selection.selectionSet);
    }, 0);
  const inFragment = (name: string): number => {
    const before = fragments.get(name);
    if (before !== undefined) return before;
    const fragment = document.definitions.find(
      (node) => node.kind === Kind.FRAGMENT_DEFINITION && node.name.value === name,
    );
    const total = fragment?.kind === Kind.FRAGMENT_DEFINITION ? count(fragment.selectionSet) : 0;
    fragments.set(name, total);
    return total;
  };
  return count(operation.selectionSet);
}
