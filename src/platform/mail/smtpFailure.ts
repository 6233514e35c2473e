import type { Config } from "../config/config.ts";

interface Failure {
  code?: string;
  message?: string;
  cause?: { code?: string };
}

/** Why the SMTP server could not be used, beginning with the setting at fault. Contains no password. */
export function smtpFailure(error: unknown, { smtpUrl, smtp }: Pick<Config["email"], "smtpUrl" | "smtp">): string {
  const { code = "", message = "", cause } = error as Failure;
  const text = `${code} ${cause?.code ?? ""} ${message}`;
  const url = smtpUrl && URL.canParse(smtpUrl) ? new URL(smtpUrl) : undefined;
  const host = url?.hostname ?? smtp.host;
  const name = (own: string) => (smtpUrl ? "email.smtpUrl (EMAIL__SMTP_URL)" : own);
  const server = name("email.smtp.host and email.smtp.port");
  if (/EAUTH|535/.test(code)) return `${name("email.smtp.auth")}: ${host} rejected the user or the password`;
  if (/ECONNREFUSED/.test(text)) return `${server}: nothing accepts connections at ${host} on this port`;
  if (/ENOTFOUND|EAI_AGAIN|EDNS/.test(text)) return `${server}: the host ${host} is unknown`;
  if (/self.signed|unable to (verify|get).*certificate|UNABLE_TO|SELF_SIGNED/i.test(text)) {
    return `${name("email.smtp.tls.rejectUnauthorized")}: the certificate of ${host} is not trusted; add its authority with NODE_EXTRA_CA_CERTS`;
  }
  if (/ERR_TLS_CERT_ALTNAME_INVALID|altnames/i.test(text)) {
    return `${server}: the certificate of ${host} is for another host name`;
  }
  if (/wrong version number|ERR_SSL/i.test(text)) {
    return `${name("email.smtp.secure")}: ${host} does not offer TLS on this port${smtpUrl ? "; use smtp:// for STARTTLS" : "; false uses STARTTLS"}`;
  }
  if (/STARTTLS|ETLS/.test(text)) return `${name("email.smtp.secure")}: ${host} does not offer TLS`;
  if (/ETIMEDOUT|timeout/i.test(text)) return `${server}: ${host} did not respond in time`;
  return `${server}: ${message || code}`;
}
