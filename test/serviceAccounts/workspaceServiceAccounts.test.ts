import { describe } from "vitest";
import { testHouston } from "../support/houston.ts";
import { itLists } from "./shared.ts";

const houston = await testHouston();

const LIST = `query ($home: Uuid!) {
  workspaceServiceAccounts(workspaceUuid: $home) { id label apiKey entityType roleBindings { role workspace { id } } }
}`;

describe("workspaceServiceAccounts", () => {
  itLists(houston, "Workspace", "workspaceServiceAccounts", LIST);
});
