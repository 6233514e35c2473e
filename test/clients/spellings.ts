import operations from "../contract/houston-operations.json" with { type: "json" };

export type Operation = (typeof operations)[number];
type Argument = Operation["args"][number];

export const isRequired = (arg: Argument) => arg.type.endsWith("!") && !("default" in arg);

/** A variable as some client declares it: its field, its argument or path in an input, and its type. */
export interface Spelling {
  kind: string;
  field: string;
  /** `workspaceUuid`, or inside an input `where.id`. */
  path: string;
  type: string;
  /** Every required argument, with its type. */
  required: { name: string; type: string }[];
}

/**
 * Every spelling in the contract's facts: the types that clients declare, or the contract's own type if no client was
 * seen.
 */
export const spellings: Spelling[] = operations.flatMap(({ name, kind, args, variableTypes = {} }) => {
  const required = args.filter(isRequired);
  const declared = Object.entries(variableTypes as Record<string, object>).filter(([path]) =>
    args.some((arg) => arg.name === rootOf(path)),
  );
  const silent = args.filter((arg) => !declared.some(([path]) => rootOf(path) === arg.name));
  const pairs = [
    ...declared.flatMap(([path, types]) => Object.keys(types).map((type) => ({ path, type }))),
    ...silent.map((arg) => ({ path: arg.name, type: arg.type })),
  ];
  return pairs.map((pair) => ({ kind, field: name, required, ...pair }));
});

/** Variables in the facts for arguments that no contract ever had. */
export const unknownArguments = operations.flatMap(({ name, args, variableTypes = {} }) =>
  Object.keys(variableTypes)
    .filter((path) => !args.some((arg) => arg.name === rootOf(path)))
    .map((path) => `${name}.${path}`),
);

/** The argument that contains a path. */
function rootOf(path: string): string {
  return path.split(".")[0] ?? path;
}

/** A document that calls the field with the spelling's variable and all required arguments. */
export function documentOf({ kind, field, path, type, required }: Spelling, leaf: boolean): string {
  const [argument = "", inside] = path.split(".");
  const others = required.filter(({ name }) => name !== argument);
  const declared = [{ name: variableOf(path), type }, ...others].map(({ name, type }) => `$${name}: ${type}`);
  const own = inside ? `{ ${inside}: $${variableOf(path)} }` : `$${variableOf(path)}`;
  const passed = [`${argument}: ${own}`, ...others.map(({ name }) => `${name}: $${name}`)];
  const selection = leaf ? "" : "{ __typename }";
  return `${kind} (${declared.join(", ")}) { ${field}(${passed.join(", ")}) ${selection} }`;
}

/** Arguments that an operation needs together with the spelling's, beyond the required ones. */
const beside: Record<string, (spelling: Spelling) => { name: string; type: string }[]> = {
  createToken: () => [{ name: "identity", type: "String" }],
  workspaceAddUser: () => [{ name: "workspaceUuid", type: "Uuid" }],
  workspaceRemoveUser: ({ path }) => (path === "email" ? [] : [{ name: "userUuid", type: "Uuid" }]),
  createServiceAccount: () => [{ name: "entityUuid", type: "Uuid" }],
  serviceAccounts: () => [{ name: "entityUuid", type: "Uuid" }],
  createDeployment: () => [{ name: "type", type: "String" }],
  groups: () => [{ name: "entityUuid", type: "Uuid" }],
  deleteInviteToken: () => [{ name: "inviteUuid", type: "Uuid" }],
  removeTeam: ({ path }) => (path === "teamUuid" ? [] : [{ name: "name", type: "String" }]),
  updateTeam: ({ path }) =>
    path === "id"
      ? []
      : path === "name"
        ? [{ name: "provider", type: "String" }]
        : path === "provider"
          ? [{ name: "name", type: "String" }]
          : [{ name: "id", type: "ID" }],
  validateGitSyncCredentials: ({ path }) =>
    path === "deploymentUuid" ? [] : [{ name: "workspaceUuid", type: "Uuid" }],
  upsertDeployment: ({ path }) =>
    ["deploymentUuid", "releaseName"].includes(path)
      ? []
      : path === "workspaceUuid" || path === "namespace"
        ? [
            { name: "label", type: "String" },
            { name: "workspaceUuid", type: "Uuid" },
          ]
        : [{ name: "deploymentUuid", type: "Uuid" }],
};

/** The spelling with all arguments that the call needs. */
export const complete = (spelling: Spelling): Spelling => ({
  ...spelling,
  required: [
    ...spelling.required,
    ...(beside[spelling.field]?.(spelling) ?? []).filter(
      ({ name }) => !spelling.required.some((known) => known.name === name),
    ),
  ],
});

/** The variable name of a path: `where_id` for `where.id`. */
export const variableOf = (path: string) => path.replace(".", "_");

/** IDs that a call of the operation may omit. */
export const openIds = ({ args }: Operation) => args.filter(({ type }) => ["Uuid", "Id", "ID"].includes(type));

/** A document that calls the operation with its required arguments and those in `also`. */
export function barest({ kind, name, args }: Operation, also: readonly Argument[], leaf: boolean): string {
  const given = [...args.filter(isRequired), ...also];
  const declared = given.map((arg) => `$${arg.name}: ${arg.type}`).join(", ");
  const passed = given.map((arg) => `${arg.name}: $${arg.name}`).join(", ");
  return `${kind} ${declared && `(${declared})`} { ${name}${passed && `(${passed})`} ${leaf ? "" : "{ __typename }"} }`;
}
