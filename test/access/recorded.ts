import { readFileSync } from "node:fs";
import { type FieldDefinitionNode, Kind, parse, valueFromASTUntyped } from "graphql";

const extensions = parse(readFileSync(new URL("../contract/extensions.graphql", import.meta.url), "utf8"));
const roots = ["Query", "Mutation", "Subscription"];

/** The root fields that only Houston has, by name. */
const fields = new Map<string, FieldDefinitionNode>(
  extensions.definitions.flatMap((definition) =>
    definition.kind === Kind.OBJECT_TYPE_EXTENSION && roots.includes(definition.name.value)
      ? (definition.fields ?? []).map((field) => [field.name.value, field] as const)
      : [],
  ),
);

/**
 * Who may call a root field that only Houston has, as test/contract/extensions.graphql records it: permission keys,
 * "public" or "signedIn".
 * Undefined for other fields, and for one with several rules.
 */
export function recorded(field: string): readonly string[] | undefined {
  const rules = fields.get(field)?.directives?.filter(({ name }) => ["auth", "public"].includes(name.value)) ?? [];
  const [rule] = rules;
  if (!rule || rules.length > 1) return undefined;
  if (rule.name.value === "public") return ["public"];
  const permission = rule.arguments?.find(({ name }) => name.value === "permission");
  if (!permission) return ["signedIn"];
  const keys = [valueFromASTUntyped(permission.value)].flat() as string[];
  return keys.map((key) => key.replace("{scope}", "{scope of the row}"));
}
