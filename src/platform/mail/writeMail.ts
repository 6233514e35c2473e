import { mkdir, open, rename, rm } from "node:fs/promises";
import { join, resolve } from "node:path";

/**
 * Writes an e-mail to `<folder>/<time>-<template>-<recipient>-<part of id>.eml`, completely or not at all, and returns the
 * path. An e-mail that is written again, after a crash, replaces its file. Only our account can read the file, because
 * e-mails contain tokens; a missing folder is created the same way.
 */
export async function writeMail(
  folder: string,
  mail: { template: string; to: string; content: Buffer; id: string; queuedAt: Date },
): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const time = mail.queuedAt.toISOString().replace(/[:.]/g, "-");
  const recipient = mail.to.replace(/[^\w.@+-]/g, "_").slice(0, 80);
  const path = join(resolve(folder), `${time}-${mail.template}-${recipient}-${mail.id.slice(0, 8)}.eml`);
  // Left behind by a process that was killed, or written by another one at the same time.
  const part = `${path}.${process.pid}.part`;
  try {
    const file = await open(part, "w", 0o600);
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
