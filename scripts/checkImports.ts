// Fails when an import under src goes against the direction of the rooms, or folders import each other in a circle. Type imports count.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { posix } from "node:path";
import { parseSync } from "oxc-parser";
import { type Import, violations } from "./imports.ts";

const listed = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "src/*.ts", "src/*.mjs"], {
  encoding: "utf8",
})
  .split("\n")
  .filter((file) => file !== "");
const imports: Import[] = [];
let read = 0;
for (const file of listed) {
  const text = readFileSync(file, "utf8");
  const { module, errors } = parseSync(file, text);
  if (errors.length > 0) throw new Error(`${file}: ${errors[0]?.message}`);
  const specifiers = [
    ...module.staticImports.map((one) => one.moduleRequest.value),
    ...module.staticExports.flatMap(({ entries }) => entries.flatMap((entry) => entry.moduleRequest?.value ?? [])),
    // import("…"), as an expression and in types.
    ...[...text.matchAll(/\bimport\("([^"]+)"\)/g)].map((match) => match[1] ?? ""),
  ];
  for (const one of specifiers) {
    if (one.startsWith(".")) imports.push({ from: file, to: posix.join(posix.dirname(file), one) });
  }
  read += 1;
}

const problems = violations(imports);
if (read < 300 || imports.length < read)
  problems.push(`Read ${read} files and ${imports.length} imports: too few to be all`);
for (const problem of problems) console.error(problem);
console.log(`imports: ${imports.length} in ${read} files, ${problems.length} problems`);
process.exit(problems.length > 0 ? 1 : 0);
