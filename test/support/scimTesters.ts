import { access } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runProgram } from "./program.ts";

/** The testers and what they need, at the versions whose results the tests know. */
const PACKAGES = ["scim2-tester==0.5.2", "scim2-client[httpx2]==0.13.2", "scim-sanity==0.7.4"];

/** Installs both testers of SCIM servers into HOUSTON_EDGE_CACHE, or a temporary folder without it. Returns its programs' folder. */
export async function installScimTesters(): Promise<string> {
  const home = join(process.env.HOUSTON_EDGE_CACHE ?? join(tmpdir(), "houston-airflows"), "scim-testers");
  const bin = join(home, "bin");
  if (await exists(join(bin, "scim-sanity"))) return bin;
  for (const [program, args] of [
    ["python3", ["-m", "venv", home]],
    [join(bin, "pip"), ["install", "--quiet", "--disable-pip-version-check", ...PACKAGES]],
  ] as const) {
    const { code, output } = await runProgram(program, [...args], { patience: 300_000 });
    if (code !== 0) throw new Error(`Could not install the testers of SCIM: ${output}`);
  }
  return bin;
}

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );
