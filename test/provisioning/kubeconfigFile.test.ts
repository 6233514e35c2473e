import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { describe, expect, it, onTestFinished } from "vitest";
import { createApp } from "../../src/app.ts";
import { testHouston } from "../support/houston.ts";

const { config } = await testHouston();

describe("a kubeconfig of the default cluster", () => {
  it("that cannot be used keeps Houston from starting, which names the setting", async () => {
    const folder = mkdtempSync(join(tmpdir(), "kubeconfig-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const path = join(folder, "config");
    const start = () => {
      const kubernetes = { ...config.kubernetes, kubeconfig: path };
      return createApp({ ...config, provisioner: "flux", kubernetes }, { log: pino({ level: "silent" }) });
    };
    await expect(start()).rejects.toThrow(`kubernetes.kubeconfig: ${path} cannot be read: ENOENT`);
    writeFileSync(path, "hi");
    await expect(start()).rejects.toThrow(`kubernetes.kubeconfig: ${path}: A kubeconfig must be a mapping`);
  });
});
