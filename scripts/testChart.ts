// npm run test:chart   tests charts/houston with Helm 3 and Helm 4. Helm is built once with Go, or HELM=<program> is
//                      tested alone. Also needs Python 3 with venv. Everything is kept in HOUSTON_CHART_CACHE
//                      (default: ~/.cache/houston/chart). Exits with 2 if a program is missing.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";

const cache = resolve(process.env.HOUSTON_CHART_CACHE || join(homedir(), ".cache", "houston", "chart"));
const VERSIONS = ["3.22.0", "4.3.1"];

/** Schemas of the kinds of Kubernetes itself, with a program that validates objects, from PyPI. */
const VALIDATOR = "kubernetes-validate==1.37.0";
/** Validators of further kinds, from npm. */
const MODELS = ["@kubernetes-models/gateway-api@2.0.0", "@kubernetes-models/prometheus-operator@6.0.0"];

function run(command: string, args: readonly string[], env: Record<string, string> = {}): void {
  const { status, error } = spawnSync(command, args, { stdio: "inherit", env: { ...process.env, ...env } });
  if (error) missing(`${command} cannot be run: ${error.message}`);
  if (status !== 0) process.exit(status ?? 1);
}

function missing(text: string): never {
  console.error(text);
  process.exit(2);
}

/** The program of a version of Helm, built unless it has been before. */
function helm(version: string): string {
  const folder = join(cache, `helm-${version}`);
  const program = join(folder, "helm");
  if (existsSync(program)) return program;
  if (spawnSync("go", ["version"]).error) missing("Helm is built with Go, which is not on the PATH; or set HELM");
  console.log(`Building Helm ${version}, which takes some minutes`);
  const module = `helm.sh/helm/v${version.split(".")[0]}/cmd/helm@v${version}`;
  run("go", ["install", "-trimpath", "-ldflags", "-s -w", module], { GOBIN: folder, CGO_ENABLED: "0" });
  return program;
}

mkdirSync(cache, { recursive: true });
const validator = join(cache, VALIDATOR, "bin", "kubernetes-validate");
if (!existsSync(validator)) {
  run("python3", ["-m", "venv", join(cache, VALIDATOR)]);
  run(join(cache, VALIDATOR, "bin", "pip"), ["install", "--quiet", "--disable-pip-version-check", VALIDATOR]);
}
const models = join(cache, "models");
run("npm", [
  "install",
  "--prefix",
  models,
  "--ignore-scripts",
  "--no-audit",
  "--no-fund",
  "--loglevel=error",
  ...MODELS,
]);

const programs = process.env.HELM ? [process.env.HELM] : VERSIONS.map(helm);
for (const program of programs) {
  run(program, ["version", "--short"]);
  run("vitest", ["run", ...process.argv.slice(2)], {
    TEST_CHART: "on",
    HELM: program,
    KUBERNETES_VALIDATE: validator,
    KUBERNETES_MODELS: models,
  });
}
