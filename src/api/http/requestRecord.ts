import { type DocumentNode, Kind, type OperationDefinitionNode, type SelectionSetNode } from "graphql";

/** Which path a request took: the fast path, Apollo, or the Platform API. */
export type Via = "fast" | "apollo" | "rest";

/** The operation of a GraphQL request, for logs and metrics. Contains names only, never values. */
export interface RequestRecord {
  via: Via;
  name?: string;
  /** Names of the root fields, without duplicates. */
  fields: string[];
  /** `extensions.code` of its errors, without duplicates. */
  codes: string[];
}

/** A root field and its key in the response. */
export interface RootField {
  name: string;
  key: string;
}

/** The root fields of a validated operation, fragments included. */
export function rootFields(document: DocumentNode, operation: OperationDefinitionNode): RootField[] {
  const found: RootField[] = [];
  const seen = new Set<string>();
  const walk = (set: SelectionSetNode) => {
    for (const selection of set.selections) {
      if (selection.kind === Kind.FIELD) {
        found.push({ name: selection.name.value, key: (selection.alias ?? selection.name).value });
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        walk(selection.selectionSet);
      } else if (!seen.has(selection.name.value)) {
        seen.add(selection.name.value);
        const fragment = document.definitions.find(
          (node) => node.kind === Kind.FRAGMENT_DEFINITION && node.name.value === selection.name.value,
        );
        if (fragment?.kind === Kind.FRAGMENT_DEFINITION) walk(fragment.selectionSet);
      }
    }
  };
  walk(operation.selectionSet);
  return found;
}
