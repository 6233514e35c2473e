import type { Config } from "../../../platform/config/config.ts";
import { readSignInPackage } from "../objects/readSignInPackage.ts";
import { helmValues } from "../values/helmValues.ts";
import { readChart } from "./readChart.ts";
import { sampleDeployments } from "./sampleDeployments.ts";
import { validatorOf } from "./validateChart.ts";

/** The digest is not checked. */
const secretsDigest = "0".repeat(64);

/**
 * Validates the values that Houston writes with this configuration, for every kind of Deployment, against the schema of the
 * chart in `folder`. Returns the result for the operator. Throws a ChartError for a folder without a chart that has a schema.
 */
export function checkChart(config: Config, folder: string): { text: string; valid: boolean } {
  const chart = readChart(folder);
  const validate = validatorOf(chart);
  const { webserverConfig } = readSignInPackage();
  const samples = sampleDeployments(config);
  const titles = new Map<string, string[]>();
  for (const { title, wanted } of samples) {
    for (const { path, message } of validate(helmValues(wanted, { config, webserverConfig, secretsDigest }))) {
      const line = `${path}: ${message}`;
      titles.set(line, [...(titles.get(line) ?? []), title]);
    }
  }
  const lines = [...titles].map(([line, [first, ...others]]) => `${line} (${first}${moreThan(others.length)})`);
  const result = `${chart.name} ${chart.version}, ${samples.length} kinds of Deployments: `;
  const found = lines.length === 0 ? "all values are allowed" : `${lines.length} values are not allowed`;
  return { text: [...lines, result + found].join("\n"), valid: lines.length === 0 };
}

const moreThan = (others: number) => (others === 0 ? "" : `, and ${others} more`);
