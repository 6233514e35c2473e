// Loaded before everything else (`node --import`).
import { enableCompileCache } from "node:module";

// How glibc hands out memory, chosen so that it goes back to the system (docs/performance.md); an operator's own values stay:
// - It gives threads up to eight arenas per core to allocate from, and each keeps what it once needed. Two are enough.
// - What is larger than 128 KiB is mapped for itself and goes back when freed. Unless told so, glibc raises that bound, up to
//   32 MiB, to the largest piece it ever freed, and the start's large pieces leave holes behind.
const memory = { MALLOC_ARENA_MAX: "2", MALLOC_MMAP_THRESHOLD_: "131072" };

// glibc reads them when a process begins, so this one begins again, with the same id. Nothing happens where `execve` is missing
// (Windows, Node before 22.15), or where a parent has a channel to this process, which would be lost.
const missing = Object.keys(memory).some((name) => process.env[name] === undefined);
if (process.platform === "linux" && process.execve && !process.connected && missing) {
  const again = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  process.execve(process.execPath, again, { ...memory, ...process.env });
}

// Files without their types, compiled, wait in the system's temporary folder for the next start, which then takes less time
// and 25 MB less memory. Where that folder is read-only, nothing is kept.
enableCompileCache();
