import operations from "../contract/houston-operations.json" with { type: "json" };

/** One variable as some client declares it: for the field, the argument or the value inside an input, and the type. */
export interface Spelling {
  kind: string;
  field: string;
  /** `workspaceUuid`, or inside an input `where.id`. */
  path: string;
  type: string;
  /** Every argument that must be given, with its type. */
  required: { name: string; type: string }[];
}

/** Every spelling of the public facts, but for the names of arguments that no contract ever had. */
export const spellings: Spelling[] = operations.flatMap(({ name, kind, args, variableTypes = {} }) =>
  Object.entries(variableTypes as Record<string, object>).flatMap(([path, types]) => {
    if (!args.some((arg) => arg.name === path.split(".")[0])) return [];
    const required = args.filter((arg) => arg.type.endsWith("!") && !("default" in arg));
    return Object.keys(types).map((type) => ({ kind, field: name, path, type, required }));
  }),
);

/** A document that calls the field with the spelling's variable and whatever else must be given. */
export function documentOf({ kind, field, path, type, required }: Spelling, leaf: boolean): string {
  const [argument = "", inside] = path.split(".");
  const others = required.filter(({ name }) => name !== argument);
  const declared = [{ name: variableOf(path), type }, ...others].map(({ name, type }) => `$${name}: ${type}`);
  const own = inside ? `{ ${inside}: $${variableOf(path)} }` : `$${variableOf(path)}`;
  const passed = [`${argument}: ${own}`, ...others.map(({ name }) => `${name}: $${name}`)];
  const selection = leaf ? "" : "{ __typename }";
  return `${kind} (${declared.join(", ")}) { ${field}(${passed.join(", ")}) ${selection} }`;
}

/** The variable of a path: `where_id` for `where.id`. */
export const variableOf = (path: string) => path.replace(".", "_");
