import type { Config } from "../../platform/config/config.ts";

/** The platform's own namespace. */
export const platformNamespace = ({ helm }: Config) => helm.releaseNamespace ?? "astronomer";

/** Pods in these namespaces could access the cluster or the platform. An operator may still list one of them. */
export const isReserved = (config: Config, namespace: string) =>
  namespace === platformNamespace(config) || namespace === "default" || namespace.startsWith("kube-");
