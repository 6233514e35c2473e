import { describe } from "vitest";
import { testHouston } from "../support/houston.ts";
import { itLists } from "./shared.ts";

const houston = await testHouston();

const LIST = `query ($home: Uuid!) {
  deploymentServiceAccounts(deploymentUuid: $home) { id label apiKey entityType roleBindings { role deployment { id } } }
}`;

describe("deploymentServiceAccounts", () => {
  itLists(houston, "Deployment", "deploymentServiceAccounts", LIST);
});
