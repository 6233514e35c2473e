import type { ExecutorType } from "../../src/generated/prisma/enums.ts";
import { type Config, configFrom, type DeepPartial } from "../../src/platform/config/config.ts";
import { configAfter } from "../../src/services/deployments/sizing/configAfter.ts";
import { readSignInPackage } from "../../src/services/provisioning/objects/readSignInPackage.ts";
import type { ValuesContext } from "../../src/services/provisioning/values/valuesContext.ts";
import type {
  ReleaseConnections,
  ReleaseKeys,
  WantedDeployment,
} from "../../src/services/provisioning/wanted/wanted.ts";

/** A configuration with a domain. */
export const platform = (overrides: DeepPartial<Config> = {}): Config =>
  configFrom({
    ...overrides,
    helm: { baseDomain: "example.com", releaseName: "astronomer", releaseNamespace: "astronomer", ...overrides.helm },
  });

/** A Deployment as it is to run: the defaults of the platform with Airflow 3.2, and what is given. */
export function wantedDeployment(
  config: Config = platform(),
  { executor = "CeleryExecutor", ...given }: Partial<WantedDeployment> & { executor?: ExecutorType } = {},
): WantedDeployment {
  return {
    id: "cldeployment0000000000000",
    clusterId: "cldefault0000000000000000",
    workspaceId: "clworkspace00000000000000",
    releaseName: "quiet-comet-1000",
    namespace: "astronomer-quiet-comet-1000",
    chartVersion: "1.22.0",
    airflowVersion: "3.2.2",
    runtimeVersion: null,
    config: configAfter(config, { executor, components: {} }, undefined, null),
    extraAu: 0,
    dagDeployment: { type: "image" },
    image: null,
    dockerconfigjson: null,
    cloudRole: null,
    webserverReboot: false,
    kedaEnabled: false,
    workerQueues: [],
    variables: [],
    baseDomain: config.helm.baseDomain,
    settings: config.deployments,
    revision: 7,
    ...given,
  };
}

export const keys: ReleaseKeys = {
  fernetKey: "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
  webserverSecretKey: "webserver-secret",
  jwtSecret: "jwt-secret",
  redisPassword: "redis-password",
  databasePassword: "database-password",
};

export const connections: ReleaseConnections = {
  metadata: "postgresql://u:database-password@db:5432/quiet",
  resultBackend: "db+postgresql://u:database-password@db:5432/quiet",
  broker: "redis://:redis-password@quiet-comet-1000-redis:6379/0",
};

export const signIn = readSignInPackage();

/** What values depend on besides the Deployment. */
export const valuesContext = (config: Config = platform()): ValuesContext => ({
  ...{ config, secretsDigest: "digest", webserverConfig: signIn.webserverConfig },
});
