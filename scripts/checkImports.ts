// Fails if an import under src violates the rules of the rooms (scripts/imports.ts), if folders import each other in a cycle,
// or if a package is imported that `npm ci --omit=dev` does not install. Type imports count.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { posix } from "node:path";
import { parseSync } from "oxc-parser";
import manifest from "../package.json" with { type: "json" };
import { type Import, packageOf, violations } from "./imports.ts";

const listed = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "src/*.ts", "src/*.mjs"], {
  encoding: "utf8",
})
  .split("\n")
  .filter((file) => file !== "");
const imports: Import[] = [];
const problems: string[] = [];
const installed = new Set(Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies }));
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
    const name = packageOf(one);
    if (name && !installed.has(name))
      problems.push(`${file} must not import ${name}, which is not a runtime dependency`);
  }
  read += 1;
}

problems.push(...violations(imports));
if (read < 300 || imports.length < read)
  problems.push(`Read ${read} files and ${imports.length} imports: some must be missing`);
for (const problem of problems) console.error(problem);
console.log(`imports: ${imports.length} in ${read} files, ${problems.length} problems`);
process.exit(problems.length > 0 ? 1 : 0);
