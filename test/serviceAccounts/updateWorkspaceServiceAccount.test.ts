import { describe } from "vitest";
import { testHouston } from "../support/houston.ts";
import { itUpdates } from "./shared.ts";

const houston = await testHouston();

const UPDATE = `mutation ($id: Uuid!, $home: Uuid!, $payload: JSON!) {
  updateWorkspaceServiceAccount(serviceAccountUuid: $id, workspaceUuid: $home, payload: $payload) { id label category }
}`;

describe("updateWorkspaceServiceAccount", () => {
  itUpdates(houston, "Workspace", "updateWorkspaceServiceAccount", UPDATE);
});
