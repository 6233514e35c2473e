// Makes what stays out of git: the Prisma client, the types of resolvers and the assets of pages, all in src/generated. Runs after
// `npm ci`, on the Node that npm runs on, and therefore is plain JavaScript. Without the packages (`npm ci --omit=dev`) it does nothing.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { assets, copyAssets } from "./copyAssets.mjs";
import { generateResolvers, schemas } from "./generateResolvers.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Generates the Prisma client; gives the exit code of the CLI. */
function generateClient() {
  const cli = resolve("prisma/build/index.js");
  if (!cli || !existsSync(`${root}/prisma/schema.prisma`)) {
    console.log("generate: no Prisma CLI or no prisma/schema.prisma here, nothing generated");
    return 0;
  }
  const { status, stdout, stderr, error } = spawnSync(process.execPath, [cli, "generate", "--no-hints"], {
    cwd: root,
    encoding: "utf8",
    env: {
      ...process.env,
      // `generate` never runs this engine, yet downloads it unless some program is named.
      PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
      CHECKPOINT_DISABLE: "1",
      PRISMA_HIDE_UPDATE_MESSAGE: "1",
    },
  });
  if (status !== 0) console.error(stdout, stderr, error ?? "");
  else console.log("generate: Prisma client is in src/generated/prisma");
  return status ?? 1;
}

/** @param {string} file */
function resolve(file) {
  try {
    return createRequire(import.meta.url).resolve(file);
  } catch {
    return undefined;
  }
}

/** Generates the types of resolvers, which only the compiler needs, where the generator is installed. */
async function generateTypes() {
  if (!resolve("@graphql-codegen/core") || !Object.keys(schemas).every((file) => existsSync(`${root}/${file}`))) {
    console.log("generate: no @graphql-codegen or no schema here, no types of resolvers generated");
    return;
  }
  await generateResolvers();
  console.log(`generate: types of resolvers are in src/generated: ${Object.values(schemas).join(", ")}`);
}

/** Copies the assets of GraphQL Playground and Swagger UI where their packages are installed. */
async function generateAssets() {
  for (const [name, { package: from }] of Object.entries(assets)) {
    if (!resolve(`${from}/package.json`)) {
      console.log(`generate: no ${from} here, no assets copied`);
      continue;
    }
    await copyAssets(name);
    console.log(`generate: the assets of ${from} are in src/generated/${name}`);
  }
}

process.exitCode = generateClient();
await generateTypes();
await generateAssets();
