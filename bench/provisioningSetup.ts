import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Logger, runMigrations } from "graphile-worker";
import pg from "pg";
import { pino } from "pino";
import { migrate } from "../src/platform/database/migrate.ts";
import { createAs } from "../test/support/as.ts";
import { firstUser } from "../test/support/firstUser.ts";
import { type HoustonProcess, houstonProcess } from "../test/support/houstonProcess.ts";
import { houstonAccess } from "../test/support/kubernetesAccess.ts";
import { startKubernetesCluster } from "../test/support/kubernetesCluster.ts";
import { withTemporaryPostgres } from "../test/support/temporaryPostgres.ts";
import { imageSettings } from "./imageSettings.ts";
import { secrets } from "./servers.ts";

/** Starts a cluster that only stores objects, and a database, for Houston processes that `houston` prepares. */
export async function provisioningSetup(onEnd: (cleanup: () => Promise<unknown>) => void) {
  const log = pino({ level: "warn" });
  const database = await withTemporaryPostgres(log, { durable: true }, async (server) => server);
  onEnd(database.stop);
  await migrate(database.url, log);
  await runMigrations({ connectionString: database.url, logger: new Logger(() => () => undefined) });
  const cluster = await startKubernetesCluster({ bare: true });
  onEnd(cluster.stop);
  const access = await houstonAccess(cluster);
  const pool = new pg.Pool({ connectionString: database.url, max: 4 });
  onEnd(() => pool.end());
  // In a cluster, Houston runs as its image starts it.
  const image = imageSettings();
  let token: string | undefined;

  return {
    cluster,
    access,
    pool,

    /** A Houston process, not started; with a provisioner unless `provisioner` is "none". `flags` are Node's. */
    async houston(settings: object, flags: readonly string[] = []): Promise<HoustonProcess> {
      const file = join(cluster.folder, `houston-${Math.random().toString(36).slice(2)}.yaml`);
      const all = {
        provisioner: "flux",
        kubernetes: { kubeconfig: access.path },
        helm: { baseDomain: "example.com", releaseName: "houston", releaseNamespace: "acme" },
        resyncDeployments: { enabled: false },
        // The operator's: PostgreSQL would otherwise create one for each, which takes longer than all else.
        deployments: { database: { enabled: false } },
        ...settings,
      };
      // JSON is YAML.
      await writeFile(file, JSON.stringify(all));
      const environment = {
        ...image.env,
        ...{ DATABASE_URL: database.url, DATABASE__DATA_FOLDER: database.folder, CONFIG_FILE: file },
        ...{ JWT__SECRET: secrets.jwt, ENCRYPTION__KEYS: JSON.stringify([secrets.encryption]), NODE_ENV: "production" },
      };
      const houston = await houstonProcess(environment, [...image.flags, ...flags]);
      onEnd(() => houston.stop());
      return houston;
    },

    /** Sends an operation to a running Houston as System Admin, and returns its data. */
    async send(houston: HoustonProcess, document: string, variables: Record<string, unknown> = {}) {
      token ??= await firstUser(houston.url);
      const { data, errors } = await createAs(houston.url)({ token }).send(document, variables);
      if (errors) throw new Error(JSON.stringify(errors));
      return data;
    },
    token: () => token ?? "",
  };
}

export type ProvisioningSetup = Awaited<ReturnType<typeof provisioningSetup>>;

/** Runs `work` for 0 to `count` - 1, `parallel` at a time. */
export async function each(count: number, parallel: number, work: (n: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: parallel }, worker));
}
