import type { Mail } from "./mail.ts";
import { type MailParts, PLACEHOLDER, type Templates } from "./templates.ts";

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (character) => entities[character] ?? character);

/** One line without control characters: values are used in the subject, and a label must not add header lines. */
export const oneLine = (text: string) => text.replace(/[\p{Cc}\u2028\u2029]+/gu, " ").trim();

/** Fills the placeholders of a template; values are escaped in the HTML part. Throws if a placeholder has no value. */
export function renderMail(templates: Templates, { template, data }: Pick<Mail, "template" | "data">): MailParts {
  const values = new Map<string, unknown>(Object.entries(data));
  const fill = (text: string, show: (value: string) => string, lineBreak: string) =>
    text.replace(PLACEHOLDER, (_, name: string) => {
      const value = values.get(name);
      const lines = Array.isArray(value) ? value : [value];
      if (lines.some((line) => typeof line !== "string")) {
        throw new Error(`Mail "${template}": {{${name}}} has no value`);
      }
      return lines.map((line) => show(oneLine(line))).join(lineBreak);
    });
  const { subject, text, html } = templates[template];
  const plain = (value: string) => value;
  return {
    subject: oneLine(fill(subject, plain, " ")),
    text: fill(text, plain, "\n"),
    html: fill(html, escapeHtml, "<br>"),
  };
}
