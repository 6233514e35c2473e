import { describe } from "vitest";
import { testHouston } from "../support/houston.ts";
import { itUpdates } from "./shared.ts";

const houston = await testHouston();

const UPDATE = `mutation ($id: Uuid!, $home: Uuid!, $payload: JSON) {
  updateDeploymentServiceAccount(serviceAccountUuid: $id, deploymentUuid: $home, payload: $payload) { id label category }
}`;

describe("updateDeploymentServiceAccount", () => {
  itUpdates(houston, "Deployment", "updateDeploymentServiceAccount", UPDATE);
});
