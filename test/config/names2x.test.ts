import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { describe, expect, it } from "vitest";
import { type Config, ConfigError, configFrom, loadConfig } from "../../src/platform/config/config.ts";
import { configTree, namesOf, settingName } from "../../src/platform/config/configTree.ts";
import { givenIn } from "../../src/platform/config/given.ts";
import { envOf, nameIn2x, names, settings, variables } from "../../src/platform/config/settings.ts";
import { at, setAt, type Tree } from "../../src/platform/config/tree.ts";

interface Row {
  was: string;
  is: string | null;
  value: string;
}

const contract = JSON.parse(readFileSync(new URL("../contract/config-2x.json", import.meta.url), "utf8")) as {
  names: Row[];
};

/** A configuration with one value; the type says only names of 1.x. */
const from = (path: string, value: unknown) => {
  const tree: Tree = {};
  setAt(tree, path.split("."), value);
  return configFrom(tree as Parameters<typeof configFrom>[0]);
};

/** The settings that a name or group stands for. */
const settingsOf = (path: string) =>
  [...names].filter(([name]) => name === path || name.startsWith(`${path}.`)).map(([, { setting }]) => setting.path);

const components = [{ name: "workers", au: { default: 11, limit: 100 } }];
const candidates = [
  ...[true, false, 1, 0.5, 7, "other", "/other.yaml", "3.1-3", "2.9.9", ">=9.0.0"],
  ...[["other"], [], components, { a: "b" }, null],
];

/** A configuration that differs from the default in the setting, and the value that makes it differ. */
function otherThanDefault(path: string): { wanted: unknown; config: Config } {
  for (const wanted of candidates) {
    try {
      const config = from(path, wanted);
      if (!isDeepStrictEqual(config, configFrom())) return { wanted, config };
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
    }
  }
  throw new Error(`${path}: no candidate differs from the default and is allowed`);
}

