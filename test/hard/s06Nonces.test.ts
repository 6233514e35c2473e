import { expect, it } from "vitest";
import { secretBox } from "../../src/platform/secrets/secretBox.ts";
import { testSecret } from "../support/app.ts";
import { countNonces } from "../support/countNonces.ts";
import { figures } from "../support/figures.ts";

const TIMES = 1_000_000;

it("S6: a million encryptions use a million nonces", { timeout: 300_000 }, () => {
  const began = performance.now();
  const different = countNonces(secretBox([testSecret]), TIMES);
  figures("S6", { encryptions: TIMES, nonces: different, ms: performance.now() - began });
  expect(different).toBe(TIMES);
});
