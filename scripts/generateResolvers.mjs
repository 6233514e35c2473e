// Generates the types of resolvers from schema.graphql and alpha.graphql. Runs after `npm ci`, like generate.mjs, and therefore is plain JavaScript.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const generated = `${root}/src/generated`;

/** The schemas, and the file in src/generated for the types of their resolvers. */
export const schemas = { "schema.graphql": "resolvers.ts", "alpha.graphql": "alphaResolvers.ts" };

/** Types of the schemas that have the name of a table and whose resolvers do not return rows read by src/query. */
const NOT_READ = ["DeploymentsConfigOverride", "LocalCredential"];

/** Types that are read from a table of another name. */
const LEGACY = {
  Group: "Team",
  OrganizationUser: "RoleBinding",
  ApiKey: "ServiceAccount",
  ServiceAccountKey: "ServiceAccount",
};

/** What resolvers return for types some of whose fields have a resolver, as seen from src/generated. */
const SOURCES = {
  // Rows hold roles on Organizations too, which `/v1` does not show.
  Role: "./prisma/enums.ts#Role as StoredRole",
  StatusMessage: "../api/alpha/statusMessage.ts#Done",
  ClickstreamPrototype: "../services/clickstream/clickstreamPrototypes.ts#PrototypeRow",
  AuthUser: "../services/users/authUser.ts#AuthUser as SignedIn",
  PaginatedClusters: "../services/clusters/paginatedClusters.ts#MatchingClusters",
  PaginatedTeams: "../services/teams/paginatedTeams.ts#TeamsPage",
  TeamPayload: "../services/teams/teamAnswer.ts#TeamAnswer",
};

/**
 * Writes the types of all resolvers, a file for each schema, and the tables that src/query can read to `entityTables.ts`,
 * by the names of the types read from them: a type is read from the table of its name.
 */
export async function generateResolvers() {
  const models = readFileSync(`${root}/prisma/schema.prisma`, "utf8").matchAll(/^model (\w+)/gm);
  const tables = { ...Object.fromEntries([...models].map(([, name]) => [name, name])), ...LEGACY };
  mkdirSync(generated, { recursive: true });
  for (const [file, filename] of Object.entries(schemas)) {
    writeFileSync(`${generated}/${filename}`, await typesOf(file, filename, Object.keys(tables)));
  }
  const lines = Object.entries(tables).map(([type, table]) => `  ${type}: "${table}";\n`);
  writeFileSync(`${generated}/entityTables.ts`, `export interface EntityTables {\n${lines.join("")}}\n`);
}

/**
 * The types of the resolvers of one schema.
 * @param {string} file
 * @param {string} filename
 * @param {string[]} entities
 */
async function typesOf(file, filename, entities) {
  const { buildASTSchema, isObjectType, parse } = await import("graphql");
  const { codegen } = await import("@graphql-codegen/core");
  const schema = parse(readFileSync(`${root}/${file}`, "utf8"));
  const schemaAst = buildASTSchema(schema);
  const hasType = (/** @type {string} */ name) => schemaAst.getType(name) !== undefined;
  const trees = entities
    .filter((name) => isObjectType(schemaAst.getType(name)) && !NOT_READ.includes(name))
    .map((name) => [name, `../query/read.ts#Tree<"${name}">`]);
  const sources = Object.entries(SOURCES).filter(([name]) => hasType(name));
  return codegen({
    filename,
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
      mappers: Object.fromEntries([...sources, ...trees]),
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
}
