import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "graphql";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { accepted } from "../../src/platform/config/accepted.ts";
import { configFrom, loadConfig } from "../../src/platform/config/config.ts";
import { settings } from "../../src/platform/config/settings.ts";

interface Key {
  path: string;
  default: unknown;
}

const contract = JSON.parse(readFileSync(new URL("../contract/config-keys.json", import.meta.url), "utf8")) as {
  count: number;
  groups: Record<string, Key[]>;
};
const keys = Object.values(contract.groups).flat();

/** Our defaults that differ from the contract, with the reason. */
const deviations: Record<string, unknown> = {
  // Addresses must be printable without any configuration.
  "helm.baseDomain": "localhost",
  // Clients choose their documents by it; with null they have none.
  "helm.releaseVersion": "0.37.0",
  // Another organization's name and address, which e-mails must not carry unless configured.
  "email.reply": null,
  appSubName: "Houston",
  // The contract leaves the version to the chart of the platform, and clients show it.
  "deployments.chart.version": "1.22.0",
  // With false, nobody could sign in to a new installation.
  "auth.local.enabled": true,
  // It had no effect before: with false, installations would lose the teams they have created.
  "auth.local.teams.enabled": true,
  // The contract leaves these to the chart; Houston needs defaults of its own.
  "deployments.components": settings.get("deployments.components")?.fallback,
};

const at = (tree: unknown, path: string) =>
  path.split(".").reduce<unknown>((node, key) => (node as Record<string, unknown> | undefined)?.[key], tree);

function nested(given: Key[]): Record<string, unknown> {
  const tree: Record<string, unknown> = {};
  for (const { path, default: value } of given) {
    const names = path.split(".");
    const last = names.pop() ?? "";
    let node = tree;
    for (const name of names) {
      node[name] ??= {};
      node = node[name] as Record<string, unknown>;
    }
    node[last] = value;
  }
  return tree;
}

describe("limits.tokens", () => {
  it("allows twice the tokens of every documented request", () => {
    const samples = new URL("../contract/samples/houston.json", import.meta.url);
    const requests = JSON.parse(readFileSync(samples, "utf8")) as { name: string; document: string }[];
    const maxTokens = configFrom().limits.tokens / 2;
    for (const { name, document } of requests) expect(() => parse(document, { maxTokens }), name).not.toThrow();
  });
});

describe("settings of earlier versions", () => {
  it("all exist", () => {
    expect(keys).toHaveLength(contract.count);
    expect(keys.map((key) => key.path).filter((path) => !settings.has(path))).toEqual([]);
  });

  it("have the same defaults, with a few exceptions", () => {
    const config = configFrom();
    const differing = keys.filter((key) => JSON.stringify(at(config, key.path)) !== JSON.stringify(key.default));
    expect(Object.fromEntries(differing.map(({ path }) => [path, at(config, path)]))).toEqual(deviations);
  });

  it("are accepted without a warning in a file with every default", () => {
    const folder = mkdtempSync(join(tmpdir(), "houston-config-"));
    const file = join(folder, "values.yaml");
    writeFileSync(file, stringify({ global: { tlsSecret: "x" }, astronomer: { houston: { config: nested(keys) } } }));
    const { config, warnings } = loadConfig({ CONFIG_FILE: file });
    rmSync(folder, { recursive: true });
    expect(warnings).toEqual([]);
    expect(config).toEqual(
      configFrom({
        auth: { local: { enabled: false, teams: { enabled: false } } },
        email: { reply: "noreply@astronomer.io" },
        appSubName: "Astronomer Software",
        deployments: { chart: { version: "0.0.0" } },
      }),
    );
  });

  it("are either used or only accepted", () => {
    for (const path of Object.keys(accepted)) expect(settings.get(path)?.description, path).toBeUndefined();
  });

  it("cause a warning when set without effect", () => {
    const { config, warnings } = loadConfig({ NATS__CLUSTER_ID: "blue", NATS__ACK_WAIT: "300000", UI__PORT: "5001" });
    expect(warnings).toEqual([
      "nats.clusterID has no effect yet (from NATS__CLUSTER_ID)",
      "ui.port has no effect yet (from UI__PORT)",
    ]);
    expect(at(config, "ui.port")).toBe(5001);
  });

  it("have unique environment variables", () => {
    const names = [...settings.values()].map((setting) => setting.env);
    expect(new Set(names).size).toBe(names.length);
  });
});
