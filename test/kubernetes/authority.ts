import { generateKeyPairSync, randomBytes } from "node:crypto";
import forge from "node-forge";

const DAY = 86_400_000;

/** A certificate and its key, in PEM. */
export interface Identity {
  cert: string;
  key: string;
}

/** A certificate authority, as a cluster has one. `issue` makes a certificate for a host, or for a client of that name. */
export function authority() {
  const own = issued(`test authority ${randomBytes(4).toString("hex")}`, {
    extensions: [{ name: "basicConstraints", cA: true, critical: true }],
  });
  return {
    cert: own.cert,
    issue(name: string): Identity {
      const isAddress = /^[\d.]+$/.test(name);
      const altName = isAddress ? { type: 7, ip: name } : { type: 2, value: name };
      return issued(name, { signer: own, extensions: [{ name: "subjectAltName", altNames: [altName] }] });
    },
  };
}

function issued(name: string, { signer, extensions }: { signer?: Identity; extensions: object[] }): Identity {
  const pair = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const key = pair.privateKey.export({ type: "pkcs8", format: "pem" }) as string;
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(pair.publicKey.export({ type: "spki", format: "pem" }) as string);
  certificate.serialNumber = `40${randomBytes(8).toString("hex")}`;
  certificate.validity.notBefore = new Date(Date.now() - DAY);
  certificate.validity.notAfter = new Date(Date.now() + DAY);
  const subject = [{ name: "commonName", value: name }];
  certificate.setSubject(subject);
  certificate.setIssuer(signer ? forge.pki.certificateFromPem(signer.cert).subject.attributes : subject);
  certificate.setExtensions(extensions);
  certificate.sign(forge.pki.privateKeyFromPem(signer?.key ?? key), forge.md.sha256.create());
  return { cert: forge.pki.certificateToPem(certificate), key };
}
