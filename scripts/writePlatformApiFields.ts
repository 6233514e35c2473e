import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { clusterMapping } from "../src/api/rest/clusters/mapping.ts";
import { deploymentMapping } from "../src/api/rest/deployments/mapping.ts";
import { organizationMapping } from "../src/api/rest/organizations/mapping.ts";
import { workspaceMapping } from "../src/api/rest/workspaces/mapping.ts";
import { configFrom } from "../src/platform/config/config.ts";

// Writes docs/platform-api-fields.md from the mappings that the views of the Platform API are made of. `--check` writes
// nothing and exits 1 if the file is out of date.

const target = new URL("../docs/platform-api-fields.md", import.meta.url);

const intro = `# Fields of the Platform API

The Platform API (REST) and the GraphQL API show the same rows. These tables say where each field of the REST answers is
in GraphQL. A change over one of them shows in the other immediately. An optional field without a value is absent, never
null.

"Only here" marks fields that GraphQL does not have: Houston stores them and returns them over REST. A Deployment that
was created over GraphQL has no value for them until it is updated over REST.
`;

/** The fields of a noun, one per line. */
function table(noun: string, mapping: Readonly<Record<string, { v1: string }>>): string {
  const lines = Object.entries(mapping).map(([name, { v1 }]) => `| \`${name}\` | ${v1.replaceAll("|", "\\\\|")} |`);
  return [`| ${noun} | GraphQL |`, "| --- | --- |", ...lines].join("\n");
}

function page(): string {
  return `${intro}
## Deployments

CPU is a number of cores and memory a Kubernetes quantity; GraphQL has thousandths of a core and MiB. A Deployment
without stored settings for a component has the platform's defaults for it.

${table("Deployment", deploymentMapping(configFrom({})))}

## Workspaces

${table("Workspace", workspaceMapping)}

## Clusters

${table("Cluster", clusterMapping)}

## Organizations

The GraphQL API has no Organizations: all its rows are in the default one or in that of their Workspace.

${table("Organization", organizationMapping)}
`;
}

const wanted = page();
const current = existsSync(target) ? readFileSync(target, "utf8") : "";
if (!process.argv.includes("--check")) writeFileSync(target, wanted);
else if (current !== wanted) {
  process.stderr.write("docs/platform-api-fields.md is out of date; run 'npm run document'\n");
  process.exitCode = 1;
}
