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

/** Where our default differs, and why. */
const deviations: Record<string, unknown> = {
  // Addresses must be printable without any configuration.
  "helm.baseDomain": "localhost",
  // Clients choose their requests by it, and null would leave them without.
  "helm.releaseVersion": "0.37.0",
  // false would lock everybody out of a new installation.
  "auth.local.enabled": true,
  // The contract leaves them to the chart; here they stand on their own.
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
  it("leaves every documented request twice the room it needs", () => {
    const samples = new URL("../contract/samples/houston.json", import.meta.url);
    const requests = JSON.parse(readFileSync(samples, "utf8")) as { name: string; document: string }[];
    const maxTokens = configFrom().limits.tokens / 2;
    for (const { name, document } of requests) expect(() => parse(document, { maxTokens }), name).not.toThrow();
  });
});

describe("the settings of earlier versions", () => {
  it("are all here", () => {
    expect(keys).toHaveLength(contract.count);
    expect(keys.map((key) => key.path).filter((path) => !settings.has(path))).toEqual([]);
  });

  it("have their defaults, apart from four", () => {
    const config = configFrom();
    const differing = keys.filter((key) => JSON.stringify(at(config, key.path)) !== JSON.stringify(key.default));
    expect(Object.fromEntries(differing.map(({ path }) => [path, at(config, path)]))).toEqual(deviations);
  });

  it("are accepted in a file that spells out every default, without a warning", () => {
    const folder = mkdtempSync(join(tmpdir(), "houston-config-"));
    const file = join(folder, "values.yaml");
    writeFileSync(file, stringify({ global: { tlsSecret: "x" }, astronomer: { houston: { config: nested(keys) } } }));
    const { config, warnings } = loadConfig({ CONFIG_FILE: file });
    rmSync(folder, { recursive: true });
    expect(warnings).toEqual([]);
    expect(config).toEqual(configFrom({ auth: { local: { enabled: false } } }));
  });

  it("are each either read or accepted, never both", () => {
    for (const path of Object.keys(accepted)) expect(settings.get(path)?.description, path).toBeUndefined();
  });

  it("are named in a warning when set to something that has no effect yet", () => {
    const { config, warnings } = loadConfig({ NATS__CLUSTER_ID: "blue", NATS__ACK_WAIT: "300000", UI__PORT: "5001" });
    expect(warnings).toEqual([
      "nats.clusterID has no effect yet (from NATS__CLUSTER_ID)",
      "ui.port has no effect yet (from UI__PORT)",
    ]);
    expect(at(config, "ui.port")).toBe(5001);
  });

  it("have environment variables of their own", () => {
    const names = [...settings.values()].map((setting) => setting.env);
    expect(new Set(names).size).toBe(names.length);
  });
});
