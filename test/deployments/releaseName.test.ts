import { describe, expect, it } from "vitest";
import { newReleaseName } from "../../src/services/deployments/lifecycle/releaseName.ts";

describe("newReleaseName", () => {
  it.each([52, 20, 14])("returns adjective-noun-NNNN of at most %i characters", (most) => {
    for (let i = 0; i < 200; i += 1) {
      const name = newReleaseName(most);
      expect(name).toMatch(/^[a-z]+-[a-z]+-[1-9]\d{3}$/);
      expect(name.length).toBeLessThanOrEqual(most);
    }
  });

  it("names the setting that leaves no room for a name", () => {
    expect(() => newReleaseName(9)).toThrow(/helm\.releaseNamespace is too long/);
  });
});
