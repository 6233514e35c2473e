import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../src/platform/database/embedded/postmaster.ts";
import { runProgram, startProgram } from "./program.ts";

/** How to run each Airflow that `airflow/install.sh` installs. */
const VERSIONS = {
  "3.3": { command: "api-server", host: "--host", health: "/api/v2/monitor/health" },
  "2.11": { command: "webserver", host: "--hostname", health: "/health" },
};

export type AirflowVersion = keyof typeof VERSIONS;

/** For what takes seconds on a machine with nothing else to do. In milliseconds. */
const PATIENCE = 180_000;

/** With neither names nor clean-ups of either version: `airflow.sdk` came with 3. */
const DAG = `
try:
    from airflow.sdk import dag, task
except ImportError:
    from airflow.decorators import dag, task

@dag(schedule=None)
def example():
    @task
    def say():
        print("hello")
    say()

example()
`;

/** Installs all Airflows into HOUSTON_EDGE_CACHE, or a temporary folder without it. Returns the folder. */
export async function installAirflows(): Promise<string> {
  const folder = process.env.HOUSTON_EDGE_CACHE ?? join(tmpdir(), "houston-airflows");
  const { code, output } = await runProgram(join(root, "install.sh"), [folder], { patience: 1_200_000 });
  if (code !== 0) throw new Error(`Could not install Airflow: ${output}`);
  return folder;
}

const root = join(import.meta.dirname, "../../airflow");

/**
 * Starts an Airflow on loopback with its own SQLite and the DAG `example`, which takes the tokens of the Houston at `houston`
 * for `audience`. There is no scheduler, so a run stays queued.
 */
export async function startAirflow(
  version: AirflowVersion,
  { installed, houston, audience }: { installed: string; houston: string; audience: string },
) {
  const { command, host, health } = VERSIONS[version];
  const home = await mkdtemp(join(tmpdir(), "houston-airflow-"));
  const program = join(installed, `airflow-${version}/bin/airflow`);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const env = {
    // Airflow starts gunicorn by its name.
    PATH: `${join(installed, `airflow-${version}/bin`)}:${process.env.PATH}`,
    AIRFLOW_HOME: home,
    PYTHONPATH: root,
    PYTHONDONTWRITEBYTECODE: "1",
    AIRFLOW__CORE__LOAD_EXAMPLES: "False",
    AIRFLOW__CORE__AUTH_MANAGER:
      version === "3.3"
        ? "houston_airflow_auth.auth_manager.HoustonAuthManager"
        : "airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager",
    AIRFLOW__API_AUTH__JWT_SECRET: randomBytes(32).toString("hex"),
    AIRFLOW__API__BASE_URL: `https://${audience}`,
    AIRFLOW__WEBSERVER__SECRET_KEY: randomBytes(32).toString("hex"),
    AIRFLOW__WEBSERVER__CONFIG_FILE: join(root, "examples/webserver_config.py"),
    AIRFLOW__HOUSTON__JWKS_URL: `${houston}/v1/.well-known/jwks.json`,
    AIRFLOW__HOUSTON__AUDIENCE: audience,
    AIRFLOW__HOUSTON__LOGIN_URL: "https://app.example.com/login",
    AIRFLOW__HOUSTON__LOGOUT_URL: "https://app.example.com/sign-out",
  };
  await mkdir(join(home, "dags"));
  await writeFile(join(home, "dags/example.py"), DAG);
  for (const args of [
    ["db", "migrate"],
    ["dags", "reserialize"],
  ]) {
    const { code, output } = await runProgram(program, args, { env, patience: PATIENCE });
    if (code !== 0) throw new Error(`airflow ${args.join(" ")} ended with ${code}: ${output}`);
  }
  const airflow = await startProgram(program, [command, host, "127.0.0.1", "--port", `${port}`, "--workers", "1"], {
    ...{ url: `${url}${health}`, env, patience: PATIENCE },
  });
  return {
    url,
    output: airflow.output,
    async stop() {
      await airflow.stop();
      await rm(home, { recursive: true, force: true });
    },
  };
}
