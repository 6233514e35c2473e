import type { Config } from "../../../platform/config/config.ts";
import type { Tree } from "../../../platform/config/tree.ts";

/** Values of a Helm chart. */
export type HelmValues = Tree;

/** What the values of a Deployment depend on besides itself. */
export interface ValuesContext {
  config: Config;
  /** Changes with every secret of the Deployment, so that its pods restart with the new ones. */
  secretsDigest: string;
  /** webserver_config.py of Airflow 2: it lets Airflow take Houston's tokens. */
  webserverConfig: string;
}
