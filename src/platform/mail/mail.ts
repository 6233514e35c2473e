/** The values of each template, all plain text: one line, or a list of lines. `link` is a complete URL. */
export interface MailData {
  /** `scopeName` is the label of the Workspace (`plainLabel`) or the name of the platform. */
  invite: { inviterName: string; scopeName: string; roleName: string; link: string; expiresIn: string };
  /** To someone whom an Organization's Owner signed up. */
  join: { inviterName: string; organizationName: string; roleName: string; link: string; expiresIn: string };
  confirm: { name: string; link: string; expiresIn: string };
  reset: { name: string; link: string; expiresIn: string };
  /** For the owner of an address that somebody signed up with again; `link` sets a new password. */
  exists: { name: string; link: string; expiresIn: string };
  /** To the owner of an address, whose account had a password before the address was proven. */
  password: { name: string; link: string; expiresIn: string };
  /** To the recipients of a Deployment's alerts. `state` is "firing" or "resolved", `alerts` has one line for each. */
  alert: {
    state: string;
    summary: string;
    deploymentLabel: string;
    releaseName: string;
    workspaceLabel: string;
    alerts: string[];
  };
  /** About the platform itself, to `alertmanager.recipients` or the System Admins. */
  platformAlert: { state: string; summary: string; platformName: string; alerts: string[] };
}

/** The e-mails we send. */
export type MailTemplate = keyof MailData;

/** One e-mail to one address. */
export type Mail = { [T in MailTemplate]: { template: T; to: string; data: MailData[T] } }[MailTemplate];

/** The placeholders that a template may use. */
export const placeholders: { readonly [T in MailTemplate]: readonly (keyof MailData[T])[] } = {
  invite: ["inviterName", "scopeName", "roleName", "link", "expiresIn"],
  join: ["inviterName", "organizationName", "roleName", "link", "expiresIn"],
  confirm: ["name", "link", "expiresIn"],
  reset: ["name", "link", "expiresIn"],
  exists: ["name", "link", "expiresIn"],
  password: ["name", "link", "expiresIn"],
  alert: ["state", "summary", "deploymentLabel", "releaseName", "workspaceLabel", "alerts"],
  platformAlert: ["state", "summary", "platformName", "alerts"],
};

/** Payload of the job "sendMail". E-mails contain tokens, so they are encrypted in the job table. */
export interface MailPayload {
  /** Key of the job, and part of the Message-ID. */
  id: string;
  /** A `Mail` as encrypted JSON. */
  sealed: string;
}

/** The context that encrypted e-mails are bound to. */
export const MAIL_SECRET = "mail";
