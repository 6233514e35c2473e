import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { imageSettings } from "../../bench/imageSettings.ts";
import manifest from "../../package.json" with { type: "json" };

it("npm start runs the program and nothing else", () => {
  expect(manifest.scripts.start).toBe("node src/main.ts");
});

it("the image runs the program of npm start, with settings that Node accepts", () => {
  const { env, flags, program } = imageSettings();
  expect(program).toBe("src/main.ts");
  const node = (variables: Record<string, string>) =>
    spawnSync(process.execPath, [...flags, "--eval", "process.exit(0)"], {
      encoding: "utf8",
      env: { PATH: process.env.PATH, ...variables },
    });
  expect(node(env)).toMatchObject({ status: 0, stderr: "" });
  // What Node does not know, it says: the line above would fail.
  expect(node({ ...env, NODE_OPTIONS: `${env.NODE_OPTIONS} --unknown-setting=1` })).toMatchObject({ status: 9 });
});

// glibc says nothing about a name that it does not know.
it("the image sets what glibc knows", () => {
  const names = Object.keys(imageSettings().env).filter((name) => name.startsWith("MALLOC_"));
  expect(["MALLOC_ARENA_MAX", "MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_"]).toEqual(
    expect.arrayContaining(names),
  );
});

it("docs/tuning.md names every setting of the image", () => {
  const { env, flags } = imageSettings();
  const page = readFileSync("docs/tuning.md", "utf8");
  const settings = [...flags, ...Object.entries(env).map(([name, value]) => `${name}=${value}`)];
  expect(settings.filter((setting) => !page.includes(setting))).toEqual([]);
});
