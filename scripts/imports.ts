/** One file imports another; both are paths from the repository's root. */
export interface Import {
  from: string;
  to: string;
}

/** The rooms (folders of src), and the rooms that each may import besides itself. `app.ts` and `main.ts` may import all. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  api: ["services", "query", "access", "platform"],
  services: ["query", "access", "platform"],
  query: ["access", "platform"],
  access: ["platform"],
  platform: [],
  // Only app.ts imports it.
  fastPath: ["api", "query", "access", "platform"],
};

/** The resolver types reference types of these rooms, so importing them counts as importing the room. */
const RESOLVERS: Record<string, string> = {
  "src/generated/resolvers.ts": "services",
  "src/generated/alphaResolvers.ts": "api",
};

/** Other generated code imports no hand-written files. */
const isGenerated = (file: string) => file.startsWith("src/generated/") && !(file in RESOLVERS);

const roomOf = (file: string) => RESOLVERS[file] ?? file.split("/")[1] ?? "";

/** The folder of a file, relative to src. */
const folderOf = (file: string) => file.split("/").slice(1, -1).join("/");

/** The package that an import names; undefined for a relative path or a Node module. */
export const packageOf = (specifier: string): string | undefined =>
  /^(?!\.|node:)(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0];

/** One line for each import that violates the rules of the rooms, and for each cycle of folders. */
export function violations(imports: readonly Import[]): string[] {
  const own = imports.filter(({ to }) => !isGenerated(to));
  const problems = own.filter(isWrong).map(({ from, to }) => `${from} must not import ${to}`);
  const graph = new Map<string, Set<string>>();
  for (const { from, to } of own) {
    const [one, other] = [folderOf(from), folderOf(to)];
    if (one === other || one === "") continue;
    graph.set(one, (graph.get(one) ?? new Set()).add(other));
  }
  return [...problems, ...cycles(graph).map((folders) => `Folders import each other: ${folders.join(" → ")}`)];
}

function isWrong({ from, to }: Import): boolean {
  const [room, other] = [roomOf(from), roomOf(to)];
  if (room === "app.ts") return false;
  if (room === "main.ts") return other === "fastPath";
  return room !== other && !MAY_IMPORT[room]?.includes(other);
}

/** One cycle for each folder that can reach itself through others; each set of folders appears once. */
function cycles(graph: ReadonlyMap<string, ReadonlySet<string>>): string[][] {
  const found = new Map<string, string[]>();
  for (const start of graph.keys()) {
    const cycle = cycleFrom(graph, start);
    const members = cycle?.toSorted().join();
    if (cycle && members && !found.has(members)) found.set(members, [...cycle, start]);
  }
  return [...found.values()];
}

/** The shortest path from a folder back to itself. */
function cycleFrom(graph: ReadonlyMap<string, ReadonlySet<string>>, start: string): string[] | undefined {
  const queue = [[start]];
  const seen = new Set<string>();
  for (const path of queue) {
    for (const next of graph.get(path.at(-1) ?? "") ?? []) {
      if (next === start) return path;
      if (seen.has(next)) continue;
      seen.add(next);
      queue.push([...path, next]);
    }
  }
  return undefined;
}
