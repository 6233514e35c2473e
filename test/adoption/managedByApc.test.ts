import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";

const { as, build } = await testHouston();

const FLAGS = `query ($id: String!) {
  deployment(where: { id: $id }) { isAdopted adoptionLoggingManagedByApc adoptionRegistryManagedByApc }
}`;

describe("adoptionLoggingManagedByApc and adoptionRegistryManagedByApc", () => {
  it.each([
    ["true for a Deployment that the platform created", {}, [false, true, true]],
    ["false for an adopted one", { adoptedAt: new Date(), adoption: { crName: "airflow" } }, [true, false, false]],
    [
      "what was chosen at the adoption",
      { adoptedAt: new Date(), adoption: { useApcLogging: true, useApcRegistry: "yes" } },
      [true, true, false],
    ],
  ])("are %s", async (_, given, [isAdopted, logging, registry]) => {
    const { deployment, viewer } = await build.deployment(given);
    const { data } = await as(viewer).send(FLAGS, { id: deployment.id });
    expect(data.deployment).toEqual({
      isAdopted,
      adoptionLoggingManagedByApc: logging,
      adoptionRegistryManagedByApc: registry,
    });
  });
});
