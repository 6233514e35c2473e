import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import manifest from "../../package.json" with { type: "json" };

const arenas = (env: Record<string, string>) =>
  execFileSync(process.execPath, ["--import", "./src/preload.mjs", "--print", "process.env.MALLOC_ARENA_MAX"], {
    encoding: "utf8",
    env: { PATH: process.env.PATH, ...env },
  }).trim();

it.runIf(process.platform === "linux")("a start lets glibc have two arenas, or as many as the operator says", () => {
  expect(arenas({})).toBe("2");
  expect(arenas({ MALLOC_ARENA_MAX: "5" })).toBe("5");
});

it("the image starts Houston as npm start does", async () => {
  const [, command = ""] = /^CMD (.*)$/m.exec(await readFile("Dockerfile", "utf8")) ?? [];
  expect(JSON.parse(command).join(" ")).toBe(manifest.scripts.start);
});
