import { createPublicKey, generateKeyPair, type KeyObject, randomBytes } from "node:crypto";
import { promisify } from "node:util";
import forge from "node-forge";
import { thumbprint } from "./publicKey.ts";

/** A key pair as it is stored, in PEM. */
export interface KeyPair {
  /** RFC 7638 thumbprint of the public key. */
  id: string;
  certificate: string;
  /** PKCS #8. */
  privateKey: string;
}

const generate = promisify(generateKeyPair);

/** In milliseconds. Certificates are replaced by rotation; the authority by an operator who does not trust it any more. */
const YEAR = 365 * 86_400_000;
const AUTHORITY_LIFE = 20 * YEAR;
const CERTIFICATE_LIFE = 5 * YEAR;

/** Before `now`, so that a verifier whose clock is behind accepts the certificate. In milliseconds. */
const BACKDATED = 3_600_000;

/** A new authority: what a registry is configured with as its `rootcertbundle`, whatever key signs. */
export const createAuthority = (now: Date): Promise<KeyPair> =>
  create("Houston signing authority", now, AUTHORITY_LIFE, (own) => ({
    signer: own,
    extensions: [
      { name: "basicConstraints", cA: true, pathLenConstraint: 0, critical: true },
      { name: "keyUsage", keyCertSign: true, critical: true },
      { name: "subjectKeyIdentifier" },
    ],
  }));

/** A new key for tokens, with a certificate of the authority. */
export const createTokenKey = (now: Date, authority: KeyPair): Promise<KeyPair> =>
  create("Houston tokens", now, CERTIFICATE_LIFE, () => ({
    signer: authority,
    extensions: [
      { name: "basicConstraints", cA: false, critical: true },
      { name: "keyUsage", digitalSignature: true, critical: true },
    ],
  }));

type Signing = { signer: Pick<KeyPair, "privateKey"> & { certificate?: string }; extensions: object[] };

/** RSA of 2048 bits, because RS256 is what every registry and Airflow plug-in of the last years verifies. */
async function create(
  name: string,
  now: Date,
  life: number,
  signing: (own: { privateKey: string }) => Signing,
): Promise<KeyPair> {
  const { publicKey, privateKey } = await generate("rsa", { modulusLength: 2048 });
  const own = pem(privateKey);
  const { signer, extensions } = signing({ privateKey: own });
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(publicKey.export({ type: "spki", format: "pem" }) as string);
  certificate.serialNumber = newSerialNumber();
  certificate.validity.notBefore = new Date(now.getTime() - BACKDATED);
  certificate.validity.notAfter = new Date(now.getTime() + life);
  const subject = [{ name: "commonName", value: name }];
  certificate.setSubject(subject);
  certificate.setIssuer(
    signer.certificate ? forge.pki.certificateFromPem(signer.certificate).subject.attributes : subject,
  );
  certificate.setExtensions(extensions);
  certificate.sign(forge.pki.privateKeyFromPem(signer.privateKey), forge.md.sha256.create());
  return { id: thumbprint(publicKey), certificate: forge.pki.certificateToPem(certificate), privateKey: own };
}

/**
 * 16 random bytes in hex, of which the first is from 40 to 7f: node-forge writes them as they are, and OpenSSL rejects a
 * certificate whose serial number is negative or begins with a zero that DER does not need.
 */
export function newSerialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes.toString("hex");
}

const pem = (key: KeyObject) => key.export({ type: "pkcs8", format: "pem" }) as string;

/** The base64 of a certificate's DER, as `x5c` lists it. */
export const derOf = (certificate: string) => certificate.replace(/-----[^-]+-----|\s/g, "");

/** The public key of a certificate. */
export const publicKeyOf = (certificate: string): KeyObject => createPublicKey(certificate);
