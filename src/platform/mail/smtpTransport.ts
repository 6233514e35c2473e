import { createTransport } from "nodemailer";
import type { Config } from "../config/config.ts";

/** Time an SMTP server has to accept a connection, to greet, and to respond to each command. In ms. */
const timeouts = { dnsTimeout: 10_000, connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 30_000 };

/**
 * The connection serves several e-mails, because opening one can take longer than all else, and is closed after half a
 * second without any.
 */
const pooled = { pool: true, maxConnections: 1, idleTimeout: 500 } as const;

/** True if e-mails are sent to a server; otherwise they are written to files, and nobody receives them. */
export const reachesRecipients = ({ enabled, smtpUrl, smtp }: Config["email"]): boolean =>
  enabled && Boolean(smtpUrl || (smtp.enabled && smtp.host));

/** An SMTP transport, or undefined if e-mail is disabled or no server is configured. */
export function smtpTransport(email: Config["email"]) {
  if (!reachesRecipients(email)) return undefined;
  const { smtpUrl, smtp } = email;
  if (smtpUrl) return createTransport({ ...timeouts, ...pooled, tls: smtp.tls, url: smtpUrl });
  const { user, pass } = smtp.auth;
  return createTransport({
    ...timeouts,
    ...pooled,
    host: smtp.host ?? "",
    ...(smtp.port === null ? {} : { port: smtp.port }),
    secure: smtp.secure,
    tls: smtp.tls,
    ...(user ? { auth: { user, pass: pass ?? "" } } : {}),
  });
}
