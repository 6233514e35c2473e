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
    const app = await createApp(config, { log }).catch(stopped);
    stopOnSignals(app, log);
    const { url } = await app.listen().catch(stopped);

    const { endpoint, playground } = config.webserver;
    const hasUsers = (await app.services.db.user.count()) > 0;
    // Standard output contains only log lines.
    process.stderr.write(`\n${welcome({ url, endpoint, playground, hasUsers })}\n`);
  },

  async migrate() {
    const { config } = load();
    const log = createLog(config);
    const { migrateOnly } = await import("./platform/process/migrateOnly.ts");
    const applied = await migrateOnly(config, log).catch((error) => startFailed(error, config, log, "migrate"));
    const result = applied.length === 0 ? "is up to date" : `was migrated: ${applied.join(", ")}`;
    process.stderr.write(`The database ${result}\n`);
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
