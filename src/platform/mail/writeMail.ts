import { randomBytes } from "node:crypto";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { join, resolve } from "node:path";

/**
 * Writes an e-mail to `<folder>/<time>-<template>-<recipient>-<random>.eml`, completely or not at all, and returns the
 * path. Only our account can read the file, because e-mails contain tokens; a missing folder is created the same way.
 */
export async function writeMail(
  folder: string,
  mail: { template: string; to: string; content: Buffer; now: Date },
): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const time = mail.now.toISOString().replace(/[:.]/g, "-");
  const recipient = mail.to.replace(/[^\w.@+-]/g, "_").slice(0, 80);
  const path = join(resolve(folder), `${time}-${mail.template}-${recipient}-${randomBytes(4).toString("hex")}.eml`);
  const part = `${path}.part`;
  try {
    const file = await open(part, "wx", 0o600);
    try {
      await file.writeFile(mail.content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
  return path;
}
