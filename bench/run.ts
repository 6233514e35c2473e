import { differences } from "./compare.ts";
import type { Size } from "./data.ts";
import { startDatabases } from "./database.ts";
import { installMissing } from "./install.ts";
import { canPin, pinOurselves } from "./machine.ts";
import { type Measurement, measure } from "./measure.ts";
import { type Options, readOptions, usage } from "./options.ts";
import { leaks } from "./refusals.ts";
import { report } from "./report.ts";
import { type RunningServer, startServer } from "./servers.ts";
import { withCleanup } from "./withCleanup.ts";

const tell = (line: string) => void process.stderr.write(`${line}\n`);

/** Seeds, starts every server, checks that all return the same content, then measures round by round. */
async function run(options: Options): Promise<Measurement[]> {
  const { sizes, operations, rounds, seconds, warmUp, connections } = options;
  return withCleanup(async (onEnd) => {
    const databases = await startDatabases(sizes, tell, options);
    onEnd(databases.stop);
    const running: { size: Size; server: RunningServer }[] = [];
    for (const [size, url] of databases.urls) {
      const servers: RunningServer[] = [];
      for (const name of options.servers) {
        const server = await startServer(name, url, databases.folder, options);
        onEnd(server.stop);
        tell(`${name} (${size}) took connections after ${server.startup.toFixed(1)} s`);
        servers.push(server);
      }
      const different = await differences(servers, operations, size);
      if (different.length > 0) throw new Error(`The servers do not answer alike:\n${different.join("\n")}`);
      const leaking = await leaks(servers, operations, size);
      if (leaking.length > 0)
        throw new Error(`Not every server denies callers without permission:\n${leaking.join("\n")}`);
      running.push(...servers.map((server) => ({ size, server })));
    }
    tell(
      `All servers give equal content, and callers without permission are denied.${canPin ? "" : " Processes cannot be pinned to a CPU here."}`,
    );

    // Servers alternate within an operation and sizes within a round, so that changes of the machine affect all equally.
    const cells = operations.flatMap((operation) =>
      running.filter(({ server }) => server.serves(operation)).map((one) => ({ ...one, operation })),
    );
    if (warmUp > 0) {
      tell(`warming up: ${cells.length} times ${warmUp} s`);
      for (const { server, ...cell } of cells)
        await measure(server, { ...cell, round: 0, seconds: warmUp, connections });
    }
    const measurements: Measurement[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      for (const { server, ...cell } of cells) {
        const measured = await measure(server, { ...cell, round, seconds, connections });
        measurements.push(measured);
        tell(
          `round ${round} ${cell.operation} ${cell.size} ${server.name}: ${Math.round(measured.perSecond)} per second`,
        );
      }
    }
    return measurements;
  });
}

let options: Options;
try {
  options = readOptions(process.argv.slice(2));
} catch (error) {
  tell(`${(error as Error).message}\n\n${usage}`);
  process.exit(2);
}
installMissing();
pinOurselves();
try {
  const measurements = await run(options);
  process.stdout.write(`${report(measurements)}\n`);
  if (options.smoke) {
    tell(
      `The bench works: ${options.servers.length} servers gave equal answers to ${options.operations.length} operations.`,
    );
  }
} catch (error) {
  tell((error as Error).message);
  process.exitCode = 1;
}
