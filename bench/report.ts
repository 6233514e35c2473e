import type { Size } from "./data.ts";
import type { Measurement } from "./measure.ts";
import { operations } from "./operations.ts";

/** The measurements of a table row; each is the median of the rounds. */
type Figures = Pick<Measurement, "perSecond" | "p50" | "p99" | "cpu" | "rss">;

/** All medians as Markdown tables, one per size and operation, with the ratio to `limit`, and the ratio of L to S at the end. */
export function report(measurements: readonly Measurement[]): string {
  const parts: string[] = [];
  for (const [key, cells] of groupBy(measurements, ({ size, operation }) => `${operation}, size ${size}`)) {
    const first = cells[0];
    if (!first) continue;
    const servers = [...groupBy(cells, ({ server }) => server)].map(([name, rounds]) => ({ name, ...median(rounds) }));
    const limit = servers.find(({ name }) => name === "limit")?.perSecond;
    const lines = servers.map((one) => row([one.name, ...figures(one, limit)]));
    parts.push(`### ${key}: ${operations[first.operation].title}\n\n${head(columns)}\n${lines.join("\n")}`);
  }
  parts.push(largeOverSmall(measurements), disturbance(measurements));
  return parts.filter(Boolean).join("\n\n");
}

const columns = ["server", "per second", "of limit", "p50 ms", "p99 ms", "CPU s per 1,000", "RSS MB"];

const figures = ({ perSecond, p50, p99, cpu, rss }: Figures, limit: number | undefined) => [
  Math.round(perSecond).toLocaleString("en"),
  limit ? (perSecond / limit).toFixed(2) : "",
  p50.toFixed(1),
  p99.toFixed(1),
  cpu.toFixed(3),
  rss.toFixed(0),
];

/** How many times longer each operation takes on L than on S; empty if only one size was measured. */
function largeOverSmall(measurements: readonly Measurement[]): string {
  const names = [...groupBy(measurements, ({ server }) => server).keys()];
  if (groupBy(measurements, ({ size }) => size).size < 2) return "";
  const lines = [...groupBy(measurements, ({ operation }) => operation)].map(([operation, cells]) => {
    const ratios = names.map((name) => {
      const rounds = cells.filter(({ server }) => server === name);
      const [small, large] = (["S", "L"] satisfies Size[]).map((size) => rounds.filter((one) => one.size === size));
      return small?.length && large?.length ? (median(small).perSecond / median(large).perSecond).toFixed(2) : "";
    });
    return row([operation, ...ratios]);
  });
  return `### Cost on L over cost on S\n\n${head(["operation", ...names])}\n${lines.join("\n")}`;
}

/** How busy other processes were. Ratios of a disturbed run mean little, but CPU seconds are still comparable. */
function disturbance(measurements: readonly Measurement[]): string {
  const percent = (share: number) => `${(share * 100).toFixed(0)} %`;
  const shares = measurements.map(({ others }) => others);
  return `Other processes took ${percent(middleOf(shares))} of the servers' CPU in the median, ${percent(Math.max(...shares))} at most.`;
}

function middleOf(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((one, other) => one - other);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2;
}

function median(rounds: readonly Measurement[]): Figures {
  const of = (pick: keyof Figures) => middleOf(rounds.map((one) => one[pick]));
  return { perSecond: of("perSecond"), p50: of("p50"), p99: of("p99"), cpu: of("cpu"), rss: of("rss") };
}

const row = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
const head = (names: readonly string[]) => `${row(names)}\n${row(names.map((_, n) => (n === 0 ? "---" : "--:")))}`;

function groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
