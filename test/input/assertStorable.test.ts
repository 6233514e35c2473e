import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";

const { as, build, db } = await testHouston();

const UPDATE = `mutation ($id: Uuid!, $payload: JSON!) { updateWorkspace(workspaceUuid: $id, payload: $payload) { id } }`;

describe("arguments that the database cannot store", () => {
  it.each([
    ["a NUL character", { label: "a\0b" }, "payload.label: must not contain a NUL character"],
    ["a NUL character in a key", { "a\0b": 1 }, "payload: must not contain a NUL character"],
    [
      "half a surrogate pair",
      { label: "\ud800" },
      "payload.label: must be valid Unicode; it contains an unpaired surrogate",
    ],
    [
      "deep JSON",
      JSON.parse(`${'{"a":'.repeat(60)}1${"}".repeat(60)}`),
      "payload: may be nested at most 32 levels deep",
    ],
  ])("are rejected by name: %s", async (_, payload, message) => {
    const { workspace, admin } = await build.workspace();
    const { errors } = await as(admin).send(UPDATE, { id: workspace.id, payload });
    expect(errors).toMatchObject([{ message, extensions: { code: "BAD_USER_INPUT" } }]);
    expect((await db.workspace.findUniqueOrThrow({ where: { id: workspace.id } })).label).toBe(workspace.label);
  });

  it("are rejected in public fields too", async () => {
    const { errors } = await as(undefined).send(`mutation { forgotPassword(email: "a\\u0000@example.com") }`);
    expect(errors).toMatchObject([{ message: "email: must not contain a NUL character" }]);
  });
});
