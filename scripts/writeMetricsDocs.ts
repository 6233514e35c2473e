import { existsSync, readFileSync, writeFileSync } from "node:fs";
import type pg from "pg";
import { createMetrics } from "../src/api/health/processMetrics.ts";

// Writes docs/metrics.md from the metrics and their help texts. `--check` writes nothing and exits 1 if the file is out
// of date.

const target = new URL("../docs/metrics.md", import.meta.url);

const intro = `# Metrics

Port 8872 (\`webserver.operationsPort\`) serves metrics for Prometheus at \`/metrics\`. Each Houston process reports its
own; to see all of them, add up the replicas. The port needs no credentials and must not be exposed outside the cluster.
\`npm run check:metrics\` checks names and texts with Prometheus' \`promtool\`.

\`\`\`yaml
scrape_configs:
  - job_name: houston
    static_configs: [{targets: ["houston:8872"]}]
\`\`\`

For example, the share of requests that failed on the server in the last 5 minutes, and the 95th percentile of the
response time:

\`\`\`text
sum(rate(houston_http_request_duration_seconds_count{status=~"5.."}[5m])) / sum(rate(houston_http_request_duration_seconds_count[5m]))
histogram_quantile(0.95, sum by (le) (rate(houston_http_request_duration_seconds_bucket[5m])))
\`\`\`
`;

/** Exist on Linux, and some of them elsewhere: listed in the text, so that the page is the same everywhere. */
const onLinux = [
  "process_resident_memory_bytes",
  "process_virtual_memory_bytes",
  "process_heap_bytes",
  "process_open_fds",
  "process_max_fds",
];

const cell = (text: string) => text.replaceAll("|", "\\|");
const code = (text: string) => `\`${text}\``;
const row = (...cells: string[]) => `| ${cells.join(" | ")} |`;

/** A metric as prom-client keeps it. */
interface Metric {
  name: string;
  help: string;
  type: string;
  labelNames?: string[];
}

function table(metrics: readonly Metric[]): string {
  const lines = metrics.map(({ name, type, labelNames = [], help }) =>
    row(code(name), type, labelNames.map(code).join(", "), cell(help)),
  );
  return [row("metric", "type", "labels", "description"), row("---", "---", "---", "---"), ...lines].join("\n");
}

function page(): string {
  const metrics = createMetrics({} as pg.Pool);
  metrics.watchSockets(() => ({ sockets: 0, operations: 0 }));
  const all = metrics.registry.getMetricsAsArray() as unknown as Metric[];
  const ours = all.filter(({ name }) => name.startsWith("houston_"));
  const process = all.filter(({ name }) => !name.startsWith("houston_") && !onLinux.includes(name));
  return `${intro}
## Houston

${table(ours)}

## The process

The standard metrics of Node processes, under their usual names. On Linux also
${onLinux.slice(0, 3).map(code).join(", ")},
${onLinux.slice(3).map(code).join(" and ")}.

${table(process)}
`;
}

const wanted = page();
const current = existsSync(target) ? readFileSync(target, "utf8") : "";
if (!process.argv.includes("--check")) writeFileSync(target, wanted);
else if (current !== wanted) {
  process.stderr.write("docs/metrics.md is out of date; run 'npm run document'\n");
  process.exitCode = 1;
}
