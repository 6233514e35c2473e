import { type FragmentDefinitionNode, GraphQLError, Kind, type SelectionNode, type ValidationRule } from "graphql";

/**
 * A validation rule: at most `limit` directives in each operation, with its fragments expanded. Introspection does not
 * count, because the queries of code generators have more directives than any other document.
 */
export const maxDirectives =
  (limit: number): ValidationRule =>
  (context) => {
    const counted = new Map<string, number>();
    const inAll = (selections: readonly SelectionNode[] = []): number =>
      selections.reduce((sum, selection) => sum + inOne(selection), 0);
    const inOne = (selection: SelectionNode): number => {
      const own = selection.directives?.length ?? 0;
      if (selection.kind === Kind.FRAGMENT_SPREAD) return own + inFragment(selection.name.value);
      if (selection.kind === Kind.FIELD && /^__(schema|type)$/.test(selection.name.value)) return 0;
      return own + inAll(selection.selectionSet?.selections);
    };
    const inFragment = (name: string): number => {
      const known = counted.get(name);
      if (known !== undefined) return known;
      // Fragments may contain themselves; another rule rejects them.
      counted.set(name, 0);
      const fragment: FragmentDefinitionNode | null | undefined = context.getFragment(name);
      const total = (fragment?.directives?.length ?? 0) + inAll(fragment?.selectionSet.selections);
      counted.set(name, total);
      return total;
    };
    let reported = false;
    return {
      OperationDefinition(operation) {
        const found = (operation.directives?.length ?? 0) + inAll(operation.selectionSet.selections);
        if (found <= limit || reported) return;
        reported = true;
        context.reportError(
          new GraphQLError(`Directives limit of ${limit} exceeded, found ${found}; use fewer of them.`),
        );
      },
    };
  };
