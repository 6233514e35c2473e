import type { KubernetesObject } from "../../../platform/kubernetes/kubernetes.ts";
import { gitCredentials } from "../values/dags.ts";
import { environmentOf, secretKeyOf } from "../values/environment.ts";
import { deploymentLabels, MANAGED_BY } from "../values/labels.ts";
import { type SecretPurpose, secretNamesOf } from "../values/names.ts";
import { usesSignInPackage } from "../values/signIn.ts";
import type { ReleaseConnections, ReleaseKeys, WantedDeployment } from "../wanted/wanted.ts";
import type { ObjectsContext } from "./objectsContext.ts";

type Contents = Partial<Record<SecretPurpose, Record<string, string>>>;

/** What each Secret of a Deployment contains, under the keys that the chart reads; without those that it does not need. */
export function secretContents(
  wanted: WantedDeployment,
  keys: ReleaseKeys,
  connections: ReleaseConnections,
  { config, signIn }: ObjectsContext,
): Contents {
  const secretVariables = environmentOf(wanted, { config }).filter(({ isSecret }) => isSecret);
  const { metadata, resultBackend, broker } = connections;
  const contents: { [purpose in SecretPurpose]?: Record<string, string> | undefined } = {
    registry:
      wanted.dockerconfigjson === null ? undefined : { ".dockerconfigjson": JSON.stringify(wanted.dockerconfigjson) },
    metadata: metadata === null ? undefined : { connection: metadata },
    resultBackend: resultBackend === null || broker === null ? undefined : { connection: resultBackend },
    broker: broker === null ? undefined : { connection: broker },
    redis: broker === null ? undefined : { password: keys.redisPassword },
    fernet: { "fernet-key": keys.fernetKey },
    webserver: { "webserver-secret-key": keys.webserverSecretKey },
    api: { "api-secret-key": keys.webserverSecretKey },
    jwt: { "jwt-secret": keys.jwtSecret },
    git: gitCredentials(wanted.dagDeployment),
    environment:
      secretVariables.length === 0
        ? undefined
        : Object.fromEntries(secretVariables.map(({ key, value }) => [secretKeyOf(key), value])),
    // A Secret, because Houston then needs no rights to ConfigMaps.
    signIn: usesSignInPackage(wanted, config) ? signIn.files : undefined,
  };
  return Object.fromEntries(Object.entries(contents).filter(([, content]) => content !== undefined));
}

/** A Secret of a Deployment. */
export function secretObject(
  wanted: WantedDeployment,
  { config }: Pick<ObjectsContext, "config">,
  purpose: SecretPurpose,
  content: Record<string, string>,
): KubernetesObject {
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: {
      name: secretNamesOf(wanted.releaseName)[purpose],
      namespace: wanted.namespace,
      labels: { ...MANAGED_BY, ...deploymentLabels(wanted, config) },
    },
    type: purpose === "registry" ? "kubernetes.io/dockerconfigjson" : "Opaque",
    // Not `stringData`: a key that is no longer applied would stay in `data`.
    data: Object.fromEntries(
      Object.entries(content).map(([key, value]) => [key, Buffer.from(value).toString("base64")]),
    ),
  };
}
