import { describe } from "vitest";
import { testHouston } from "../support/houston.ts";
import { itReads } from "./shared.ts";

const houston = await testHouston();

const READ = `query ($id: Uuid!, $home: Uuid!) {
  deploymentServiceAccount(serviceAccountUuid: $id, deploymentUuid: $home) { id uuid label apiKey entityUuid }
}`;

describe("deploymentServiceAccount", () => {
  itReads(houston, "Deployment", "deploymentServiceAccount", READ);
});
