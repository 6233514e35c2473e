import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { fastifyStatic } from "@fastify/static";
import type { Server } from "./createServer.ts";

const generated = fileURLToPath(new URL("../../generated", import.meta.url));

/** Time a browser caches the files, in seconds. Their URL changes when they do. */
const MAX_AGE = 365 * 24 * 60 * 60;

/**
 * Serves the files of a folder of src/generated below `path`, to be cached for good. Returns their version, which changes
 * with the file `main`. Throws if they were not generated.
 */
export async function addAssets(
  server: Server,
  path: string,
  { folder, main }: { folder: string; main: string },
): Promise<string> {
  const root = `${generated}/${folder}`;
  const code = await readFile(`${root}/${main}`).catch((cause: unknown) => {
    throw new Error(`${main} is missing in src/generated/${folder}: run \`npm run generate\``, { cause });
  });
  await server.register(fastifyStatic, {
    root,
    prefix: path,
    wildcard: false,
    index: false,
    preCompressed: true,
    decorateReply: false,
    maxAge: MAX_AGE * 1_000,
    immutable: true,
  });
  return createHash("sha256").update(code).digest("hex").slice(0, 12);
}
