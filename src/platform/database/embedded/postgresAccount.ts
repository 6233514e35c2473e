import { type ChildProcess, execFile, type SpawnOptions, spawn } from "node:child_process";
import { chmod, stat } from "node:fs/promises";
import { promisify } from "node:util";
import type { Logger } from "pino";

const run = promisify(execFile);

/** Who PostgreSQL runs as. It refuses to run as root, so a root process lends it another account. */
export interface PostgresAccount {
  /** User and group of the data; undefined when they are those of this process. */
  owner: { uid: number; gid: number } | undefined;
  /** Starts `program` as this account, in a process group of its own, so that Ctrl-C reaches only us. */
  start(program: string, args: readonly string[], stdio: SpawnOptions["stdio"]): ChildProcess;
}

// Nothing of our environment is passed on: it may hold secrets, and PG* variables would change what PostgreSQL does.
const base: SpawnOptions =
  process.platform === "win32"
    ? { windowsHide: true }
    : { detached: true, env: { PATH: "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", LC_ALL: "C", TZ: "UTC" } };

/**
 * The account for the data in `data`, below `folder`; `program` is a binary it must be able to start. As root this is
 * the owner of existing data, else the system user `postgres`, which is made when there is none. Throws an error for
 * the operator when no such account can reach the folder.
 */
export async function postgresAccount(
  paths: { folder: string; data: string; program: string },
  log: Logger,
): Promise<PostgresAccount> {
  if (process.getuid?.() !== 0) {
    return { owner: undefined, start: (program, args, stdio) => spawn(program, args, { ...base, stdio }) };
  }
  const owner = (await ownerOf(paths.data)) ?? (await userPostgres());
  // The folder is ours to open; what stands above it is not.
  const { uid, mode } = await stat(paths.folder);
  if (uid === 0) await chmod(paths.folder, (mode & 0o7777) | 0o011);

  const reachable = await Promise.all([paths.folder, paths.program].map((path) => mayPass(path, owner)));
  if (reachable.every(Boolean)) {
    return { owner, start: (program, args, stdio) => spawn(program, args, { ...base, ...owner, cwd: "/", stdio }) };
  }
  // access(2), which initdb asks, drops capabilities of whoever was not root from the start, unless told not to.
  const as = ["--securebits=+no_setuid_fixup", `--reuid=${owner.uid}`, `--regid=${owner.gid}`, "--clear-groups"];
  const leave = [...as, "--inh-caps=+dac_override", "--ambient-caps=+dac_override", "--"];
  if (!(await succeeds("setpriv", [...leave, paths.program, "--version"]))) {
    throw new Error(
      `The embedded PostgreSQL cannot run as root, and the account it runs as instead (uid ${owner.uid}) may not enter ` +
        `${paths.folder} or start ${paths.program}. Start Houston as another user, move it to a folder that everyone ` +
        "may enter, or set DATABASE_URL.",
    );
  }
  log.debug({ folder: paths.folder }, "Only root may enter the folder: PostgreSQL gets CAP_DAC_OVERRIDE to reach it");
  return { owner, start: (program, args, stdio) => spawn("setpriv", [...leave, program, ...args], { ...base, stdio }) };
}

async function ownerOf(data: string) {
  const found = await stat(data).catch(() => undefined);
  return found && found.uid !== 0 ? { uid: found.uid, gid: found.gid } : undefined;
}

async function userPostgres() {
  const id = async (flag: string) => Number((await run("id", [flag, "postgres"])).stdout);
  const read = async () => ({ uid: await id("-u"), gid: await id("-g") });
  return read().catch(async () => {
    try {
      await run("useradd", ["--system", "--user-group", "--no-create-home", "--shell", "/bin/false", "postgres"]);
      return await read();
    } catch (cause) {
      throw new Error(
        "The embedded PostgreSQL cannot run as root and no system user `postgres` could be made. " +
          "Start Houston as another user, or set DATABASE_URL.",
        { cause },
      );
    }
  });
}

const mayPass = (path: string, owner: { uid: number; gid: number }) => succeeds("test", ["-x", path], owner);

async function succeeds(program: string, args: string[], as: object = {}): Promise<boolean> {
  return run(program, args, { ...as, cwd: "/" }).then(
    () => true,
    () => false,
  );
}
