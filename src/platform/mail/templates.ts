import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type MailTemplate, placeholders } from "./mail.ts";

/** The three parts of an e-mail, with `{{placeholders}}`. */
export interface MailParts {
  subject: string;
  text: string;
  html: string;
}

/** All templates. */
export type Templates = Record<MailTemplate, MailParts>;

const BUILT_IN = fileURLToPath(new URL("./templates/", import.meta.url));

/** `{{name}}`, spaces allowed inside. */
export const PLACEHOLDER = /\{\{\s*(\w+)\s*\}\}/g;

/**
 * Reads `<template>.html` and `<template>.txt` of each e-mail: from `folder` (`email.templatesFolder`) if it has the
 * file, otherwise the built-in one. The first line of a .txt is `Subject: …`. Throws an error for the operator that names
 * the file if the folder or a subject is missing, or a placeholder is unknown.
 */
export function loadTemplates(folder: string | null): Templates {
  if (folder !== null && !existsSync(folder))
    throw new Error(`email.templatesFolder: the folder ${folder} does not exist`);
  return {
    invite: load("invite", folder),
    join: load("join", folder),
    confirm: load("confirm", folder),
    reset: load("reset", folder),
    exists: load("exists", folder),
    password: load("password", folder),
    alert: load("alert", folder),
    platformAlert: load("platformAlert", folder),
  };
}

function load(template: MailTemplate, folder: string | null): MailParts {
  const html = read(template, "html", folder);
  const [first = "", ...lines] = read(template, "txt", folder).split("\n");
  const subject = /^Subject:(.*)$/.exec(first)?.[1]?.trim();
  if (!subject) throw new Error(`Mail template ${template}.txt: the first line must be "Subject: …"`);
  return { subject, text: lines.join("\n").trimStart(), html };
}

function read(template: MailTemplate, kind: "html" | "txt", folder: string | null): string {
  const name = `${template}.${kind}`;
  const custom = folder === null ? undefined : join(folder, name);
  const content = readFileSync(custom && existsSync(custom) ? custom : join(BUILT_IN, name), "utf8").replaceAll(
    "\r\n",
    "\n",
  );
  const known: readonly string[] = placeholders[template];
  for (const [, placeholder = ""] of content.matchAll(PLACEHOLDER)) {
    if (!known.includes(placeholder)) {
      throw new Error(`Mail template ${name}: {{${placeholder}}} is unknown; allowed: ${known.join(", ")}`);
    }
  }
  return content;
}
