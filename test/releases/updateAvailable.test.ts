import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { createApp } from "../../src/app.ts";
import { configFrom } from "../../src/platform/config/config.ts";
import { testHouston } from "../support/houston.ts";

const folder = mkdtempSync(join(tmpdir(), "houston-platform-"));
afterAll(() => rmSync(folder, { recursive: true }));

function fileOf(name: string, content: unknown) {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify(content));
  return path;
}

const releases = fileOf("platform.json", {
  available_releases: [
    {
      version: "0.38.0",
      releaseDate: "2026-03-04",
      level: "new_feature",
      url: "https://example.com",
      description: "New",
    },
    { version: "0.39.0", channel: "deprecated" },
    { version: "0.36.0" },
  ],
});

const { as, build } = await testHouston({ platformReleasesFile: releases });

const AVAILABLE = "{ updateAvailable { version url level description releaseDate } }";

describe("updateAvailable", () => {
  it("returns the latest release after the platform's version", async () => {
    const viewer = await build.user({ roles: [{ role: "SYSTEM_VIEWER" }] });
    const { data, errors } = await as(viewer).send(AVAILABLE);
    expect(errors).toBeUndefined();
    expect(data.updateAvailable).toEqual({
      version: "0.38.0",
      url: "https://example.com",
      level: "new_feature",
      description: "New",
      releaseDate: "2026-03-04T00:00:00.000Z",
    });
  });

  it("returns null when there is no later release", async () => {
    for (const given of [{}, { platformReleasesFile: releases, helm: { releaseVersion: "0.38.0" } }]) {
      const { as, build } = await testHouston(given);
      const { data, errors } = await as(await build.systemAdmin()).send(AVAILABLE);
      expect(errors).toBeUndefined();
      expect(data).toEqual({ updateAvailable: null });
    }
  });

  it("denies users without a system role and anonymous callers", async () => {
    const { admin } = await build.workspace();
    for (const someone of [admin, undefined]) {
      const { errors } = await as(someone).send(AVAILABLE);
      expect(errors).toMatchObject([{ message: "You do not have the appropriate permissions for that" }]);
    }
  });

  it("stops the start when its file is invalid", async () => {
    const config = configFrom({ platformReleasesFile: fileOf("wrong.json", { releases: [] }) });
    await expect(createApp(config)).rejects.toThrow(/platformReleasesFile: cannot be used/);
  });
});
