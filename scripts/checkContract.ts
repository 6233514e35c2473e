import { readFileSync } from "node:fs";
import { buildSchema, findBreakingChanges } from "graphql";

// Compares schema.graphql with the public contract. Prints one line for each thing that a client of the contract would
// miss or trip over, and exits 1 when there is any.

const schemaOf = (path: string) => buildSchema(readFileSync(new URL(path, import.meta.url), "utf8"));

const breaking = findBreakingChanges(schemaOf("../test/contract/houston.graphql"), schemaOf("../schema.graphql"));
for (const { description } of breaking) process.stdout.write(`${description}\n`);
if (breaking.length > 0) {
  process.stderr.write(`schema.graphql breaks the contract in ${breaking.length} places\n`);
  process.exitCode = 1;
}
