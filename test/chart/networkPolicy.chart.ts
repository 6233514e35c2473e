import { describe, expect, it } from "vitest";
import { example, render, type Values } from "../support/chart.ts";

/** A rule of a NetworkPolicy. */
interface Rule {
  ports?: { port: number; protocol: string }[];
  from?: unknown[];
  to?: unknown[];
}

const policy = (values: Values = {}, name = "houston") =>
  render(values).only("NetworkPolicy", name).spec as unknown as {
    ingress?: Rule[];
    egress: Rule[];
    policyTypes: string[];
  };

const tcp = (...ports: number[]) => ports.map((port) => ({ port, protocol: "TCP" }));
const dns = {
  ports: [
    { port: 53, protocol: "UDP" },
    { port: 53, protocol: "TCP" },
  ],
  to: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } } }],
};
const namespace = (name: string) => ({ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": name } } });

describe("networkpolicy.yaml", () => {
  it("lets everyone connect to the API, and nobody to metrics and alerts", () => {
    expect(policy()).toMatchObject({ policyTypes: ["Ingress", "Egress"], ingress: [{ ports: tcp(8871) }] });
    expect(policy().ingress).toEqual([{ ports: tcp(8871) }]);
  });

  it("lets only those connect who were named", () => {
    expect(policy(example("everything.yaml")).ingress).toEqual([
      { ports: tcp(8871), from: [namespace("ingress-nginx")] },
      { ports: tcp(8872), from: [namespace("monitoring")] },
    ]);
  });

  it("lets Houston connect to name servers, PostgreSQL and HTTPS", () => {
    expect(policy().egress).toEqual([dns, { ports: tcp(5432) }, { ports: tcp(443) }]);
  });

  it.each([
    ["secrets.smtpUrl", { secrets: { smtpUrl: { name: "smtp" } } }],
    ["config.email.enabled", { config: { email: { enabled: true } } }],
  ])("lets it connect to an SMTP server with %s", (_setting, values) => {
    expect(policy(values).egress).toContainEqual({ ports: tcp(25, 465, 587) });
  });

  it("lets it connect to the API server of Kubernetes to provision Deployments", () => {
    expect(policy({ provisioning: { enabled: true } }).egress).toContainEqual({ ports: tcp(443, 6443) });
  });

  it("lets it connect to the databases of Deployments, if it creates them", () => {
    const to = [{ ipBlock: { cidr: "10.4.0.0/16" } }];
    const egress = (provisioning: boolean, database: boolean) =>
      policy({
        provisioning: { enabled: provisioning },
        config: { deployments: { database: { enabled: database } } },
        networkPolicy: { egress: { deploymentDatabases: { to } } },
      }).egress;
    expect(egress(true, true)).toContainEqual({ ports: tcp(5432), to });
    expect(egress(true, false)).not.toContainEqual({ ports: tcp(5432), to });
    expect(egress(false, true)).not.toContainEqual({ ports: tcp(5432), to });
  });

  it("lets it connect to those who were named", () => {
    expect(policy(example("everything.yaml")).egress).toEqual([
      dns,
      { ports: tcp(6432), to: [{ ipBlock: { cidr: "10.1.0.0/16" } }] },
      { ports: tcp(443), to: [{ ipBlock: { cidr: "0.0.0.0/0", except: ["10.0.0.0/8"] } }] },
      { ports: tcp(587), to: [{ ipBlock: { cidr: "10.2.0.1/32" } }] },
      { ports: tcp(6443), to: [{ ipBlock: { cidr: "10.3.0.1/32" } }] },
      { ports: tcp(5432), to: [{ ipBlock: { cidr: "10.4.0.0/16" } }] },
      { ports: tcp(9200), to: [{ namespaceSelector: {} }] },
    ]);
  });

  it("lets it connect to nothing without ports", () => {
    const none = { ports: [] };
    const values = { networkPolicy: { egress: { dns: none, postgresql: none, https: none } } };
    expect(policy(values).egress).toEqual([]);
    expect(policy(values, "houston-migrate").egress).toEqual([]);
  });

  it("lets it connect to its own PostgreSQL only", () => {
    const own = {
      ports: tcp(5432),
      to: [{ podSelector: { matchLabels: { "cnpg.io/cluster": "houston-postgresql" } } }],
    };
    const values = example("postgresql.yaml");
    expect(policy(values).egress).toContainEqual(own);
    expect(policy(values, "houston-migrate").egress).toContainEqual(own);
  });

  it("lets a migration connect to the database only, and nobody to it", () => {
    const { policyTypes, ingress, egress } = policy({}, "houston-migrate");
    expect(policyTypes).toEqual(["Ingress", "Egress"]);
    expect(ingress).toBeUndefined();
    expect(egress).toEqual([dns, { ports: tcp(5432) }]);
  });

  it("exists unless it is disabled", () => {
    expect(render({ networkPolicy: { enabled: false } }).kind("NetworkPolicy")).toEqual([]);
  });
});
