import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Makes a folder the temporary folder of this process and of all it starts, and removes it when the process exits: also
 * after a failure or Ctrl-C, and whatever tests, the browser and PostgreSQL left in it.
 */
export function useTemporaryFolder(): void {
  const folder = mkdtempSync(join(tmpdir(), "houston-tests-"));
  // PostgreSQL may run as another user, who must be able to reach its data.
  chmodSync(folder, 0o711);
  process.env.TMPDIR = folder;
  process.once("exit", () => {
    // PostgreSQL may still be writing to the files while it shuts down.
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  });
}
