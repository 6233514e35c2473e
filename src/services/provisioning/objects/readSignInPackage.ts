import { readdirSync, readFileSync } from "node:fs";

/** The Python package with which Airflow takes Houston's tokens (airflow/README.md). */
export interface SignInPackage {
  /** Its files by their names. */
  files: Record<string, string>;
  /** webserver_config.py for Airflow 2. */
  webserverConfig: string;
}

const root = new URL("../../../../airflow/", import.meta.url);

/** Reads the package from the folder `airflow` of Houston. */
export function readSignInPackage(): SignInPackage {
  const folder = new URL("houston_airflow_auth/", root);
  const names = readdirSync(folder).filter((name) => name.endsWith(".py"));
  return {
    files: Object.fromEntries(names.sort().map((name) => [name, readFileSync(new URL(name, folder), "utf8")])),
    webserverConfig: readFileSync(new URL("examples/webserver_config.py", root), "utf8"),
  };
}
