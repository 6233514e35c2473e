import { describe } from "vitest";
import { testHouston } from "../support/houston.ts";
import { itDeletes } from "./shared.ts";

const houston = await testHouston();

const DELETE = `mutation ($id: Uuid!, $home: Uuid!) {
  deleteWorkspaceServiceAccount(serviceAccountUuid: $id, workspaceUuid: $home) { id label roleBindings { role } }
}`;

describe("deleteWorkspaceServiceAccount", () => {
  itDeletes(houston, "Workspace", "deleteWorkspaceServiceAccount", DELETE);
});
