import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { startArguments } from "../support/npmStart.ts";

/** Those of `npm start`, for another program. */
const flags = startArguments.slice(0, -1);

/** What a start with these variables makes of how glibc hands out memory. */
const memory = (env: Record<string, string>) =>
  execFileSync(
    process.execPath,
    [...flags, "--print", "process.env.MALLOC_ARENA_MAX + ' ' + process.env.MALLOC_MMAP_THRESHOLD_"],
    { encoding: "utf8", env: { PATH: process.env.PATH, ...env } },
  ).trim();

it.runIf(process.platform === "linux")("a start has glibc give memory back, or do as the operator says", () => {
  expect(memory({})).toBe("2 131072");
  expect(memory({ MALLOC_ARENA_MAX: "5" })).toBe("5 131072");
  expect(memory({ MALLOC_ARENA_MAX: "5", MALLOC_MMAP_THRESHOLD_: "1048576" })).toBe("5 1048576");
});

it("a parent keeps its channel to Houston", async () => {
  const child = spawn(process.execPath, [...flags, "--eval", "process.send('here')"], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    env: { PATH: process.env.PATH },
  });
  const ended = once(child, "exit");
  const [heard] = await Promise.race([once(child, "message"), ended]);
  expect(heard).toBe("here");
  await ended;
});

it("the image starts Houston as npm start does", async () => {
  const [, command = ""] = /^CMD (.*)$/m.exec(await readFile("Dockerfile", "utf8")) ?? [];
  expect(JSON.parse(command).join(" ")).toBe(manifest.scripts.start);
});
