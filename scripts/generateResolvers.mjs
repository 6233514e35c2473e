// Generates the types of resolvers from schema.graphql. Runs after `npm ci`, like generate.mjs, and therefore is plain JavaScript.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const generated = `${root}/src/generated`;

/** Types of schema.graphql that have the name of a table and whose resolvers do not return rows read by src/query. */
const NOT_READ = ["DeploymentsConfigOverride", "LocalCredential"];

/** Types that are read from a table of another name. */
const LEGACY = { Group: "Team" };

/** What resolvers return for types some of whose fields have a resolver, as seen from src/generated. */
const SOURCES = {
  AuthUser: "../services/users/authUser.ts#AuthUser as SignedIn",
  PaginatedClusters: "../services/clusters/paginatedClusters.ts#MatchingClusters",
  PaginatedTeams: "../services/teams/paginatedTeams.ts#TeamsPage",
  TeamPayload: "../services/teams/teamAnswer.ts#TeamAnswer",
};

/**
 * Writes the types of all resolvers to `resolvers.ts`, and the tables that src/query can read to `entityTables.ts`, by the
 * names of the types read from them: a type is read from the table of its name.
 */
export async function generateResolvers() {
  const { buildASTSchema, isObjectType, parse } = await import("graphql");
  const { codegen } = await import("@graphql-codegen/core");
  const schema = parse(readFileSync(`${root}/schema.graphql`, "utf8"));
  const schemaAst = buildASTSchema(schema);
  const models = readFileSync(`${root}/prisma/schema.prisma`, "utf8").matchAll(/^model (\w+)/gm);
  const tables = { ...Object.fromEntries([...models].map(([, name]) => [name, name])), ...LEGACY };
  const readTypes = Object.keys(tables).filter(
    (name) => isObjectType(schemaAst.getType(name)) && !NOT_READ.includes(name),
  );
  const trees = readTypes.map((name) => [name, `../query/read.ts#Tree<"${name}">`]);
  const types = await codegen({
    filename: "resolvers.ts",
    documents: [],
    schema,
    schemaAst,
    pluginMap: {
      types: await import("@graphql-codegen/typescript"),
      resolvers: await import("@graphql-codegen/typescript-resolvers"),
    },
    plugins: [{ types: {} }, { resolvers: {} }],
    config: {
      contextType: "../access/context.ts#Context",
      mappers: { ...SOURCES, ...Object.fromEntries(trees) },
      scalars: {
        ID: "string",
        Id: "string",
        Uuid: "string",
        JSON: "unknown",
        DateTime: { input: "string", output: "Date | string" },
      },
      enumsAsTypes: true,
      maybeValue: "T | null | undefined",
      inputMaybeValue: "T | null | undefined",
      immutableTypes: true,
      skipTypename: true,
      useTypeImports: true,
    },
  });
  mkdirSync(generated, { recursive: true });
  writeFileSync(`${generated}/resolvers.ts`, types);
  const lines = Object.entries(tables).map(([type, table]) => `  ${type}: "${table}";\n`);
  writeFileSync(`${generated}/entityTables.ts`, `export interface EntityTables {\n${lines.join("")}}\n`);
}
