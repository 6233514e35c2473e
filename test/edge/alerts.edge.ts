import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { freePort } from "../../src/platform/database/embedded/postmaster.ts";
import { testHouston } from "../support/houston.ts";
import { createMailbox } from "../support/mailbox.ts";
import { startProgram } from "../support/program.ts";

const mailbox = createMailbox();
const { operationsUrl, build, db } = await testHouston({
  email: { folder: mailbox.folder },
  alertmanager: { recipients: ["platform@example.com"] },
});
const { deployment } = await build.deployment({ alertEmails: ["ops@example.com"] });

const folder = await mkdtemp(join(tmpdir(), "houston-alerts-"));
afterAll(() => rm(folder, { recursive: true, force: true }));

// JSON is YAML too.
const write = (name: string, content: object) => writeFile(join(folder, name), JSON.stringify(content));

/** A rule that fires as long as it is there, with the labels of the platform's rules. */
const rules = (deployments: readonly string[]) =>
  write("rules.yml", {
    groups: [
      {
        name: "airflow",
        rules: [
          ...deployments.map((name) => ({
            alert: "AirflowSchedulerUnhealthy",
            expr: "vector(1)",
            labels: { tier: "airflow", component: "scheduler", severity: "critical", deployment: name },
            annotations: { summary: `${name} scheduler is unhealthy`, description: "No heartbeat" },
          })),
          { alert: "NodeDown", expr: "vector(1)", labels: { tier: "platform", severity: "critical" } },
        ],
      },
    ],
  });

it("mails what the real Prometheus and Alertmanager find, and that it is resolved", { timeout: 200_000 }, async () => {
  const [prometheusPort, alertmanagerPort] = [await freePort(), await freePort()];
  await write("alertmanager.yml", {
    route: {
      receiver: "houston",
      group_by: ["deployment", "alertname"],
      ...{ group_wait: "1s", group_interval: "1s", repeat_interval: "1s" },
    },
    receivers: [{ name: "houston", webhook_configs: [{ url: `${operationsUrl}/v1/alerts`, send_resolved: true }] }],
  });
  await rules([deployment.releaseName]);
  await write("prometheus.yml", {
    global: { scrape_interval: "1s", evaluation_interval: "1s" },
    alerting: { alertmanagers: [{ static_configs: [{ targets: [`127.0.0.1:${alertmanagerPort}`] }] }] },
    rule_files: [join(folder, "rules.yml")],
  });
  const alertmanager = await startProgram(
    "prometheus-alertmanager",
    [
      `--config.file=${join(folder, "alertmanager.yml")}`,
      `--storage.path=${join(folder, "alertmanager")}`,
      `--web.listen-address=127.0.0.1:${alertmanagerPort}`,
      "--cluster.listen-address=",
    ],
    { url: `http://127.0.0.1:${alertmanagerPort}/-/ready` },
  );
  const prometheusUrl = `http://127.0.0.1:${prometheusPort}`;
  const prometheus = await startProgram(
    "prometheus",
    [
      `--config.file=${join(folder, "prometheus.yml")}`,
      `--storage.tsdb.path=${join(folder, "prometheus")}`,
      `--web.listen-address=127.0.0.1:${prometheusPort}`,
      "--web.enable-lifecycle",
      // A minute by default, also for what it found before it knew Alertmanager. An alert that is not reported again within
      // four times as long counts as resolved; Prometheus knows no Alertmanager for 5 s after each reload.
      "--rules.alert.resend-delay=5s",
    ],
    { url: `${prometheusUrl}/-/ready` },
  );
  try {
    const subjects = async () => (await mailbox.mails("alert", "ops@example.com")).map(({ subject }) => subject);
    const subject = (state: string) => `[${state}] ${deployment.label}: AirflowSchedulerUnhealthy is ${state}`;
    await expect.poll(subjects, { timeout: 60_000 }).toEqual([subject("firing")]);
    const [mail] = await mailbox.mails("alert", "ops@example.com");
    expect(mail?.text).toContain(`${deployment.releaseName} scheduler is unhealthy – No heartbeat`);
    const platform = async () =>
      (await mailbox.mails("platformAlert", "platform@example.com")).map((mail) => mail.subject);
    await expect.poll(platform).toEqual(["[firing] Houston: NodeDown is firing"]);
    // Reported again every 5 s in the meantime.
    await rules([]);
    expect((await fetch(`${prometheusUrl}/-/reload`, { method: "POST" })).status).toBe(200);
    await expect.poll(subjects, { timeout: 90_000 }).toEqual([subject("firing"), subject("resolved")]);
    await mailbox.settled(db);
    expect(await subjects()).toHaveLength(2);
    expect(await platform()).toHaveLength(1);
  } finally {
    await prometheus.stop();
    await alertmanager.stop();
  }
});
