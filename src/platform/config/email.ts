import { z } from "zod";
import { parseSender } from "../input/parseSender.ts";
import { flag, optionalText, setting } from "./setting.ts";

const SENDER = "an e-mail address, Name <address>, or null";

/** `email.*`: e-mails that Houston sends. */
export const email = z.strictObject({
  enabled: flag(
    false,
    "Sends e-mails by SMTP if `email.smtpUrl` or `email.smtp` names a server. Otherwise they are written to files in `email.folder`.",
  ),
  reply: setting(
    z
      .string()
      .refine((sender) => parseSender(sender) !== undefined, SENDER)
      .nullable(),
    null,
    "Sender of all e-mails; its domain is also that of the Message-ID. null: `appSubName` and `noreply@<helm.baseDomain>`.",
    { allowed: SENDER },
  ),
  smtpUrl: setting(
    z
      .string()
      .regex(/^smtps?:\/\/\S+$/)
      .nullable(),
    null,
    "SMTP server as a URL. Takes precedence over `email.smtp`.",
    { secret: true, allowed: "smtp://user:password@host:port, smtps://…, or null" },
  ),
  smtp: z.strictObject({
    enabled: flag(false, "Uses the SMTP server described by the other `email.smtp` settings."),
    host: optionalText("Host of the SMTP server."),
    port: setting(
      z.int().min(1).max(65_535).nullable(),
      null,
      "Port of the SMTP server. null: 465 if `email.smtp.secure` is true, otherwise 587.",
    ),
    secure: flag(true, "Connects with TLS. false: STARTTLS if the server supports it."),
    auth: z.strictObject({
      user: optionalText("User name for the SMTP server. null: no authentication."),
      pass: optionalText("Password for the SMTP server.", { secret: true }),
    }),
    tls: z.strictObject({
      rejectUnauthorized: flag(true, "Rejects an SMTP server whose certificate cannot be verified."),
    }),
  }),
  templatesFolder: optionalText(
    "Folder with e-mail templates; each file replaces the built-in one of the same name. null: the built-in templates.",
  ),
  folder: optionalText("Folder for e-mails that are written to files. null: `mail` in `database.dataFolder`."),
});
