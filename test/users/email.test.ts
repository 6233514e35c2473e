import { describe, expect, it } from "vitest";
import { hashOf } from "../../src/platform/secrets/tokens.ts";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build, db } = await testHouston();

const EMAIL = `query ($where: EmailWhereUniqueInput!) {
  email(where: $where) { id address primary verified token user { id } }
}`;

const ada = await build.user({ email: "ada@example.com" });
const { id } = await db.email.update({
  where: { address: ada.email },
  data: { confirmTokenHash: hashOf("token of ada") },
});
const otherUser = await build.user();
const viewer = await build.user({ roles: [{ role: "SYSTEM_VIEWER" }] });

describe("email", () => {
  it.each([{ id }, { address: "ADA@example.com", id: "" }, { token: "token of ada" }])("finds %j", async (where) => {
    for (const someone of [ada, viewer]) {
      const { data } = await as(someone).send(EMAIL, { where });
      expect(data.email).toEqual({
        id,
        address: ada.email,
        primary: true,
        verified: true,
        token: null,
        user: { id: ada.id },
      });
    }
    expect(outcomeOf(await as(otherUser).send(EMAIL, { where }))).toBe("FORBIDDEN");
  });

  it("returns the same for an unknown address as for another user's", async () => {
    const where = { address: "nobody@example.com" };
    expect(outcomeOf(await as(otherUser).send(EMAIL, { where }))).toBe("FORBIDDEN");
    const { data, errors } = await as(viewer).send(EMAIL, { where });
    expect({ data, errors }).toEqual({ data: { email: null }, errors: undefined });
  });

  it.each([{}, { id: "", address: null }, { id, address: ada.email }])("rejects %j", async (where) => {
    expect(outcomeOf(await as(viewer).send(EMAIL, { where }))).toBe("BAD_USER_INPUT where");
  });

  it("denies anonymous callers, and service accounts without a system role", async () => {
    expect(outcomeOf(await as(undefined).send(EMAIL, { where: { id } }))).toBe("UNAUTHENTICATED");
    const { workspace } = await build.workspace();
    const account = await build.serviceAccount({ role: "WORKSPACE_ADMIN", workspaceId: workspace.id });
    expect(outcomeOf(await as(account).send(EMAIL, { where: { id } }))).toBe("FORBIDDEN");
  });
});
