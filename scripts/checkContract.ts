import { readFileSync } from "node:fs";
import { buildSchema, findBreakingChanges } from "graphql";

// Compares schema.graphql with the public contract. Prints one line for each breaking change for clients of
// the contract, and exits 1 if there are any.

const schemaOf = (path: string) => buildSchema(readFileSync(new URL(path, import.meta.url), "utf8"));

const breaking = findBreakingChanges(schemaOf("../test/contract/houston.graphql"), schemaOf("../schema.graphql"));
for (const { description } of breaking) process.stdout.write(`${description}\n`);
if (breaking.length > 0) {
  process.stderr.write(`schema.graphql has ${breaking.length} breaking changes to the contract\n`);
  process.exitCode = 1;
}