describe("each name of 2.x", () => {
  const renamed = contract.names.filter((row): row is Row & { is: string } => row.is !== null);

  it.each(contract.names)("$was and $is are accepted", ({ was, is }) => {
    expect(settingsOf(was).length).toBeGreaterThan(0);
    if (is) expect(settingsOf(is).length).toBeGreaterThan(0);
  });

  it.each(renamed)("$is sets what $was sets", ({ is, was, value }) => {
    const isBoolean = /^boolean|inverted/.test(value);
    const flags = settingsOf(was).filter((path) => typeof settings.get(path)?.fallback === "boolean");
    if (isBoolean && !value.startsWith("boolean as")) {
      const [path = ""] = flags;
      const wanted = !settings.get(path)?.fallback;
      expect(from(is, value.startsWith("inverted") ? !wanted : wanted)).toEqual(from(was, wanted));
      expect(at(from(is, value.startsWith("inverted") ? !wanted : wanted), path.split("."))).toBe(wanted);
      return;
    }
    if (value !== "same value") {
      // Both names accept a boolean, which stands for {enabled}.
      for (const wanted of [true, false]) {
        expect(from(is, wanted)).toEqual(from(`${is}.enabled`, wanted));
        expect(from(is, wanted)).toEqual(from(was, wanted));
      }
      return;
    }
    for (const path of settingsOf(was)) {
      const { wanted, config } = otherThanDefault(path);
      const name = path.startsWith(was) ? is + path.slice(was.length) : is;
      expect(from(name, wanted)).toEqual(config);
    }
  });

  it("can be given by an environment variable", () => {
    const { config } = loadConfig({
      DEPLOYMENTS__AIRFLOW_COMPONENTS__TRIGGERER__ENABLED: "false",
      DEPLOYMENTS__RESOURCE_MANAGEMENT__ASTRO_UNIT__CPU: "7",
      PUBLIC_SIGNUPS__ENABLED: "true",
      SSL_VERIFICATION__ENABLED: "false",
      DEPLOYMENTS__DEPLOYMENT_LIFECYCLE__DEPLOY_ROLLBACK: "true",
    });
    expect(config).toMatchObject({
      publicSignups: true,
      disableSSLVerify: true,
      deployments: { triggererEnabled: false, astroUnit: { cpu: 7 }, deployRollback: { enabled: true } },
    });
    for (const name of names.keys()) expect(variables.get(envOf(name)), name).toBe(name);
  });

  it("takes precedence over the name in 1.x within one source, but not over a later source", () => {
    const both = { publicSignups: { enabled: true }, deployments: { triggererEnabled: true, airflowComponents: {} } };
    both.deployments.airflowComponents = { triggerer: { enabled: false } };
    expect(configFrom(both as never).deployments.triggererEnabled).toBe(false);
    const env = {
      DEPLOYMENTS__AIRFLOW_COMPONENTS__TRIGGERER__ENABLED: "false",
      DEPLOYMENTS__TRIGGERER_ENABLED: "true",
    };
    expect(loadConfig(env).config.deployments.triggererEnabled).toBe(false);
    const folder = mkdtempSync(join(tmpdir(), "houston-names-"));
    const file = join(folder, "config.yaml");
    writeFileSync(file, "deployments: {airflowComponents: {triggerer: {enabled: false}}}");
    const later = loadConfig({ CONFIG_FILE: file, DEPLOYMENTS__TRIGGERER_ENABLED: "true" });
    rmSync(folder, { recursive: true });
    expect(later.config.deployments.triggererEnabled).toBe(true);
  });

  it("is named by errors and warnings", () => {
    expect(() => from("deployments.airflowComponents.triggerer.enabled", "x")).toThrow(
      'deployments.airflowComponents.triggerer.enabled: must be true or false, not "x"',
    );
    expect(() => from("deployments.airflowComponents.trigerer.enabled", true)).toThrow(
      "deployments.airflowComponents.trigerer: not a setting; allowed here: dagProcessor, triggerer",
    );
    expect(loadConfig({ LOG_USERNAME__ENABLED: "true" }).warnings).toEqual([
      "logUsername.enabled has no effect yet (from LOG_USERNAME__ENABLED)",
    ]);
    expect(loadConfig({ SSL_VERIFICATION__ENABLED: "true" }).warnings).toEqual([]);
  });

  it("is shown to clients of a platform from 2.0.0 on", () => {
    const onPlatform = (releaseVersion: string): Config => configFrom({ helm: { releaseVersion } });
    expect(["0.37.0", "1.0.0", "2.0.0", "2.1.3", "10.0.0"].map((version) => namesOf(onPlatform(version)))).toEqual([
      "1.x",
      "1.x",
      "2.x",
      "2.x",
      "2.x",
    ]);
    expect(settingName(onPlatform("2.0.0"), "deployments.triggererEnabled")).toBe(
      "deployments.airflowComponents.triggerer.enabled",
    );
    expect(settingName(onPlatform("1.1.0"), "deployments.triggererEnabled")).toBe("deployments.triggererEnabled");
  });
});

describe("configTree", () => {
  const config = configFrom({
    publicSignups: true,
    deployments: { maxPodAu: 7, astroUnit: { cpu: 7 }, helm: { airflow: { own: { key: 1 } } } },
    disableSSLVerify: true,
  } as never);

  it("shows every setting under its name in 1.x or in 2.x", () => {
    expect(configTree(config, "1.x")).toEqual(config);
    const tree = configTree(config, "2.x");
    for (const { path } of settings.values()) {
      expect(at(tree, nameIn2x(path).split(".")), path).toBeDefined();
      if (nameIn2x(path) !== path && !nameIn2x(path).startsWith(`${path}.`)) {
        expect(at(tree, path.split(".")), path).toBeUndefined();
      }
    }
    expect(tree).toMatchObject({
      publicSignups: { enabled: true },
      sslVerification: { enabled: false },
      deployments: {
        maxPodAu: 7,
        resourceManagement: { astroUnit: { cpu: 7 } },
        helm: { airflow: { own: { key: 1 } } },
      },
    });
  });

  it("can be read again, under either names", () => {
    for (const shown of ["1.x", "2.x"] as const) {
      const tree = configTree(config, shown);
      expect(givenIn(tree, "test").problems).toEqual([]);
      expect(configFrom(tree as never)).toEqual(config);
    }
  });
});
