import type { KubernetesObject } from "../../../platform/kubernetes/kubernetes.ts";
import { helmValues } from "../values/helmValues.ts";
import { type SecretPurpose, secretNamesOf } from "../values/names.ts";
import type { HelmValues } from "../values/valuesContext.ts";
import type { ReleaseConnections, ReleaseKeys, WantedDeployment } from "../wanted/wanted.ts";
import { digestOf } from "./digestOf.ts";
import { helmRelease } from "./helmRelease.ts";
import { namespaceObject, ownsNamespace } from "./namespaceObject.ts";
import type { ObjectsContext } from "./objectsContext.ts";
import { secretContents, secretObject } from "./secrets.ts";

/** The objects of a Deployment on its cluster. */
export interface WantedObjects {
  /** In the order in which they are to be applied: the Namespace if Houston creates it, Secrets, the HelmRelease. */
  objects: KubernetesObject[];
  /** All Secrets that the release may have had, also those that it does not need now. */
  secretNames: string[];
}

/**
 * What a cluster must have for a Deployment to run: a pure function of its rows and the settings. Throws a ValuesError for
 * what the chart cannot run.
 */
export function objectsOf(
  wanted: WantedDeployment,
  keys: ReleaseKeys,
  connections: ReleaseConnections,
  context: ObjectsContext,
): WantedObjects {
  const { config, signIn } = context;
  const contents = secretContents(wanted, keys, connections, context);
  const { registry: _onlyForPulling, ...inPods } = contents;
  // Keys that nobody can guess are part of it, so a digest reveals nothing about a short secret.
  const secretsDigest = digestOf([keys, inPods]);
  const values = helmValues(wanted, { config, webserverConfig: signIn.webserverConfig, secretsDigest });
  const all = { ...contents, values: { "values.yaml": yamlOf(values) } };
  return {
    objects: [
      ...(ownsNamespace(wanted, config) ? [namespaceObject(wanted, config)] : []),
      ...Object.entries(all).map(([purpose, content]) =>
        secretObject(wanted, context, purpose as SecretPurpose, content),
      ),
      helmRelease(wanted, context),
    ],
    secretNames: Object.values(secretNamesOf(wanted.releaseName)),
  };
}

/** JSON is YAML, but for a few characters that Flux would refuse (such as DEL) or take for a line break. */
const yamlOf = (values: HelmValues): string =>
  JSON.stringify(values, null, 2).replace(
    /[\u007f-\u009f\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
