import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { countStatements } from "../support/countStatements.ts";
import { testHouston } from "../support/houston.ts";
import { createMailbox } from "../support/mailbox.ts";

const secret = randomBytes(32).toString("hex");
const mailbox = createMailbox();
const { url, operationsUrl, build, db } = await testHouston({
  alertmanager: { authHeader: secret },
  email: { folder: mailbox.folder },
});

const unique = () => randomBytes(4).toString("hex");

function alert(
  deployment: string,
  given: { status?: string; fingerprint?: string; startsAt?: string; name?: string } = {},
) {
  const {
    status = "firing",
    fingerprint = unique(),
    startsAt = "2026-11-29T08:00:00Z",
    name = "SchedulerUnhealthy",
  } = given;
  return {
    ...{ status, fingerprint, startsAt, endsAt: "0001-01-01T00:00:00Z", generatorURL: "http://prometheus/graph" },
    labels: { alertname: name, deployment, severity: "critical", tier: "airflow" },
    annotations: { summary: "The scheduler is unhealthy", description: "No heartbeat for 5 minutes" },
  };
}

const report = (groupKey: string, alerts: object[]) => ({
  ...{ version: "4", groupKey, truncatedAlerts: 0, status: "firing", receiver: "houston", externalURL: "http://a" },
  ...{ groupLabels: {}, commonLabels: {}, commonAnnotations: {}, alerts, somethingNew: true },
});

const send = (body: unknown, to = operationsUrl, headers: Record<string, string> = {}) =>
  fetch(`${to}/v1/alerts`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });

async function withRecipients(count = 1) {
  const emails = Array.from({ length: count }, () => `${unique()}@example.com`);
  const { deployment } = await build.deployment({ alertEmails: emails });
  const mails = async (n = 0) => {
    await mailbox.settled(db);
    return (await mailbox.mails("alert", emails[n] ?? "")).map(({ subject, text }) => ({ subject, text: text ?? "" }));
  };
  return { deployment, name: deployment.releaseName, mails, emails };
}

