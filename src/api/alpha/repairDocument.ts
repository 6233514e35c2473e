import {
  type DocumentNode,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  parse,
  type Token,
  TokenKind,
} from "graphql";
import { correctTokens, tokensIn } from "./correctTokens.ts";

/**
 * Corrects what the printed examples of the alpha API have wrong, so that they run as printed: doubled braces
 * (`profile: {{…}}`), quoted keys of objects (`{"trackId": "x"}`), and mutations without the word `mutation`, with or
 * without braces around them. Returns the document unchanged if it needs no correction, or if it would not parse with
 * it: the error shown is then about what was sent. Takes time proportional to the length of the document.
 */
export function repairDocument(document: string, schema: GraphQLSchema): string {
  const sent = parsed(document);
  if (sent) return asMutation(document, sent, schema);
  const tokens = tokensIn(document);
  if (!tokens) return document;
  const corrected = correctTokens(document, tokens);
  // The line ends the comment that may be last.
  const complete = isBareMutation(tokens, schema) ? `{${corrected}\n}` : corrected;
  const result = parsed(complete);
  return result ? asMutation(complete, result, schema) : document;
}

function parsed(document: string): DocumentNode | undefined {
  try {
    return parse(document);
  } catch {
    return undefined;
  }
}

/** True for `createOrganization(…) {…}` without anything before it. */
function isBareMutation([first, second, third]: readonly Token[], schema: GraphQLSchema): boolean {
  const name = second?.kind === TokenKind.COLON ? third : first;
  return name?.kind === TokenKind.NAME && isMutationOnly(name.value, schema);
}

/** `{ createOrganization(…) {…} }` as the mutation that it is; any other document as it is. */
function asMutation(document: string, { definitions }: DocumentNode, schema: GraphQLSchema): string {
  const operations = definitions.filter(
    (node): node is OperationDefinitionNode => node.kind === Kind.OPERATION_DEFINITION,
  );
  const [operation] = operations;
  const start = operation?.loc?.start;
  if (!operation || start === undefined || operations.length > 1 || document[start] !== "{") return document;
  const { selections } = operation.selectionSet;
  const isMutation = selections.every((one) => one.kind === Kind.FIELD && isMutationOnly(one.name.value, schema));
  return isMutation ? `${document.slice(0, start)}${OperationTypeNode.MUTATION} ${document.slice(start)}` : document;
}

const isMutationOnly = (field: string, schema: GraphQLSchema): boolean =>
  schema.getMutationType()?.getFields()[field] !== undefined && schema.getQueryType()?.getFields()[field] === undefined;
