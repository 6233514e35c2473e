import type { Logger } from "pino";
import type { Config } from "../config/config.ts";
import { smtpFailure } from "./smtpFailure.ts";
import { smtpTransport } from "./smtpTransport.ts";

/**
 * Connects and signs in to the SMTP server, if one is configured, and logs a warning that names the setting at fault if
 * that fails. Houston starts in any case, because e-mails wait until the server is available.
 */
export async function checkSmtp(email: Config["email"], log: Logger): Promise<void> {
  const transport = smtpTransport(email);
  if (!transport) return;
  try {
    await transport.verify();
  } catch (error) {
    log.warn({ reason: (error as Error).message }, `E-mails cannot be sent at present: ${smtpFailure(error, email)}`);
  } finally {
    transport.close();
  }
}
