import type { MailData } from "../../platform/mail/mail.ts";
import { plainLabel } from "../../platform/mail/plainLabel.ts";
import type { Alert } from "./alertReport.ts";

/** Alerts that an e-mail lists one by one. */
const MAX_LISTED = 20;

/** The Deployment that alerts are about. */
export interface AlertedDeployment {
  label: string;
  releaseName: string;
  workspace: { label: string };
}

/** The alerts of a group that fire now, and those that are resolved since the last e-mail. */
export interface ToldAlerts {
  firing: readonly Alert[];
  resolved: readonly Alert[];
}

/** What an e-mail to the recipients of a Deployment says. */
export const alertMail = (
  { label, releaseName, workspace }: AlertedDeployment,
  alerts: ToldAlerts,
): MailData["alert"] => ({
  ...told(alerts),
  deploymentLabel: plainLabel(label, "without a label"),
  releaseName,
  workspaceLabel: plainLabel(workspace.label, "without a label"),
});

/** What an e-mail about the platform says. */
export const platformAlertMail = (platformName: string, alerts: ToldAlerts): MailData["platformAlert"] => ({
  ...told(alerts),
  platformName,
});

function told({ firing, resolved }: ToldAlerts) {
  const state = firing.length > 0 ? "firing" : "resolved";
  const about = firing.length > 0 ? firing : resolved;
  const lines = [
    ...firing.map((alert) => lineOf("Firing", alert)),
    ...resolved.map((alert) => lineOf("Resolved", alert)),
  ];
  const further = lines.length - MAX_LISTED;
  return {
    state,
    summary: `${[...new Set(about.map(nameOf))].slice(0, 3).join(", ")} ${state === "firing" ? "is firing" : "is resolved"}`,
    alerts: [...lines.slice(0, MAX_LISTED), ...(further > 0 ? [`and ${further} more`] : [])],
  };
}

const nameOf = ({ labels }: Alert) => labels.alertname ?? "An alert";

function lineOf(state: string, alert: Alert): string {
  const { summary, description } = alert.annotations;
  const severity = alert.labels.severity ? ` (${alert.labels.severity})` : "";
  const about = [...new Set([summary, description])].filter(Boolean).join(" – ");
  return `${state}: ${nameOf(alert)}${severity}, since ${alert.startsAt}${about ? `: ${about}` : ""}`;
}
