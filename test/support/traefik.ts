import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { vi } from "vitest";
import { freePort } from "../../src/platform/database/embedded/postmaster.ts";
import { startProgram } from "./program.ts";

/** Debian has no package of Traefik, so its tests run only where it is in PATH. */
export const hasTraefik = (() => {
  try {
    execFileSync("traefik", ["version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();

/**
 * Starts Traefik on loopback in front of `upstream`, with the middleware forwardAuth as docs/edge.md shows it. Both are URLs
 * without a path.
 */
export async function startTraefik({ houston, upstream }: { houston: string; upstream: string }) {
  const folder = await mkdtemp(join(tmpdir(), "houston-traefik-"));
  const port = await freePort();
  const dynamic = {
    http: {
      routers: {
        airflow: { rule: "PathPrefix(`/`)", entryPoints: ["web"], middlewares: ["houston"], service: "airflow" },
      },
      services: { airflow: { loadBalancer: { servers: [{ url: upstream }] } } },
      middlewares: {
        houston: {
          forwardAuth: {
            address: `${houston}/v1/authorization`,
            authResponseHeaders: ["authorization", "username", "email"],
          },
        },
      },
    },
  };
  // JSON is YAML too.
  const file = join(folder, "dynamic.yml");
  await writeFile(file, JSON.stringify(dynamic));
  const url = `http://127.0.0.1:${port}`;
  const args = [
    `--entryPoints.web.address=127.0.0.1:${port}`,
    `--providers.file.filename=${file}`,
    ...["--global.checkNewVersion=false", "--global.sendAnonymousUsage=false", "--log.level=ERROR"],
  ];
  const traefik = await startProgram("traefik", args, { url });
  // Until it has read the routes.
  const knowsRoutes = async () => {
    if ((await fetch(url)).status === 404) throw new Error(`Traefik reads no routes: ${traefik.output()}`);
  };
  await vi.waitFor(knowsRoutes, { timeout: 10_000, interval: 50 });
  return {
    url,
    async stop() {
      await traefik.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
