import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { startArguments } from "../support/npmStart.ts";

/** The flags of `npm start`, for another program. */
const flags = startArguments.slice(0, -1);

/** The glibc memory settings of a process started with these variables. */
const memory = (env: Record<string, string>) =>
  execFileSync(
    process.execPath,
    [...flags, "--print", "process.env.MALLOC_ARENA_MAX + ' ' + process.env.MALLOC_MMAP_THRESHOLD_"],
    { encoding: "utf8", env: { PATH: process.env.PATH, ...env } },
  ).trim();

it.runIf(process.platform === "linux")("npm start makes glibc return memory, unless the operator configures it", () => {
  expect(memory({})).toBe("2 131072");
  expect(memory({ MALLOC_ARENA_MAX: "5" })).toBe("5 131072");
  expect(memory({ MALLOC_ARENA_MAX: "5", MALLOC_MMAP_THRESHOLD_: "1048576" })).toBe("5 1048576");
});

it("npm start keeps the IPC channel of a parent process", async () => {
  const child = spawn(process.execPath, [...flags, "--eval", "process.send('here')"], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    env: { PATH: process.env.PATH },
  });
  const ended = once(child, "exit");
  const [message] = await Promise.race([once(child, "message"), ended]);
  expect(message).toBe("here");
  await ended;
});

it("the image starts Houston as npm start does", async () => {
  const [, command = ""] = /^CMD (.*)$/m.exec(await readFile("Dockerfile", "utf8")) ?? [];
  expect(JSON.parse(command).join(" ")).toBe(manifest.scripts.start);
});
