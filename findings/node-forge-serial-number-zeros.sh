#!/usr/bin/env bash
# node-forge writes the serial number of a certificate almost as it is given, in hex: of the leading zero bytes that DER does
# not allow, it drops one. So "00" and random bytes, a usual way to keep the number positive, gives an invalid certificate
# whenever the random bytes begin with another zero and a byte below 80: one of 512. forge reads it without a complaint,
# Node (OpenSSL) refuses it.
#
# Versions: node-forge 1.4.3, Node 20 or newer.
# Expected: a number in the shortest form whatever zeros it is given with, or an error.
# Seen: with one zero byte too many, the certificate is fine; with two, OpenSSL says "illegal padding".
# Remedy: a first byte from 40 to 7f (src/platform/signing/certificate.ts).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund node-forge@1.4.3
cat > try.cjs <<'JS'
const { generateKeyPairSync, X509Certificate } = require("node:crypto");
const { pki, md } = require("node-forge");

const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
function reads(serialNumber) {
  const certificate = pki.createCertificate();
  certificate.publicKey = pki.publicKeyFromPem(publicKey.export({ type: "spki", format: "pem" }));
  certificate.serialNumber = serialNumber;
  certificate.validity.notAfter = new Date(Date.now() + 86_400_000);
  const name = [{ name: "commonName", value: "test" }];
  certificate.setSubject(name);
  certificate.setIssuer(name);
  certificate.sign(pki.privateKeyFromPem(privateKey.export({ type: "pkcs1", format: "pem" })), md.sha256.create());
  const pem = pki.certificateToPem(certificate);
  pki.certificateFromPem(pem);
  try {
    return `OpenSSL reads ${new X509Certificate(pem).serialNumber.toLowerCase()}`;
  } catch (error) {
    return `OpenSSL: ${error.message.split(":").at(-1)}`;
  }
}
for (const given of ["4a1b2c", "004a1b2c", "00004a1b2c"]) console.log(`${given}: forge reads it, ${reads(given)}`);
JS
seen=$(node try.cjs)
echo "$seen"
expected="4a1b2c: forge reads it, OpenSSL reads 4a1b2c
004a1b2c: forge reads it, OpenSSL reads 4a1b2c
00004a1b2c: forge reads it, OpenSSL: illegal padding"
[ "$seen" = "$expected" ] || { printf 'Changed; expected:\n%s\n' "$expected" >&2; exit 1; }
