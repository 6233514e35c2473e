import { createTransport } from "nodemailer";
import type { Config } from "../config/config.ts";

/** How long an SMTP server may take to accept a connection and greet, and to answer each command. In ms. */
const timeouts = { dnsTimeout: 10_000, connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 30_000 };

/** Sends by SMTP with a connection for each mail, or undefined when the settings name no server or switch mail off. */
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
