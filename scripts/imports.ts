/** One file imports another; both are paths from the repository's root. */
export interface Import {
  from: string;
  to: string;
}

/** Rooms, and the rooms they may import beside themselves. `app.ts` and `main.ts` may import every room. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  api: ["services", "query", "access", "platform"],
  services: ["query", "access", "platform"],
  query: ["access", "platform"],
  access: ["platform"],
  platform: [],
  // Only app.ts imports it.
  fastPath: ["api", "query", "access", "platform"],
};

/** The types of resolvers name types of services, so whoever imports them might as well import services. */
const RESOLVERS = "src/generated/resolvers.ts";

/** Other generated code imports nothing of ours. */
const isGenerated = (file: string) => file.startsWith("src/generated/") && file !== RESOLVERS;

const roomOf = (file: string) => (file === RESOLVERS ? "services" : (file.split("/")[1] ?? ""));

/** The folder of a file: its room, and its folders below that. */
const folderOf = (file: string) => file.split("/").slice(1, -1).join("/");

/** The package that an import names; undefined for a file of ours and a module of Node. */
export const packageOf = (specifier: string): string | undefined =>
  /^(?!\.|node:)(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0];

/** A line for each import against the direction of the rooms, and for each circle of folders. */
export function violations(imports: readonly Import[]): string[] {
  const own = imports.filter(({ to }) => !isGenerated(to));
  const problems = own.filter(isWrong).map(({ from, to }) => `${from} must not import ${to}`);
  const graph = new Map<string, Set<string>>();
  for (const { from, to } of own) {
    const [one, other] = [folderOf(from), folderOf(to)];
    if (one === other || one === "") continue;
    graph.set(one, (graph.get(one) ?? new Set()).add(other));
  }
  return [...problems, ...circles(graph).map((folders) => `Folders import each other: ${folders.join(" → ")}`)];
}

function isWrong({ from, to }: Import): boolean {
  const [room, other] = [roomOf(from), roomOf(to)];
  if (room === "app.ts" || room === "main.ts") return false;
  return room !== other && !MAY_IMPORT[room]?.includes(other);
}

/** One circle for each folder that can reach itself through others, each set of folders once. */
function circles(graph: ReadonlyMap<string, ReadonlySet<string>>): string[][] {
  const found = new Map<string, string[]>();
  for (const start of graph.keys()) {
    const circle = wayBack(graph, start);
    const members = circle?.toSorted().join();
    if (circle && members && !found.has(members)) found.set(members, [...circle, start]);
  }
  return [...found.values()];
}

/** The shortest way from a folder back to itself. */
function wayBack(graph: ReadonlyMap<string, ReadonlySet<string>>, start: string): string[] | undefined {
  const queue = [[start]];
  const seen = new Set<string>();
  for (const way of queue) {
    for (const next of graph.get(way.at(-1) ?? "") ?? []) {
      if (next === start) return way;
      if (seen.has(next)) continue;
      seen.add(next);
      queue.push([...way, next]);
    }
  }
  return undefined;
}
