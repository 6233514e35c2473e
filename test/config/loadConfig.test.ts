import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { ConfigError, configFrom, loadConfig } from "../../src/platform/config/config.ts";

const folder = mkdtempSync(join(tmpdir(), "houston-config-"));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;
const file = (content: string) => {
  const path = join(folder, `${++files}.txt`);
  writeFileSync(path, content);
  return path;
};
const fromYaml = (content: string, env: Record<string, string> = {}) =>
  loadConfig({ CONFIG_FILE: file(content), ...env });

/** The error about an invalid configuration; fails if it is valid. */
function errorOf(load: () => unknown): ConfigError {
  try {
    load();
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error("The configuration was accepted");
}

describe("addresses in the configuration", () => {
  it("are those that an HTML e-mail field accepts, with domains in any script", () => {
    for (const reply of ["r&d@example.com", "R&D, Müller <team=ops@bücher.example>", "houston@localhost"]) {
      expect(loadConfig({ EMAIL__REPLY: reply }).config.email.reply).toBe(reply);
    }
    for (const reply of ["houston", "a@b@c", "Houston <a b@example.com>", "a@-example.com", "a@bücher.example/x"]) {
      expect(errorOf(() => loadConfig({ EMAIL__REPLY: reply })).message).toContain("email.reply");
    }
  });

  it("compare allowedSystemLevelDomains in ASCII", () => {
    const allowed = fromYaml("allowedSystemLevelDomains: [Bücher.example, CORP.example]").config;
    expect(allowed.allowedSystemLevelDomains).toEqual(["xn--bcher-kva.example", "corp.example"]);
    const wrong = errorOf(() => fromYaml("allowedSystemLevelDomains: ['bücher.example/x']"));
    expect(wrong.message).toContain("allowedSystemLevelDomains");
  });
});

describe("configuration sources", () => {
  it("are optional: defaults apply", () => {
    const { config, warnings } = loadConfig({});
    expect(config.webserver).toMatchObject({ port: 8871, endpoint: "/v1", operationsPort: 8872, bodyLimit: 1_048_576 });
    expect(config.database).toMatchObject({ url: null, dataFolder: "./data", pool: { max: 10, acquireTimeout: 5000 } });
    expect(warnings).toEqual([]);
  });

  it("include plain keys and Houston's part of Helm values", () => {
    expect(fromYaml("jwt: {authDuration: 60000}").config.jwt.authDuration).toBe(60_000);
    const values = "global: {baseDomain: x}\nastronomer: {houston: {config: {publicSignups: true}}}";
    expect(fromYaml(values).config.publicSignups).toBe(true);
  });

  it("take precedence: environment variables, files named by them, then the configuration file", () => {
    const yaml = "webserver: {port: 1}\nappSubName: file";
    expect(fromYaml(yaml).config.webserver.port).toBe(1);
    const env = { WEBSERVER__PORT: "2", APP_SUB_NAME: "environment" };
    expect(fromYaml(yaml, env).config).toMatchObject({ webserver: { port: 2 }, appSubName: "environment" });
    expect(fromYaml(yaml, { ...env, WEBSERVER__PORT_FILE: file(" 3\n") }).config.webserver.port).toBe(3);
  });

  it("include environment variables for every type", () => {
    const { config } = loadConfig({
      PUBLIC_SIGNUPS: "true",
      JWT__AUTH_DURATION: "1000",
      CORS__ALLOWED_ORIGINS: '["https://app.example.com"]',
      DEPLOYMENTS__ASTRO_UNIT__ACTUAL_CONNS: "0.25",
      EMAIL__SMTP__PORT: "2525",
      ROLES: '{"USER":{"permissions":{"system.workspace.create":false}}}',
      HELM__RELEASE_NAME: "12",
      DATABASE_URL_FILE: file("postgresql://user:word@db/houston\n"),
      DEPLOYMENTS__AIRFLOW_RELEASES_FILE: "releases.json",
      LOGGING__LEVEL: "",
    });
    expect(config).toMatchObject({
      publicSignups: true,
      jwt: { authDuration: 1000 },
      cors: { allowedOrigins: ["https://app.example.com"] },
      deployments: { astroUnit: { actualConns: 0.25 }, airflowReleasesFile: "releases.json" },
      email: { smtp: { port: 2525 } },
      roles: { USER: { permissions: { "system.workspace.create": false } } },
      helm: { releaseName: "12" },
      database: { url: "postgresql://user:word@db/houston" },
      logging: { level: "info" },
    });
  });

  it("ignore unrelated environment variables", () => {
    expect(() => loadConfig({ AIRFLOW__CORE__EXECUTOR: "x", WEBSERVER_PORT: "x", PATH: "/bin" })).not.toThrow();
  });

  it("treat null in the file as omitted", () => {
    expect(fromYaml("helm: {baseDomain: null}\nemail:\n").config.helm.baseDomain).toBe("localhost");
  });
});

describe("configuration errors", () => {
  it("list every unknown name and invalid value together, with its source", () => {
    const path = file("webserver: {prot: 1, port: high}\nwebsever: {}\nemail: [1]");
    const { message } = errorOf(() => loadConfig({ CONFIG_FILE: path, JWT__AUTHDURATION: "1", PUBLIC_SIGNUPS: "yes" }));
    expect(message.split("\n").slice(1)).toEqual([
      expect.stringMatching(/^ {2}webserver\.prot: not a setting; .*\bport\b.*\(from .*\)$/),
      expect.stringMatching(/^ {2}websever: not a setting; .*\bwebserver\b/),
      expect.stringMatching(/^ {2}email: must be a mapping of settings, not a list/),
      expect.stringMatching(/^ {2}JWT__AUTHDURATION: not a setting; .*JWT__AUTH_DURATION.*\(from the environment\)$/),
      `  webserver.port: must be a whole number from 0 to 65535, not "high" (from ${path})`,
      '  publicSignups: must be true or false, not "yes" (from PUBLIC_SIGNUPS)',
    ]);
  });

  it.each<[string, object]>([
    ["roles.DEPLOYMENT_EDITR: unknown; allowed: a mapping of role names", { roles: { DEPLOYMENT_EDITR: {} } }],
    ["roles.USER.permissions.push", { roles: { USER: { permissions: { push: true } } } }],
    [
      "deployments.components[0].au: must be a range in which minimum ≤ default ≤ limit, not {",
      { deployments: { components: [{ name: "redis", au: { default: 9, limit: 2 } }] } },
    ],
    [
      "deployments.executors[0].name: must be one of LocalExecutor, ",
      { deployments: { executors: [{ name: "Sequential" }] } },
    ],
    ["ui.port: must be a number (the value is not shown)", { ui: { port: "high" } }],
    [
      'helm.releaseVersion: must be a semantic version such as 4.2.5, not "latest"',
      { helm: { releaseVersion: "latest" } },
    ],
  ])("include %s", (line, overrides) => {
    expect(errorOf(() => configFrom(overrides)).message).toContain(line);
  });

  it("name a file that is unreadable or not YAML", () => {
    expect(errorOf(() => loadConfig({ CONFIG_FILE: "/nowhere.yaml" })).message).toContain(
      "ENOENT (from /nowhere.yaml)",
    );
    const secret = (path: string) => errorOf(() => loadConfig({ JWT__SECRET_FILE: path })).message;
    for (const path of [join(folder, "missing"), "/tmp/missing/secret", "./missing"]) {
      expect(secret(path)).toContain(`jwt.secret: the file ${path} cannot be read: ENOENT (from JWT__SECRET_FILE)`);
    }
    expect(secret(folder)).toContain(`the file ${folder} cannot be read: EISDIR`);
    expect(secret("missing")).toContain(
      "jwt.secret: the file it names cannot be read: ENOENT (the name is not shown: it may be the secret itself)",
    );
    expect(errorOf(() => fromYaml("a: 1\na: 2")).message).toContain("line 2, column 1");
    expect(errorOf(() => fromYaml("a: *b")).message).toContain("not valid YAML");
  });

  it.each(["pass#word", "pass/word", "pass?word"])(
    "explain how to write a password in database.url: %s",
    (password) => {
      const load = () => loadConfig({ DATABASE_URL: `postgresql://user:${password}@localhost:5432/houston` });
      expect(load).toThrow(/database\.url: must be postgresql:.* %23 %2F %3F %40, or null \(the value is not shown\)/);
    },
  );

  it("never show a secret", () => {
    const canary = "canary-4711";
    const tries = [
      () => loadConfig({ JWT__SECRET: canary }),
      () => loadConfig({ JWT__SECRET_FILE: canary }),
      () => loadConfig({ JWT__SECRET_FILE: `/${canary}` }),
      () => loadConfig({ JWT__SECRET_FILE: `/${canary}/${canary}` }),
      () => loadConfig({ DATABASE_URL_FILE: `postgresql://root:${canary}@db/houston` }),
      () => loadConfig({ JWT__SECRET_FILE: file(canary) }),
      () => loadConfig({ DATABASE_URL: `mysql://root:${canary}@db/houston` }),
      () => loadConfig({ ENCRYPTION__KEYS: `["${canary}"]` }),
      () => loadConfig({ EMAIL__SMTP_URL: canary }),
      () => loadConfig({ JWT__SECERT: canary }),
      () => fromYaml(`jwt: {secrets: ${canary}}`),
      () => fromYaml(`email: {smtp: {auth: {pass: [${canary}]}}}`),
      () => fromYaml(`email: {smtp: ${canary}}`),
      () => fromYaml(`jwt: {secret: "${canary}`),
      () => fromYaml(`nats: {clusterID: [${canary}]}`),
    ];
    for (const attempt of tries) expect(errorOf(attempt).message, String(attempt)).not.toContain(canary);
    expect(fromYaml(`prisma: {secret: ${canary}}`).warnings.join()).not.toContain(canary);
  });
});

describe("settings with free keys", () => {
  it("include any key in deployments.helm", () => {
    const yaml =
      "deployments: {helm: {quay.io/key: 1, airflow: {uid: 7, extra: {a: [1]}}}, namespaceLabels: {team: blue}}";
    const { config, warnings } = fromYaml(yaml);
    expect(config.deployments).toMatchObject({
      helm: { "quay.io/key": 1, airflow: { uid: 7, gid: 50000, extra: { a: [1] } } },
      namespaceLabels: { team: "blue" },
    });
    expect(warnings).toEqual([]);
  });

  it("include roles, and treat a permission without a value as granted", () => {
    const { config } = fromYaml('roles: {USER: {permissions: {"system.teams.get": , "system.users.get": false}}}');
    expect(config.roles).toEqual({ USER: { permissions: { "system.teams.get": true, "system.users.get": false } } });
  });
});

describe("deployments.components", () => {
  it("keeps components that the list does not name", () => {
    const { components } = configFrom({
      deployments: { components: [{ name: "redis", au: { default: 1, limit: 3 } }] },
    }).deployments;
    expect(components).toHaveLength(8);
    expect(components.find(({ name }) => name === "redis")?.au).toEqual({ default: 1, limit: 3 });
    expect(components.find(({ name }) => name === "scheduler")?.replicas).toEqual({ minimum: 1, default: 1, limit: 4 });
  });

  it("reads replicas and grace period from `extra`, as in files for earlier versions", () => {
    const { components } = fromYaml(`
deployments:
  components:
    - name: workers
      au: {default: 10, limit: 30}
      extra:
        - {name: terminationGracePeriodSeconds, default: 600, limit: 36000}
        - {name: replicas, default: 1, limit: 10}
`).config.deployments;
    expect(components.find(({ name }) => name === "workers")).toEqual({
      name: "workers",
      au: { default: 10, limit: 30 },
      terminationGracePeriodSeconds: { default: 600, limit: 36_000 },
      replicas: { minimum: 1, default: 1, limit: 10 },
    });
  });
});

describe("an identity provider", () => {
  it("needs a client and a URL that secrets may be sent to", () => {
    const { message } = errorOf(() =>
      fromYaml("auth: {github: {enabled: true}, openidConnect: {okta: {enabled: true}}}"),
    );
    for (const path of ["github.clientId", "github.clientSecret", "openidConnect.okta.clientId"]) {
      expect(message).toContain(`auth.${path}: is required`);
    }
    const url = (text: string) => fromYaml(`auth: {openidConnect: {okta: {discoveryUrl: "${text}"}}}`);
    expect(errorOf(() => url("http://okta.example.com")).message).toContain("an https URL");
    expect(url("http://127.0.0.1:4000").config.auth.openidConnect.okta.discoveryUrl).toBe("http://127.0.0.1:4000");
  });

  it("needs the pages, where people sign in", () => {
    const okta = "enabled: true, clientId: a, discoveryUrl: https://okta.example.com";
    const wrong = errorOf(() => fromYaml(`{webserver: {pages: false}, auth: {openidConnect: {okta: {${okta}}}}}`));
    expect(wrong.message).toContain("auth.openidConnect.okta.enabled: must be false without webserver.pages");
  });

  it("of several tenants needs a list of them", () => {
    const microsoft = (more: string) =>
      fromYaml(`auth: {openidConnect: {microsoft: {enabled: true, clientId: a,
        discoveryUrl: "https://login.microsoftonline.com/organizations/v2.0"${more}}}}`);
    expect(errorOf(() => microsoft("")).message).toContain("microsoft.tenants: is required");
    expect(microsoft(", tenants: [t]").config.auth.openidConnect.microsoft.tenants).toEqual(["t"]);
  });

  it("may have any name, and then has the settings of custom, also in variables and files", () => {
    const { config } = fromYaml(
      "auth: {openidConnect: {my-keycloak: {enabled: true, discoveryUrl: https://id.example.com}}}",
      {
        AUTH__OPENID_CONNECT__MY_KEYCLOAK__CLIENT_ID: "houston",
        AUTH__OPENID_CONNECT__MY_KEYCLOAK__CLIENT_SECRET_FILE: file("very secret\n"),
      },
    );
    expect((config.auth.openidConnect as Record<string, unknown>)["my-keycloak"]).toMatchObject({
      enabled: true,
      displayName: "my-keycloak",
      clientId: "houston",
      clientSecret: "very secret",
      discoveryUrl: "https://id.example.com",
      claimsMapping: { email: "email", name: "name", groups: "groups" },
      emailDomains: [],
    });
    const wrong = errorOf(() =>
      fromYaml("auth: {openidConnect: {keycloak: {client: a}, local: {enabled: true}}}", {
        AUTH__OPENID_CONNECT__KEYCLOAK__CLIENTID: "houston",
      }),
    );
    for (const name of ["keycloak.client", "openidConnect.local", "AUTH__OPENID_CONNECT__KEYCLOAK__CLIENTID"]) {
      expect(wrong.message).toContain(name);
    }
    const secret = errorOf(() => fromYaml("auth: {openidConnect: {keycloak: {clientSecret: [hidden-value]}}}"));
    expect(secret.message).toContain("keycloak.clientSecret");
    expect(secret.message).not.toContain("hidden-value");
  });
});
