import type { Config } from "../../../platform/config/config.ts";
import { settingName } from "../../../platform/config/configTree.ts";
import { kubeconfigFile } from "../../../platform/kubernetes/credentialSources.ts";

/** Throws, naming the setting, if the kubeconfig of the default cluster cannot be used at the start. It may change later. */
export async function assertKubeconfigFile(config: Config): Promise<void> {
  const { kubeconfig } = config.kubernetes;
  if (config.provisioner === "none" || kubeconfig === null) return;
  try {
    await kubeconfigFile(kubeconfig)(true);
  } catch (error) {
    throw new Error(`${settingName(config, "kubernetes.kubeconfig")}: ${(error as Error).message}`);
  }
}
