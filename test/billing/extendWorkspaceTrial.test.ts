import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build, db } = await testHouston();

const EXTEND = `mutation ($workspaceUuid: Uuid!, $extraDays: Int!) {
  extendWorkspaceTrial(workspaceUuid: $workspaceUuid, extraDays: $extraDays) { id trialEndsAt }
}`;
const DAY = 24 * 60 * 60 * 1000;
const stored = async (id: string) => (await db.workspace.findUniqueOrThrow({ where: { id } })).trialEndsAt;

describe("extendWorkspaceTrial", () => {
  it("adds days to an end in the future", async () => {
    const { workspace } = await build.workspace();
    const end = new Date(Date.now() + 5 * DAY);
    await db.workspace.update({ where: { id: workspace.id }, data: { trialEndsAt: end } });
    const { data } = await as(await build.systemAdmin()).send(EXTEND, { workspaceUuid: workspace.id, extraDays: 365 });
    const later = new Date(end.getTime() + 365 * DAY);
    expect(data.extendWorkspaceTrial).toEqual({ id: workspace.id, trialEndsAt: later.toISOString() });
    expect(await stored(workspace.id)).toEqual(later);
  });

  it.each([null, new Date("2020-01-01T00:00:00Z")])(
    "adds days to the current time when the end was %s",
    async (trialEndsAt) => {
      const { workspace } = await build.workspace();
      await db.workspace.update({ where: { id: workspace.id }, data: { trialEndsAt } });
      const before = Date.now();
      await as(await build.systemAdmin()).send(EXTEND, { workspaceUuid: workspace.id, extraDays: 1 });
      const end = (await stored(workspace.id))?.getTime() ?? 0;
      expect(end).toBeGreaterThanOrEqual(before + DAY);
      expect(end).toBeLessThanOrEqual(Date.now() + DAY);
    },
  );

  it("adds the days of every concurrent request", async () => {
    const [{ workspace }, admin] = [await build.workspace(), await build.systemAdmin()];
    const end = new Date(Date.now() + 10 * DAY);
    await db.workspace.update({ where: { id: workspace.id }, data: { trialEndsAt: end } });
    const variables = { workspaceUuid: workspace.id, extraDays: 2 };
    await Promise.all(Array.from({ length: 5 }, () => as(admin).send(EXTEND, variables)));
    expect(await stored(workspace.id)).toEqual(new Date(end.getTime() + 10 * DAY));
  });

  it("denies Workspace Admins and anonymous callers", async () => {
    const { workspace, admin } = await build.workspace();
    const variables = { workspaceUuid: workspace.id, extraDays: 10 };
    expect(outcomeOf(await as(admin).send(EXTEND, variables))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(undefined).send(EXTEND, variables))).toBe("UNAUTHENTICATED");
    expect(await stored(workspace.id)).toBeNull();
  });

  it.each([0, -1, 366])("rejects %d days", async (extraDays) => {
    const { workspace } = await build.workspace();
    const answer = await as(await build.systemAdmin()).send(EXTEND, { workspaceUuid: workspace.id, extraDays });
    expect(outcomeOf(answer)).toBe("BAD_USER_INPUT extraDays");
    expect(await stored(workspace.id)).toBeNull();
  });
});
