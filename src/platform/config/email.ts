import { z } from "zod";
import { flag, formed, optionalText, setting } from "./setting.ts";

/** `email.*`: mail that Houston sends. */
export const email = z.strictObject({
  enabled: flag(
    false,
    "Send mail by SMTP, when `email.smtpUrl` or `email.smtp` names a server. Otherwise mails become files in `email.folder`.",
  ),
  reply: formed(
    /^[^<>\r\n]*<[^\s@<>]+@[^\s@<>]+>$|^[^\s@<>]+@[^\s@<>]+$/,
    "an address, or Name <address>",
    "noreply@astronomer.io",
    "Sender of all mails.",
  ),
  smtpUrl: setting(
    z
      .string()
      .regex(/^smtps?:\/\/\S+$/)
      .nullable(),
    null,
    "SMTP server in one line. Counts before `email.smtp`.",
    { secret: true, allowed: "smtp://user:password@host:port, smtps://…, or null" },
  ),
  smtp: z.strictObject({
    enabled: flag(false, "Use the server named by the other settings of `email.smtp`."),
    host: optionalText("Host of the SMTP server."),
    port: setting(z.int().min(1).max(65_535).nullable(), null, "Its port. null: 465 when secure, else 587."),
    secure: flag(true, "TLS from the first byte. false: STARTTLS when the server offers it."),
    auth: z.strictObject({
      user: optionalText("User name at the SMTP server. null: no sign-in."),
      pass: optionalText("Its password.", { secret: true }),
    }),
    tls: z.strictObject({
      rejectUnauthorized: flag(true, "Refuse a server whose certificate cannot be verified."),
    }),
  }),
  templatesFolder: optionalText("Folder whose files replace our mail templates one by one. null: ours."),
  folder: optionalText("Folder for mails that are written instead of sent. null: `mail` in `database.dataFolder`."),
});
