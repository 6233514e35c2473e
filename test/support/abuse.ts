/** `count` parts in a row. */
export const times = (count: number, make: (index: number) => string) =>
  Array.from({ length: count }, (_, nth) => make(nth)).join(" ");

const ring = (levels: number): string =>
  levels <= 1 ? "id" : `deployments { ${levels === 2 ? "id" : `workspace { ${ring(levels - 2)} }`} }`;

/** A field with `levels` levels of fields, in a ring of types. */
const deep = (levels: number) => `workspaces { ${ring(levels - 1)} }`;

const circle = (levels: number): string => (levels === 0 ? "name" : `fields { name type { ${circle(levels - 1)} } }`);

/** Documents that abuse GraphQL, with the case of the security catalogue, and the error that each gets: one. */
export const abuses: [name: string, query: string, message: RegExp][] = [
  ["G1: a ring 14 levels deep", `{ ${deep(14)} }`, /^Query depth limit of 10 exceeded, found 14;/],
  [
    "G2: 101 aliases of __typename",
    `{ ${times(101, (n) => `a${n}: __typename`)} }`,
    /^Aliases limit of 15 exceeded, found 101;/,
  ],
  [
    "G2: 101 aliases of a field",
    `{ users { ${times(101, (n) => `a${n}: id`)} } }`,
    /^Aliases limit of 15 exceeded, found 101;/,
  ],
  [
    "G2: 16 aliases in fragments",
    `{ ...A ...B } fragment A on Query { ${times(8, (n) => `a${n}: __typename`)} }
      fragment B on Query { ${times(8, (n) => `b${n}: __typename`)} }`,
    /^Aliases limit of 15 exceeded, found 16;/,
  ],
  ["G3: __typename 500 times", `{ ${times(500, () => "__typename")} }`, /^query: must have at most 500 tokens/],
  [
    "G3: __typename 400 times",
    `{ ${times(400, () => "__typename")} }`,
    /^Repetitions limit of 15 exceeded, found 400;/,
  ],
  ["G3: users 300 times", `{ ${times(300, () => "users { id }")} }`, /^query: must have at most 500 tokens/],
  ["G3: users 100 times", `{ ${times(100, () => "users { id }")} }`, /^Repetitions limit of 15 exceeded, found 100;/],
  [
    "G3: users 16 times in fragments",
    `{ ...A ...A ... { ...B } } fragment A on Query { ${times(4, () => "users { id }")} }
      fragment B on Query { ${times(8, () => "users { id }")} }`,
    /^Repetitions limit of 15 exceeded, found 16;/,
  ],
  [
    "G4: 10 unknown directives",
    `{ users ${times(10, (n) => `@bogus${n}`)} { id } }`,
    /^Directives limit of 8 exceeded, found 10;/,
  ],
  [
    "G4: @skip 10 times",
    `{ users ${times(10, () => "@skip(if: false)")} { id } }`,
    /^Directives limit of 8 exceeded, found 10;/,
  ],
  [
    "G4: directives of variables",
    `query(${times(10, (n) => `$a${n}: Int @bogus`)}) { users { id } }`,
    /^Directives limit of 8 exceeded, found 10;/,
  ],
  [
    "G4: unknown directives in introspection",
    `{ __schema { types { ${times(10, (n) => `name @bogus${n}`)} } } }`,
    /^Directives limit of 8 exceeded, found 10;/,
  ],
  ["G6: a fragment cycle", "{ ...A } fragment A on Query { ...A }", /^Cannot spread fragment "A" within itself\.$/],
  [
    "G6: a fragment named __schema",
    `{ ...__schema } fragment __schema on Query { ${deep(12)} }`,
    /^Query depth limit of 10 exceeded, found 12;/,
  ],
  [
    "G6: fragments that multiply",
    `{ __schema { types { ...A0 } } } ${times(
      12,
      (n) => `fragment A${n} on __Type { ofType { ...A${n + 1} } interfaces { ...A${n + 1} } }`,
    )} fragment A12 on __Type { name }`,
    /^Selections limit of 10000 exceeded, found \d{5,};/,
  ],
  ["G7: 20,000 tokens", `{ ${times(10_000, (n) => `a${n % 10} b`)} }`, /^query: must have at most 500 tokens/],
  [
    "G7: an alias of 300 characters",
    `{ ${"a".repeat(300)}: users { id } }`,
    /^query: must have at most 255 characters in a name/,
  ],
];

/** The same for lists, which the alpha API does not have. */
export const nestedLists: typeof abuses = [
  [
    "G1: a list within itself",
    "{ workspaces { deployments { workspace { ...A } } } } fragment A on Workspace { ... { deployments { id } } }",
    /^Workspace\.deployments is selected within itself; select it once\.$/,
  ],
  [
    "G1: five lists within each other",
    "{ workspaces { deployments { roleBindings { user { roleBindings { team { users { id } } } } } } } }",
    /^Lists limit of 4 exceeded, found 5 within each other;/,
  ],
];

/** G10: introspection that goes round in circles. Several rules may find it. */
export const circularIntrospection = `{ __schema { types { ${circle(5)} } } }`;