describe("POST /v1/alerts", () => {
  it("mails a group to all addresses of its Deployment, once for each state", async () => {
    const { deployment, name, mails } = await withRecipients(2);
    const firing = alert(name);
    const key = unique();
    for (let n = 0; n < 3; n++) expect((await send(report(key, [firing]))).status).toBe(204);
    for (const n of [0, 1]) {
      const [mail, ...more] = await mails(n);
      expect(more).toEqual([]);
      expect(mail?.subject).toBe(`[firing] ${deployment.label}: SchedulerUnhealthy is firing`);
      expect(mail?.text).toContain("Firing: SchedulerUnhealthy (critical), since 2026-11-29T08:00:00Z");
      expect(mail?.text).toContain("The scheduler is unhealthy – No heartbeat for 5 minutes");
    }
    for (let n = 0; n < 2; n++) await send(report(key, [{ ...firing, status: "resolved" }]));
    const [, resolved, ...more] = await mails();
    expect(more).toEqual([]);
    expect(resolved?.subject).toBe(`[resolved] ${deployment.label}: SchedulerUnhealthy is resolved`);
    await send(report(key, [{ ...firing, startsAt: "2026-11-29T09:00:00Z" }]));
    expect(await mails()).toHaveLength(3);
  });

  it("mails again when another alert of the group fires, and once what two Alertmanagers report", async () => {
    const { name, mails } = await withRecipients();
    const [one, other, key] = [alert(name), alert(name, { name: "PodQuota" }), unique()];
    await Promise.all(Array.from({ length: 10 }, () => send(report(key, [one]))));
    expect(await mails()).toHaveLength(1);
    await Promise.all([send(report(key, [one, other])), send(report(key, [one, other]))]);
    const [, second, ...more] = await mails();
    expect(more).toEqual([]);
    expect(second?.text).toMatch(/Firing: SchedulerUnhealthy[\s\S]*Firing: PodQuota/);
    await send(report(key, [{ ...one, status: "resolved" }, other]));
    expect((await mails()).at(-1)?.text).toMatch(/Firing: PodQuota[\s\S]*Resolved: SchedulerUnhealthy/);
  });

  it("keeps Deployments and groups apart", async () => {
    const [a, b] = [await withRecipients(), await withRecipients()];
    const key = unique();
    await send(report(key, [alert(a.name), alert(b.name)]));
    await send(report(unique(), [alert(a.name)]));
    expect([(await a.mails()).length, (await b.mails()).length]).toEqual([2, 1]);
    expect((await b.mails())[0]?.text).not.toContain(a.name);
  });

  it("passes over unknown and deleted Deployments, those without addresses, and what was resolved unheard", async () => {
    const { name, mails, deployment } = await withRecipients();
    const silent = await build.deployment();
    const platform = { ...alert(name), labels: { alertname: "NodeDown", tier: "platform" } };
    const alerts = [
      alert("unknown-1234"),
      alert(silent.deployment.releaseName),
      platform,
      alert(name, { status: "resolved" }),
    ];
    expect((await send(report(unique(), alerts))).status).toBe(204);
    await db.deployment.update({ where: { id: deployment.id }, data: { deletedAt: new Date() } });
    expect((await send(report(unique(), [alert(name)]))).status).toBe(204);
    expect(await mails()).toEqual([]);
    expect(await db.alertGroup.count({ where: { deploymentId: deployment.id } })).toBe(0);
  });

  it("mails what belongs to no Deployment to every active System Admin, once for each state", async () => {
    const house = await testHouston({ email: { folder: mailbox.folder }, appSubName: "Blue" });
    const { admin } = await house.build.deployment();
    const [one, pending] = [await house.build.systemAdmin(), await house.build.systemAdmin()];
    await house.db.user.update({ where: { id: pending.id }, data: { status: "pending" } });
    const { member } = await house.build.team({ roles: [{ role: "SYSTEM_ADMIN" }] });
    const { labels: _, ...rest } = alert("");
    const nodeDown = { ...rest, labels: { alertname: "NodeDown", tier: "platform", severity: "critical" } };
    const key = unique();
    const post = (alerts: object[]) => send(report(key, alerts), house.operationsUrl);
    await Promise.all(Array.from({ length: 5 }, () => post([nodeDown])));
    for (const status of ["firing", "resolved", "resolved"]) await post([{ ...nodeDown, status }]);
    await mailbox.settled(house.db);
    const mailsTo = (someone: { email: string }) => mailbox.mails("platformAlert", someone.email);
    for (const someone of [one, member]) {
      const mails = await mailsTo(someone);
      expect(mails.map(({ subject }) => subject)).toEqual([
        "[firing] Blue: NodeDown is firing",
        "[resolved] Blue: NodeDown is resolved",
      ]);
      expect(mails[0]?.text).toContain("Firing: NodeDown (critical), since");
    }
    for (const someone of [admin, pending]) expect(await mailsTo(someone)).toEqual([]);
    expect(await house.db.platformAlertGroup.count()).toBe(0);
  });

  it("mails them to alertmanager.recipients instead, if there are any, by one statement", async () => {
    const recipients = Array.from({ length: 50 }, () => `${unique()}@example.com`);
    const house = await testHouston({ email: { folder: mailbox.folder }, alertmanager: { recipients } });
    const admin = await house.build.systemAdmin();
    const { result, statements } = await countStatements(() =>
      send(report(unique(), [alert("")]), house.operationsUrl),
    );
    expect(result.status).toBe(204);
    expect(statements.filter((text) => text.includes("add_job"))).toHaveLength(1);
    await mailbox.settled(house.db);
    for (const to of recipients) expect(await mailbox.mails("platformAlert", to)).toHaveLength(1);
    expect(await mailbox.mails("platformAlert", admin.email)).toEqual([]);
  });

  it("takes large groups, lists 20 alerts and counts the others", async () => {
    const { name, mails } = await withRecipients();
    const annotations = { summary: "s".repeat(2_000), description: "<b>d</b>" };
    const many = Array.from({ length: 1_000 }, () => ({ ...alert(name), annotations }));
    expect((await send(report(unique(), many))).status).toBe(204);
    const [mail] = await mails();
    expect(mail?.text.match(/Firing: /g)).toHaveLength(20);
    expect(mail?.text).toContain("and 980 more");
    expect(mail?.text.length).toBeLessThan(15_000);
  });

  it("needs the secret on the port that clients reach, before the body is read", async () => {
    const { name, mails } = await withRecipients();
    const body = report(unique(), [alert(name)]);
    for (const authorization of ["", "Bearer x", (await build.systemAdmin()).token]) {
      expect((await send(body, url, { authorization })).status).toBe(401);
    }
    expect((await send("{", url)).status).toBe(401);
    expect(await mails()).toEqual([]);
    expect((await send(body, url, { authorization: `Bearer ${secret}` })).status).toBe(204);
    expect(await mails()).toHaveLength(1);
    const open = await testHouston();
    expect((await send(body, open.url)).status).toBe(404);
  });

  it("rejects what is not an alert by name", async () => {
    for (const [body, message] of [
      ["{", /JSON/],
      [{}, /version/],
      [report("", []), /groupKey/],
      [{ ...report("k", []), alerts: {} }, /alerts/],
      [report("k", [{ ...alert("x"), status: "odd" }]), /status: must be firing or resolved/],
    ] as const) {
      const response = await send(body);
      expect([response.status, (await response.json()).message]).toEqual([400, expect.stringMatching(message)]);
    }
  });

  it("answers 5xx, and stores nothing, while it cannot store the alerts", async () => {
    const { name, mails, deployment } = await withRecipients();
    const body = report(unique(), [alert(name)]);
    await db.$executeRaw`ALTER TABLE "AlertGroup" RENAME TO "AlertGroupGone"`;
    expect((await send(body)).status).toBeGreaterThanOrEqual(500);
    await db.$executeRaw`ALTER TABLE "AlertGroupGone" RENAME TO "AlertGroup"`;
    expect(await db.alertGroup.count({ where: { deploymentId: deployment.id } })).toBe(0);
    expect((await send(body)).status).toBe(204);
    expect(await mails()).toHaveLength(1);
  });
});
