import { describe } from "vitest";
import { testHouston } from "../support/houston.ts";
import { itReads } from "./shared.ts";

const houston = await testHouston();

const READ = `query ($id: Uuid!, $home: Uuid!) {
  workspaceServiceAccount(serviceAccountUuid: $id, workspaceUuid: $home) { id uuid label apiKey entityUuid }
}`;

describe("workspaceServiceAccount", () => {
  itReads(houston, "Workspace", "workspaceServiceAccount", READ);
});
