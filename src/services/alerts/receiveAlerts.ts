import type { Services } from "../../access/context.ts";
import type { Prisma } from "../../generated/prisma/client.ts";
import { parse } from "../../platform/errors/parse.ts";
import type { Mail } from "../../platform/mail/mail.ts";
import { queueMails } from "../../platform/mail/queueMail.ts";
import { hashOf } from "../../platform/secrets/tokens.ts";
import { type AlertGroup, deploymentGroup, platformGroup } from "./alertGroup.ts";
import { alertMail, platformAlertMail, type ToldAlerts } from "./alertMail.ts";
import { type Alert, AlertReport } from "./alertReport.ts";
import { platformRecipients } from "./platformRecipients.ts";

type Parts = Pick<Services, "db" | "secrets" | "config">;

/**
 * Mails alerts to the addresses of the Deployment whose release name is in the label `deployment`, and those without that
 * label to `platformRecipients`: one e-mail for each group of Alertmanager's and each change of what fires in it, however
 * often that is reported, and by however many Alertmanagers. Alerts of unknown Deployments are passed over. Returns once the
 * e-mails are stored.
 */
export async function receiveAlerts(parts: Parts, body: unknown): Promise<void> {
  const { groupKey, alerts } = parse(AlertReport, body);
  const groupHash = hashOf(groupKey);
  const byRelease = Map.groupBy(alerts, ({ labels }) => labels.deployment ?? "");
  for (const [releaseName, own] of byRelease) {
    await parts.db.$transaction(async (tx) => {
      const mails =
        releaseName === ""
          ? await platformMails(parts, tx, groupHash, own)
          : await deploymentMails(tx, releaseName, groupHash, own);
      await queueMails(parts, tx, mails);
    });
  }
}

async function deploymentMails(
  tx: Prisma.TransactionClient,
  releaseName: string,
  groupHash: string,
  alerts: readonly Alert[],
): Promise<Mail[]> {
  const deployment = await tx.deployment.findFirst({
    where: { releaseName, deletedAt: null },
    select: { id: true, label: true, releaseName: true, alertEmails: true, workspace: { select: { label: true } } },
  });
  if (!deployment || deployment.alertEmails.length === 0) return [];
  const told = await tell(deploymentGroup(tx, { deploymentId: deployment.id, groupHash }), alerts);
  if (!told) return [];
  const data = alertMail(deployment, told);
  return deployment.alertEmails.map((to) => ({ template: "alert", to, data }));
}

async function platformMails(
  { config }: Parts,
  tx: Prisma.TransactionClient,
  groupHash: string,
  alerts: readonly Alert[],
): Promise<Mail[]> {
  const recipients = await platformRecipients(tx, config);
  if (recipients.length === 0) return [];
  const told = await tell(platformGroup(tx, groupHash), alerts);
  if (!told) return [];
  const data = platformAlertMail(config.appSubName, told);
  return recipients.map((to) => ({ template: "platformAlert", to, data }));
}

/** Stores what the recipients of a group are told now; undefined if that is nothing new. */
async function tell(group: AlertGroup, alerts: readonly Alert[]): Promise<ToldAlerts | undefined> {
  const firing = { ...(await group.lock()) };
  const isNew = ({ fingerprint, startsAt }: Alert) => firing[fingerprint] !== startsAt;
  const begun = alerts.filter((alert) => alert.status === "firing" && isNew(alert));
  // Not what nobody was told of.
  const resolved = alerts.filter(
    ({ status, fingerprint }) => status === "resolved" && Object.hasOwn(firing, fingerprint),
  );
  for (const { fingerprint, startsAt } of begun) firing[fingerprint] = startsAt;
  for (const { fingerprint } of resolved) delete firing[fingerprint];
  if (Object.keys(firing).length === 0) await group.remove();
  else await group.store(firing);
  if (begun.length + resolved.length === 0) return undefined;
  return { firing: alerts.filter(({ status }) => status === "firing"), resolved };
}
