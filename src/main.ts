import "./platform/process/withoutDebugger.ts";
import { ConfigError, loadConfig, printConfig } from "./platform/config/config.ts";
import { createLog } from "./platform/log/log.ts";
import { runCommand } from "./platform/process/commandLine.ts";
import { startFailed } from "./platform/process/startFailed.ts";
import { exitOnUncaught, stopOnSignals } from "./platform/process/stopOnSignals.ts";
import { welcome } from "./platform/process/welcome.ts";

await runCommand(process.argv.slice(2), {
  async start() {
    const { config, warnings } = load();
    const log = createLog(config);
    exitOnUncaught(log);
    for (const warning of warnings) log.warn(warning);
    const stopped = (error: unknown) => startFailed(error, config, log);
    // Other commands do without these modules, which take a second to load.
    const { createApp } = await import("./app.ts");
    const app = await createApp(config, { log, environment: process.env }).catch(stopped);
    stopOnSignals(app, log);
    app.failed.catch((error) => startFailed(error, config, log, "continue"));
    const { url } = await app.listen().catch(stopped);

    const { endpoint, playground, pages } = config.webserver;
    // Standard output contains only log lines.
    const passwords = config.auth.local.enabled;
    process.stderr.write(`\n${welcome({ url, endpoint, playground, pages, passwords, setupToken: app.setupToken })}\n`);
  },

  async migrate() {
    const { config } = load();
    const log = createLog(config);
    const { migrateOnly } = await import("./platform/process/migrateOnly.ts");
    const applied = await migrateOnly(config, log).catch((error) => startFailed(error, config, log, "migrate"));
    const result = applied.length === 0 ? "is up to date" : `was migrated: ${applied.join(", ")}`;
    process.stderr.write(`The database ${result}\n`);
  },

  async verifyAudit({ head }) {
    const { config } = load();
    const log = createLog(config);
    const { verifyAudit } = await import("./platform/process/verifyAudit.ts");
    const { text, intact } = await verifyAudit(config, log, head).catch((error) =>
      startFailed(error, config, log, "verify the audit log"),
    );
    process.stdout.write(`${text}\n`);
    process.exitCode = intact ? 0 : 1;
  },

  async rotateKeys(options) {
    const { config } = load();
    const log = createLog(config);
    const { rotateKeys } = await import("./platform/process/rotateKeys.ts");
    const { encryptedColumns } = await import("./services/encryptedColumns.ts");
    const print = (text: string) => void process.stdout.write(`${text}\n`);
    const done = await rotateKeys(config, log, encryptedColumns, { ...options, print }).catch((error) =>
      startFailed(error, config, log, "rotate the keys"),
    );
    process.exitCode = done ? 0 : 1;
  },

  async signingAuthority(options) {
    const { config } = load();
    const log = createLog(config);
    const { signingAuthority } = await import("./platform/process/signingAuthority.ts");
    const certificate = await signingAuthority(config, log, options).catch((error) =>
      startFailed(error, config, log, "read the signing authority"),
    );
    process.stdout.write(certificate);
  },

  async checkProvision({ chart }) {
    const { config } = load();
    const { checkChart } = await import("./services/provisioning/check/checkChart.ts");
    const { ChartError } = await import("./services/provisioning/check/readChart.ts");
    try {
      const { text, valid } = checkChart(config, chart);
      process.stdout.write(`${text}\n`);
      process.exitCode = valid ? 0 : 1;
    } catch (error) {
      if (!(error instanceof ChartError)) startFailed(error, config, createLog(config), "check the chart");
      // The operator must mend the chart, and a stack trace would only hide that.
      process.stderr.write(`Houston did not check the chart: ${error.message}\n`);
      process.exitCode = 1;
    }
  },

  async printConfig(options) {
    process.stdout.write(printConfig(load(), options));
  },
});

/** Loads the configuration. The operator must fix an invalid one, and a stack trace would only hide the problem. */
function load() {
  try {
    return loadConfig();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}
