import type { KubernetesObject } from "../../../platform/kubernetes/kubernetes.ts";
import { DEPLOYMENT_LABEL } from "../values/labels.ts";

/** True if the object carries the label of the Deployment. */
export const belongsTo = ({ metadata }: KubernetesObject, deploymentId: string): boolean =>
  metadata.labels?.[DEPLOYMENT_LABEL] === deploymentId;
