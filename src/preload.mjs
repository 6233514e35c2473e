// Loaded before everything else (`node --import`).
import { enableCompileCache } from "node:module";

// glibc gives threads up to eight arenas per core to allocate from, and each keeps what it once needed: with two of them memory
// stays flat (docs/performance.md). It reads the number when a process begins, so this one begins again, with the same id.
// An operator's own number stays; where `execve` is missing (Windows, Node before 22.15) nothing happens.
if (process.platform === "linux" && process.execve && process.env.MALLOC_ARENA_MAX === undefined) {
  const again = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  process.execve(process.execPath, again, { ...process.env, MALLOC_ARENA_MAX: "2" });
}

// Files without their types, compiled, wait in the system's temporary folder for the next start, which then takes less time
// and 25 MB less memory. Where that folder is read-only, nothing is kept.
enableCompileCache();
