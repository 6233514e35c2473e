/** What each template may say. Every value is text for people; `link` is the whole address. */
export interface MailData {
  /** `scopeName` is the label of the Workspace or the name of the platform. */
  invite: { inviterName: string; scopeName: string; roleName: string; link: string; expiresIn: string };
  confirm: { name: string; link: string; expiresIn: string };
  reset: { name: string; link: string; expiresIn: string };
}

/** The mails we send. */
export type MailTemplate = keyof MailData;

/** One mail to one address. */
export type Mail = { [T in MailTemplate]: { template: T; to: string; data: MailData[T] } }[MailTemplate];

/** The placeholders that a template may use. */
export const placeholders: { readonly [T in MailTemplate]: readonly (keyof MailData[T])[] } = {
  invite: ["inviterName", "scopeName", "roleName", "link", "expiresIn"],
  confirm: ["name", "link", "expiresIn"],
  reset: ["name", "link", "expiresIn"],
};

/** Payload of the job "sendMail". Mails hold tokens, so the job table holds them encrypted. */
export interface MailPayload {
  /** Key of the job, and what the Message-ID is made of. */
  id: string;
  /** A `Mail` as JSON, sealed. */
  sealed: string;
}

/** What sealed mails are bound to. */
export const BOUND_TO = "mail";
