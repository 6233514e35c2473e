import { type ASTNode, type DefinitionNode, parse, print, visit } from "graphql";

/** The properties that hold the members of a definition. */
const memberLists = ["fields", "values", "types"] as const;

type Member = ASTNode & { name: { value: string }; arguments?: readonly Member[] };
type Definition = DefinitionNode & { name: { value: string }; directives?: unknown } & {
  readonly [list in (typeof memberLists)[number]]?: readonly Member[];
};

/**
 * What the SDL `ours` has in addition to the SDL `contract`: new definitions unchanged, and `extend …` for new members of
 * existing ones. For a new argument of an existing field, only that argument is listed. Descriptions are omitted: they
 * belong to schema.graphql.
 */
export function extensionsOf(ours: string, contract: string): string {
  const known = new Map(definitionsOf(contract).map((definition) => [keyOf(definition), definition]));
  const parts = definitionsOf(ours).flatMap((definition) => {
    const before = known.get(keyOf(definition));
    return before ? additions(definition, before) : [print(definition)];
  });
  return parts.map((part) => `\n${part}\n`).join("");
}

const keyOf = ({ kind, name }: Definition) => `${kind} ${name.value}`;

/** The named definitions of an SDL, without descriptions. */
function definitionsOf(sdl: string): Definition[] {
  const document = visit(parse(sdl, { noLocation: true }), {
    enter: (node) => ("description" in node ? { ...node, description: undefined } : undefined),
  });
  return document.definitions.filter((one) => "name" in one) as Definition[];
}

/** `extend …` with the members of `definition` that `before` does not have; empty if it has them all. */
function additions(definition: Definition, before: Definition): string[] {
  const members = memberLists.flatMap((list) => {
    const added = definition[list]?.flatMap((member) => addition(member, find(before[list], member)));
    return added?.length ? [[list, added] as const] : [];
  });
  if (members.length === 0) return [];
  const { kind, name } = definition;
  const extension = { kind: kind.replace("Definition", "Extension"), name, ...Object.fromEntries(members) };
  return [print(extension as unknown as ASTNode)];
}

const find = (members: readonly Member[] | undefined, { name }: Member) =>
  members?.find((member) => member.name.value === name.value);

/** The new parts of a member. */
function addition(member: Member, before: Member | undefined): Member[] {
  if (!before) return [member];
  const added = member.arguments?.filter((argument) => !find(before.arguments, argument)) ?? [];
  return added.length > 0 ? [{ ...member, arguments: added, directives: [] } as Member] : [];
}

/** The file that lists the extensions. */
export const extensionsFile = new URL("../test/contract/extensions.graphql", import.meta.url);

const head =
  "# What schema.graphql has in addition to houston.graphql. Written by `npm run document`: review a change like code.\n";

/** The expected content of that file. */
export const extensionsText = (ours: string, contract: string): string => head + extensionsOf(ours, contract);
