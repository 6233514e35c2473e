// npm run check:metrics   starts Houston on a temporary database and passes what /metrics returns to
//                         `promtool check metrics`, which must be on the PATH (Debian package: prometheus). Exits with 1
//                         if it reports a problem, and with 2 if there is no promtool.
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { pino } from "pino";
import { createApp } from "../src/app.ts";
import { configFrom } from "../src/platform/config/config.ts";
import { withTemporaryPostgres } from "../test/support/temporaryPostgres.ts";

/** The text of /metrics after one request and one operation. */
async function metrics(): Promise<string> {
  const log = pino({ level: "warn" });
  return withTemporaryPostgres(log, { durable: false }, async ({ url, folder, stop }) => {
    const secret = randomBytes(32).toString("hex");
    const config = configFrom({
      jwt: { secret },
      encryption: { keys: [secret] },
      database: { url, dataFolder: folder },
      webserver: { host: "127.0.0.1", port: 0, operationsPort: 0 },
    });
    const app = await createApp(config, { log });
    try {
      const { url: address, operationsUrl } = await app.listen();
      const headers = { "content-type": "application/json" };
      await fetch(`${address}/v1`, { method: "POST", headers, body: '{"query":"{ appConfig { version } }"}' });
      return await (await fetch(`${operationsUrl}/metrics`)).text();
    } finally {
      await app.close();
      await stop();
    }
  });
}

if (spawnSync("promtool", ["--version"]).error) {
  console.error("promtool is not on the PATH; install it, for example with `apt-get install prometheus`");
  process.exit(2);
}
const { status, stdout, stderr } = spawnSync("promtool", ["check", "metrics"], {
  input: await metrics(),
  encoding: "utf8",
});
process.stdout.write(stdout);
process.stderr.write(stderr);
process.exitCode = status === 0 ? 0 : 1;
if (status === 0) console.log("promtool accepts the metrics");
