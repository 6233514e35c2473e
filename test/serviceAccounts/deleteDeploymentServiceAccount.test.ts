import { describe } from "vitest";
import { testHouston } from "../support/houston.ts";
import { itDeletes } from "./shared.ts";

const houston = await testHouston();

const DELETE = `mutation ($id: Uuid!, $home: Uuid!) {
  deleteDeploymentServiceAccount(serviceAccountUuid: $id, deploymentUuid: $home) { id label roleBindings { role } }
}`;

describe("deleteDeploymentServiceAccount", () => {
  itDeletes(houston, "Deployment", "deleteDeploymentServiceAccount", DELETE);
});
