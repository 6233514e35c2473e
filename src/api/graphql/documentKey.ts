/** A document and the operation in it that is run. */
export interface NamedOperation {
  query: string;
  operationName?: string | null | undefined;
}

/**
 * The key under which a validated operation is remembered. The length keeps a name from being read as document text.
 */
export const documentKey = ({ query, operationName }: NamedOperation): string =>
  `${operationName?.length ?? 0}:${operationName ?? ""}${query}`;
