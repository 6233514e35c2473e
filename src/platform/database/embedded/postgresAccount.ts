import { type ChildProcess, execFile, type SpawnOptions, spawn } from "node:child_process";
import { chmod, stat } from "node:fs/promises";
import { promisify } from "node:util";
import type { Logger } from "pino";

const run = promisify(execFile);

/** The system account that PostgreSQL runs as. PostgreSQL refuses to run as root, so root starts it as another account. */
export interface PostgresAccount {
  /** User and group of the data; undefined if they are those of this process. */
  owner: { uid: number; gid: number } | undefined;
  /** Starts `program` as this account, in its own process group, so that Ctrl-C reaches only Houston. */
  start(program: string, args: readonly string[], stdio: SpawnOptions["stdio"]): ChildProcess;
}

// Our environment is not passed on: it may contain secrets, and PG* variables would change what PostgreSQL does.
const base: SpawnOptions =
  process.platform === "win32"
    ? { windowsHide: true }
    : { detached: true, env: { PATH: "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", LC_ALL: "C", TZ: "UTC" } };

/**
 * The account for the data in `data`, below `folder`; `program` is a binary it must be able to start. For root, this is
 * the owner of existing data, otherwise the system user `postgres`, which is created if missing. Throws an error for the
 * operator if no such account can reach the folder.
 */
export async function postgresAccount(
  paths: { folder: string; data: string; program: string },
  log: Logger,
): Promise<PostgresAccount> {
  if (process.getuid?.() !== 0) {
    return { owner: undefined, start: (program, args, stdio) => spawn(program, args, { ...base, stdio }) };
  }
  const owner = (await ownerOf(paths.data)) ?? (await userPostgres());
  // We may change permissions of the folder itself, but not of its parent folders.
  const { uid, mode } = await stat(paths.folder);
  if (uid === 0) await chmod(paths.folder, (mode & 0o7777) | 0o011);

  const reachable = await Promise.all([paths.folder, paths.program].map((path) => mayPass(path, owner)));
  if (reachable.every(Boolean)) {
    return { owner, start: (program, args, stdio) => spawn(program, args, { ...base, ...owner, cwd: "/", stdio }) };
  }
  // initdb calls access(2), which ignores the capabilities of a process that changed its user, unless told otherwise.
  const as = ["--securebits=+no_setuid_fixup", `--reuid=${owner.uid}`, `--regid=${owner.gid}`, "--clear-groups"];
  const leave = [...as, "--inh-caps=+dac_override", "--ambient-caps=+dac_override", "--"];
  if (!(await succeeds("setpriv", [...leave, paths.program, "--version"]))) {
    throw new Error(
      `The embedded PostgreSQL cannot run as root, and the account it runs as instead (uid ${owner.uid}) cannot access ` +
        `${paths.folder} or start ${paths.program}. Start Houston as another user, move it to a folder that everyone ` +
        "can access, or set DATABASE_URL.",
    );
  }
  log.debug({ folder: paths.folder }, "Only root can access the folder: starting PostgreSQL with CAP_DAC_OVERRIDE");
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
        "The embedded PostgreSQL cannot run as root and the system user `postgres` could not be created. " +
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
