/** The values of each template, all plain text; `link` is a complete URL. */
export interface MailData {
  /** `scopeName` is the label of the Workspace or the name of the platform. */
  invite: { inviterName: string; scopeName: string; roleName: string; link: string; expiresIn: string };
  confirm: { name: string; link: string; expiresIn: string };
  reset: { name: string; link: string; expiresIn: string };
}

/** The e-mails we send. */
export type MailTemplate = keyof MailData;

/** One e-mail to one address. */
export type Mail = { [T in MailTemplate]: { template: T; to: string; data: MailData[T] } }[MailTemplate];

/** The placeholders that a template may use. */
export const placeholders: { readonly [T in MailTemplate]: readonly (keyof MailData[T])[] } = {
  invite: ["inviterName", "scopeName", "roleName", "link", "expiresIn"],
  confirm: ["name", "link", "expiresIn"],
  reset: ["name", "link", "expiresIn"],
};

/** Payload of the job "sendMail". E-mails contain tokens, so they are encrypted in the job table. */
export interface MailPayload {
  /** Key of the job, and part of the Message-ID. */
  id: string;
  /** A `Mail` as encrypted JSON. */
  sealed: string;
}

/** The context that encrypted e-mails are bound to. */
export const BOUND_TO = "mail";
