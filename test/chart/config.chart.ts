import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { containerOf, example, examples, type KubernetesObject, render, type Values } from "../support/chart.ts";

const secret = () => randomBytes(32).toString("hex");

/** What is in the keys of Secrets, by the name of the file as which a pod has them. */
const secrets: Record<string, string> = {
  DATABASE_URL: "postgresql://houston:password@db.example.com:5432/houston",
  JWT__SECRET: secret(),
  ENCRYPTION__KEYS: JSON.stringify([secret()]),
  EMAIL__SMTP_URL: "smtps://houston:password@mail.example.com",
  AUTH__OPENID_CONNECT__OKTA__CLIENT_SECRET: secret(),
  AUTH__SETUP_TOKEN: secret(),
  DEPLOYMENTS__DATABASE__CONNECTION__PASSWORD: secret(),
  KUBECONFIG: "apiVersion: v1\nkind: Config\n",
};

const configText = (object: KubernetesObject) => (object.data as { "config.yaml": string })["config.yaml"];

/** Runs `config print` as a pod of this release would, with its files below a temporary folder. */
function printed(values: Values): { status: number | null; config: Record<string, unknown>; errors: string } {
  const { only } = render(values);
  const folder = mkdtempSync(join(tmpdir(), "houston-chart-"));
  mkdirSync(join(folder, "secrets"));
  writeFileSync(join(folder, "config.yaml"), configText(only("ConfigMap", only("Deployment").metadata.name)));
  for (const [name, content] of Object.entries(secrets)) writeFileSync(join(folder, "secrets", name), content);
  const env = { POSTGRESQL_URI: "postgresql://houston:password@houston-postgresql-rw.astronomer:5432/houston" };
  for (const { name, value } of containerOf(only("Deployment")).env) {
    if (value === undefined) continue;
    const set = value.replace(/^\/etc\/houston\//, `${folder}/`).replace("$(POSTGRESQL_URI)", env.POSTGRESQL_URI);
    Object.assign(env, { [name]: set });
  }
  const { status, stdout, stderr } = spawnSync(process.execPath, ["src/main.ts", "config", "print", "--show-secrets"], {
    encoding: "utf8",
    env: { ...env, PATH: process.env.PATH },
  });
  return { status, config: parse(stdout || "{}"), errors: stderr };
}

describe("config.yaml", () => {
  it.each(examples)("is accepted by Houston, with the secrets, with %s", (_file, values) => {
    const { status, config, errors } = printed(values);
    expect(errors).toBe("");
    expect(status).toBe(0);
    expect(config).toMatchObject({
      jwt: { secret: secrets.JWT__SECRET },
      encryption: { keys: JSON.parse(secrets.ENCRYPTION__KEYS ?? "") },
      webserver: { port: 8871, operationsPort: 8872, host: "0.0.0.0" },
      database: { dataFolder: "./data" },
    });
  });

  it("is what the operator wrote, numbers included", () => {
    const { config } = printed(example("everything.yaml"));
    expect(config).toMatchObject({
      ...(example("everything.yaml").config as object),
      database: { url: secrets.DATABASE_URL },
      email: { enabled: true, smtpUrl: secrets.EMAIL__SMTP_URL },
      provisioner: "flux",
      kubernetes: { namespaced: false },
      logging: { level: "debug" },
    });
  });

  it("provisions no Deployments by default, and sends no e-mail", () => {
    expect(printed({}).config).toMatchObject({ provisioner: "none", email: { enabled: false } });
  });

  it("names the release that Houston is, unless the operator does", () => {
    expect(printed({}).config.helm).toMatchObject({ releaseName: "houston", releaseNamespace: "astronomer" });
    const helm = { releaseName: "platform", releaseNamespace: "airflow" };
    expect(printed({ config: { helm } }).config.helm).toMatchObject(helm);
  });

  it("names the namespaces in which Houston has rights", () => {
    expect(printed(example("namespaces.yaml")).config).toMatchObject({
      provisioner: "flux",
      kubernetes: { namespaced: true },
      deployments: { manualNamespaceNames: true, preCreatedNamespaces: ["airflow-one", "airflow-two"] },
    });
  });

  it("names the kubeconfig of another cluster", () => {
    expect(printed(example("remote.yaml")).config).toMatchObject({
      provisioner: "flux",
      kubernetes: { kubeconfig: expect.stringMatching(/\/secrets\/KUBECONFIG$/) },
    });
  });

  it("verifies the certificate of the PostgreSQL of the release", () => {
    const { config } = printed(example("postgresql.yaml"));
    const { url } = config.database as { url: string };
    expect(url).toMatch(/^postgresql:\/\/houston:password@houston-postgresql-rw\.astronomer:5432\/houston\?/);
    expect(new URL(url).searchParams.get("sslmode")).toBe("verify-full");
    expect(new URL(url).searchParams.get("sslrootcert")).toBe("/etc/houston/postgresql/ca.crt");
  });

  it("prefers the operator's word to what the chart concludes", () => {
    const values = {
      secrets: { smtpUrl: { name: "smtp" } },
      config: { email: { enabled: false, reply: "houston@example.com" } },
    };
    expect(printed(values).config.email).toMatchObject({ enabled: false, reply: "houston@example.com" });
  });

  it("is refused by Houston, not by the chart, if a setting does not exist", () => {
    const { status, errors } = printed({ config: { webserver: { prot: 1 } } });
    expect(errors).toContain("webserver.prot");
    expect(status).toBe(1);
  });
});
