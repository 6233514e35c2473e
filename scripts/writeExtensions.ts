import { readFileSync, writeFileSync } from "node:fs";
import { extensionsFile, extensionsText } from "./extensions.ts";

// Writes test/contract/extensions.graphql: what schema.graphql has in addition to the public contract. `--check` writes
// nothing and exits 1 if the file is out of date.

const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");

const wanted = extensionsText(read("../schema.graphql"), read("../test/contract/houston.graphql"));
if (!process.argv.includes("--check")) writeFileSync(extensionsFile, wanted);
else if (readFileSync(extensionsFile, "utf8") !== wanted) {
  process.stderr.write("test/contract/extensions.graphql is out of date; run 'npm run document'\n");
  process.exitCode = 1;
}
