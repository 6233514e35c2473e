import { X509Certificate } from "node:crypto";
import { z } from "zod";
import { setting } from "./setting.ts";

const block = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

function areCertificates(pem: string): boolean {
  const blocks = pem.match(block) ?? [];
  try {
    for (const certificate of blocks) new X509Certificate(certificate);
  } catch {
    return false;
  }
  return blocks.length > 0;
}

/** One or more certificates in PEM, or null. */
export const certificates = (description: string) =>
  setting(z.string().refine(areCertificates, "certificates in PEM format").nullable(), null, description, {
    allowed: "one or more certificates in PEM format, or null",
  });
