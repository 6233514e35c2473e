import { type DocumentNode, Kind, type OperationDefinitionNode, type SelectionSetNode } from "graphql";

/** Number of selections of a validated operation after expanding its fragments: nested fragments multiply them. */
export function countSelections(document: DocumentNode, operation: OperationDefinitionNode): number {
  const fragments = new Map<string, number>();
  const count = (set: SelectionSetNode | undefined): number =>
    (set?.selections ?? []).reduce((sum, selection) => {
      if (selection.kind === Kind.FRAGMENT_SPREAD) return sum + 1 + inFragment(selection.name.value);
      return sum + 1 + count(selection.selectionSet);
    }, 0);
  const inFragment = (name: string): number => {
    const counted = fragments.get(name);
    if (counted !== undefined) return counted;
    const fragment = document.definitions.find(
      (node) => node.kind === Kind.FRAGMENT_DEFINITION && node.name.value === name,
    );
    const total = fragment?.kind === Kind.FRAGMENT_DEFINITION ? count(fragment.selectionSet) : 0;
    fragments.set(name, total);
    return total;
  };
  return count(operation.selectionSet);
}
