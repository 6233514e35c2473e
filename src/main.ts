import { createApp } from "./app.ts";
import { ConfigError, loadConfig } from "./platform/config/config.ts";
import { createLog } from "./platform/log/log.ts";
import { startFailed } from "./platform/process/startFailed.ts";
import { exitOnUncaught, stopOnSignals } from "./platform/process/stopOnSignals.ts";
import { welcome } from "./platform/process/welcome.ts";

const { config, warnings } = load();
const log = createLog(config);
exitOnUncaught(log);
for (const warning of warnings) log.warn(warning);
const stopped = (error: unknown) => startFailed(error, config, log);
const app = await createApp(config, { log }).catch(stopped);
stopOnSignals(app, log);
const { url } = await app.listen().catch(stopped);

const { endpoint, playground } = config.webserver;
const hasUsers = (await app.services.db.user.count()) > 0;
// Standard output contains only log lines.
process.stderr.write(`\n${welcome({ url, endpoint, playground, hasUsers })}\n`);

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
