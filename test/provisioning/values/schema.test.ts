import { describe, expect, it } from "vitest";
import type { Config, DeepPartial } from "../../../src/platform/config/config.ts";
import { sampleDeployments } from "../../../src/services/provisioning/check/sampleDeployments.ts";
import { helmValues } from "../../../src/services/provisioning/values/helmValues.ts";
import { platform, valuesContext } from "../wantedDeployment.ts";
import { violations } from "./valuesSchema.ts";

/** What an operator may choose that changes the values. */
const platforms: Record<string, DeepPartial<Config>> = {
  "with the defaults": {},
  "without a domain": { helm: { baseDomain: "localhost" } },
  "with one namespace for all": { helm: { singleNamespace: true } },
  "with ingresses of its own": {
    deployments: {
      ingress: { className: "traefik", tlsSecretName: "tls", annotations: { a: "b" }, namespaces: ["ingress"] },
      serviceAccountAnnotationKey: "eks.amazonaws.com/role-arn",
      houstonUrl: "http://houston.astronomer.svc.cluster.local:8871",
    },
  },
  "without quotas and triggerers": {
    deployments: { disableManageResourceQuotasAndLimitRanges: true, triggererEnabled: false },
  },
  "with a DAG processor": { deployments: { components: [{ name: "dagProcessor", au: { default: 5, limit: 24 } }] } },
};

describe("values for the chart of the Apache Airflow project", () => {
  it.each(Object.entries(platforms))("have only known keys on a platform %s", (_name, given) => {
    const config = platform(given);
    const samples = sampleDeployments(config);
    expect(samples.length).toBeGreaterThanOrEqual(72);
    for (const { title, wanted } of samples) {
      expect(violations(helmValues(wanted, valuesContext(config))), title).toEqual([]);
    }
  });

  it("are not just anything", () => {
    const config = platform();
    const [sample] = sampleDeployments(config);
    const values = sample && helmValues(sample.wanted, valuesContext(config));
    expect(violations({ ...values, unknown: 1 })).toHaveLength(1);
    expect(violations({ ...values, data: {} })).not.toEqual([]);
  });
});

describe("values for Astronomer's chart", () => {
  it.each(Object.entries(platforms))("have the same ones under airflow on a platform %s", (_name, given) => {
    const config = platform({ ...given, flux: { profile: "astronomer" } });
    for (const { title, wanted } of sampleDeployments(config)) {
      const values = helmValues(wanted, valuesContext(config));
      expect(Object.keys(values).sort(), title).toEqual([
        ...["airflow", "authSidecar", "dagDeploy", "ingress", "loggingSidecar", "platform"],
      ]);
      expect(violations(values.airflow), title).toEqual([]);
    }
  });
});
