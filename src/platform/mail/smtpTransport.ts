import { createTransport } from "nodemailer";
import type { Config } from "../config/config.ts";

/** Time an SMTP server has to accept a connection, to greet, and to respond to each command. In ms. */
const timeouts = { dnsTimeout: 10_000, connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 30_000 };

/** An SMTP transport with one connection per e-mail, or undefined if e-mail is disabled or no server is configured. */
export function smtpTransport({ enabled, smtpUrl, smtp }: Config["email"]) {
  if (!enabled) return undefined;
  if (smtpUrl) return createTransport({ ...timeouts, tls: smtp.tls, url: smtpUrl });
  if (!smtp.enabled || !smtp.host) return undefined;
  const { user, pass } = smtp.auth;
  return createTransport({
    ...timeouts,
    host: smtp.host,
    ...(smtp.port === null ? {} : { port: smtp.port }),
    secure: smtp.secure,
    tls: smtp.tls,
    ...(user ? { auth: { user, pass: pass ?? "" } } : {}),
  });
}
