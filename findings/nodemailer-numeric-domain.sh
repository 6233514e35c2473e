#!/usr/bin/env bash
# nodemailer sends to another domain than the one in the address when all labels of the domain are numbers.
#
# Versions: nodemailer 10.6.0 on Node 20 to 24.
# Expected: the domain of a valid address (what an HTML e-mail field accepts) goes to the server as it is, or as its
# IDNA form, which for ASCII digits is the same.
# Seen: nodemailer converts every domain with Node's url.domainToASCII, which parses it as the host of a URL. A URL's host
# of numbers is an IPv4 address in short form, so a@1 is sent to a@0.0.0.1 and a@1.2 to a@1.0.0.2, in RCPT TO too.
# Remedy: refuse such domains before, or call domainToASCII for domains with non-ASCII characters only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund nodemailer@10.6.0
seen=$(node -e '
  const { createTransport } = require("nodemailer");
  const transport = createTransport({ streamTransport: true });
  (async () => {
    for (const to of ["a@example.com", "a@1", "a@1.2"]) {
      const { envelope } = await transport.sendMail({ from: "x@example.com", to: { name: "", address: to }, text: "t" });
      console.log(`${to} is sent to ${envelope.to}`);
    }
  })();')
echo "$seen"
expected="a@example.com is sent to a@example.com
a@1 is sent to a@0.0.0.1
a@1.2 is sent to a@1.0.0.2"
[ "$seen" = "$expected" ] || { printf 'Changed; expected:\n%s\n' "$expected" >&2; exit 1; }
