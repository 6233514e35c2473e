import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build, db } = await testHouston();

const CHANGE = (field: string) => `mutation ($workspaceUuid: Uuid!, $billingEmail: String!, $token: String!) {
  ${field}(workspaceUuid: $workspaceUuid, billingEmail: $billingEmail, company: "Blue", token: $token) { name last4 }
}`;
const documents = {
  card: `query ($workspaceUuid: Uuid!) { card(workspaceUuid: $workspaceUuid, stripeCustomerId: "cus_1") { name last4 } }`,
  addCard: CHANGE("addCard"),
  updateCard: CHANGE("updateCard"),
};
const given = { billingEmail: "bills@example.com", token: "tok_secret" };

describe.each(Object.entries(documents))("%s", (field, document) => {
  it("reports that no payment service is connected, and stores nothing", async () => {
    const { workspace } = await build.workspace();
    const answer = await as(await build.systemAdmin()).send(document, { workspaceUuid: workspace.id, ...given });
    expect(answer.status).toBe(200);
    expect(answer.data[field]).toBeNull();
    expect(outcomeOf(answer)).toBe("BILLING_NOT_CONFIGURED");
    expect(await db.workspace.findUniqueOrThrow({ where: { id: workspace.id } })).toEqual(workspace);
  });

  it("denies Workspace Admins and anonymous callers first", async () => {
    const { workspace, admin } = await build.workspace();
    const variables = { workspaceUuid: workspace.id, ...given };
    expect(outcomeOf(await as(admin).send(document, variables))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(undefined).send(document, variables))).toBe("UNAUTHENTICATED");
  });

  it("returns NOT_FOUND to a System Admin for an unknown Workspace", async () => {
    const answer = await as(await build.systemAdmin()).send(document, { workspaceUuid: "nowhere", ...given });
    expect(outcomeOf(answer)).toBe("NOT_FOUND workspaceUuid");
  });
});
