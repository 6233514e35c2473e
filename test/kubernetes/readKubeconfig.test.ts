import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readKubeconfig } from "../../src/platform/kubernetes/readKubeconfig.ts";
import { authority } from "./authority.ts";
import { base64, kubeconfig } from "./kubeconfig.ts";

const server = "https://kube.example:6443";
const cluster = authority();
const client = cluster.issue("houston");
const other = cluster.issue("other");

const fromCaller = (text: string) => readKubeconfig(text, { files: false });
const ofOperator = (text: string, folder?: string) => readKubeconfig(text, { files: true, ...(folder && { folder }) });

describe("readKubeconfig", () => {
  it("reads the cluster, the user and the namespace of the current context", () => {
    const text = kubeconfig(
      { server, "certificate-authority-data": base64(cluster.cert), "tls-server-name": "kubernetes" },
      { token: "some-token", "client-certificate-data": base64(client.cert), "client-key-data": base64(client.key) },
    );
    expect(fromCaller(text)).toEqual({
      server,
      ca: cluster.cert,
      tlsServerName: "kubernetes",
      insecureSkipTlsVerify: false,
      token: "some-token",
      clientCertificate: client.cert,
      clientKey: client.key,
      namespace: "airflow",
    });
  });

  it("uses the current context of several", () => {
    const text = kubeconfig({ server }, undefined, {
      "current-context": "second",
      contexts: [
        { name: "first", context: { cluster: "prod", user: "admin" } },
        { name: "second", context: { cluster: "test", user: "reader" } },
      ],
      clusters: [
        { name: "prod", cluster: { server } },
        { name: "test", cluster: { server: "https://test.example" } },
      ],
      users: [
        { name: "admin", user: { exec: { command: "aws" } } },
        { name: "reader", user: { token: "reads" } },
      ],
    });
    expect(fromCaller(text)).toEqual({ server: "https://test.example", token: "reads", insecureSkipTlsVerify: false });
  });

  it("reads JSON, which is YAML", () => {
    const text = JSON.stringify({
      "current-context": "a",
      contexts: [{ name: "a", context: { cluster: "b", user: "c" } }],
      clusters: [{ name: "b", cluster: { server, "certificate-authority": "" } }],
      users: [{ name: "c", user: { token: "t" } }],
    });
    expect(fromCaller(text)).toMatchObject({ server, token: "t" });
  });

  it.each([
    ["text", "just text", "A kubeconfig must be a mapping"],
    ["broken YAML", "a: [1\nb: {", /^The kubeconfig is not valid YAML at line 2, column \d+: [A-Z_]+$/],
    ["too many aliases", `a: &a [x]\nb: [${"*a,".repeat(200)}]\n`, /there are too many aliases$/],
    ["an alias without an anchor", "a: *b", /alias refers to no anchor/],
    ["more than 256 KiB", `# ${"x".repeat(256 * 1024)}`, "A kubeconfig must have at most 262144 characters"],
    ["no current-context", "contexts: []", "current-context is missing: it must name one of contexts"],
    [
      "an unknown context",
      kubeconfig({ server }, {}, { "current-context": "gone" }),
      'contexts has no entry named "gone", which current-context names',
    ],
    ["contexts as a mapping", kubeconfig({ server }, {}, { contexts: {} }), "contexts must be a list"],
    [
      "an unknown cluster",
      kubeconfig({ server }, {}, { clusters: [] }),
      'clusters has no entry named "prod", which contexts["main"].context.cluster names',
    ],
    [
      "an unknown user",
      kubeconfig({ server }, {}, { users: undefined }),
      'users has no entry named "admin", which contexts["main"].context.user names',
    ],
    ["no server", kubeconfig({}), 'clusters["prod"].cluster.server is missing'],
    ["a server that is a number", kubeconfig({ server: 6443 }), 'clusters["prod"].cluster.server must be a string'],
    [
      "a server without a scheme",
      kubeconfig({ server: "kube.example" }),
      'clusters["prod"].cluster.server must be an https URL without user, query and fragment',
    ],
    [
      "a server with a password",
      kubeconfig({ server: "https://me:secret@kube.example" }),
      'clusters["prod"].cluster.server must be an https URL without user, query and fragment',
    ],
    [
      "a server with a query",
      kubeconfig({ server: `${server}?a=b` }),
      'clusters["prod"].cluster.server must be an https URL without user, query and fragment',
    ],
    [
      "certificate-authority-data that is not base64",
      kubeconfig({ server, "certificate-authority-data": "-----BEGIN" }),
      'clusters["prod"].cluster.certificate-authority-data must be base64',
    ],
    [
      "certificate-authority-data that is no certificate",
      kubeconfig({ server, "certificate-authority-data": base64("none") }),
      'clusters["prod"].cluster.certificate-authority must contain certificates in PEM',
    ],
    ["no credentials", kubeconfig({ server }, {}), 'users["admin"].user must have a token or a client certificate'],
    [
      "a token with a line break",
      kubeconfig({ server }, { token: "a\nb" }),
      'users["admin"].user.token must consist of printable ASCII characters without spaces',
    ],
    [
      "a certificate without a key",
      kubeconfig({ server }, { "client-certificate-data": base64(client.cert) }),
      'users["admin"].user must have both client-certificate and client-key, or neither',
    ],
    [
      "a client-certificate that is none",
      kubeconfig({ server }, { "client-certificate-data": base64("x"), "client-key-data": base64(client.key) }),
      'users["admin"].user.client-certificate must contain a certificate in PEM',
    ],
    [
      "the key of another certificate",
      kubeconfig({ server }, { "client-certificate-data": base64(client.cert), "client-key-data": base64(other.key) }),
      'users["admin"].user.client-key must be the key of client-certificate, in PEM and without a passphrase',
    ],
    [
      "an insecure flag that is a text",
      kubeconfig({ server, "insecure-skip-tls-verify": "yes" }),
      'clusters["prod"].cluster.insecure-skip-tls-verify must be true or false',
    ],
  ])("refuses %s and says what is wrong", (_, text, message) => {
    expect(() => fromCaller(text)).toThrow(
      expect.objectContaining({
        name: "CredentialsError",
        message: typeof message === "string" ? message : expect.stringMatching(message),
      }),
    );
  });

  it.each(["username", "password", "as", "as-uid", "as-groups", "as-user-extra", "exec", "auth-provider"])(
    "refuses users[…].user.%s, which would change as whom it acts",
    (key) => {
      for (const read of [fromCaller, ofOperator]) {
        const text = kubeconfig({ server }, { token: "some-token", [key]: { command: "aws" } });
        expect(() => read(text)).toThrow(`users["admin"].user.${key} is not supported: `);
      }
    },
  );

  it("suggests a token or a client certificate instead of a program", () => {
    const text = kubeconfig({ server }, { exec: { command: "aws" } });
    expect(() => ofOperator(text)).toThrow(
      'users["admin"].user.exec is not supported: no program is started for credentials; use a token or a client certificate',
    );
  });

  it("refuses a proxy", () => {
    const text = kubeconfig({ server, "proxy-url": "http://proxy.example" });
    for (const read of [fromCaller, ofOperator]) {
      expect(() => read(text)).toThrow(
        'clusters["prod"].cluster.proxy-url is not supported: connections are made directly',
      );
    }
  });

  it("quotes no secrets in messages", () => {
    const secrets = [
      kubeconfig({ server }, { token: "top secret" }),
      kubeconfig({ server }, { "client-key-data": "top secret!" }),
      "users: [{token: top secret}\n",
      kubeconfig({ server: "https://me:top secret@x" }),
    ];
    for (const text of secrets) {
      expect(() => fromCaller(text)).toThrow(expect.objectContaining({ message: expect.not.stringContaining("top") }));
    }
  });
});

describe("a kubeconfig of a caller", () => {
  it("may not name a file in clusters[…].cluster.certificate-authority", () => {
    expect(() => fromCaller(kubeconfig({ server, "certificate-authority": "/etc/passwd" }))).toThrow(
      'clusters["prod"].cluster.certificate-authority is not supported: it names a file; use certificate-authority-data, which `kubectl config view --minify --flatten` writes',
    );
  });

  it.each(["client-certificate", "client-key", "tokenFile"])("may not name a file in users[…].user.%s", (key) => {
    expect(() => fromCaller(kubeconfig({ server }, { token: "some-token", [key]: "/etc/passwd" }))).toThrow(
      `users["admin"].user.${key} is not supported: it names a file`,
    );
  });

  it("may not trust anyone", () => {
    expect(() => fromCaller(kubeconfig({ server, "insecure-skip-tls-verify": true }))).toThrow(
      'clusters["prod"].cluster.insecure-skip-tls-verify must not be true',
    );
  });

  it.each(["http://127.0.0.1:8001", "http://kube.example"])("may not use %s", (url) => {
    expect(() => fromCaller(kubeconfig({ server: url }))).toThrow(
      'clusters["prod"].cluster.server must be an https URL',
    );
  });
});

describe("a kubeconfig of the operator", () => {
  it("may name files, relative to its own folder", () => {
    const folder = mkdtempSync(join(tmpdir(), "kubeconfig-"));
    writeFileSync(join(folder, "ca.crt"), cluster.cert);
    writeFileSync(join(folder, "client.crt"), client.cert);
    writeFileSync(join(folder, "client.key"), client.key);
    writeFileSync(join(folder, "token"), "from-the-file\n");
    const text = kubeconfig(
      { server, "certificate-authority": "ca.crt" },
      {
        "client-certificate": "client.crt",
        "client-key": join(folder, "client.key"),
        tokenFile: "token",
        token: "old",
      },
    );
    expect(ofOperator(text, folder)).toMatchObject({
      ca: cluster.cert,
      clientCertificate: client.cert,
      clientKey: client.key,
      token: "from-the-file",
    });
  });

  it("names the entry whose file cannot be read", () => {
    expect(() => ofOperator(kubeconfig({ server }, { tokenFile: "/nowhere/token" }))).toThrow(
      'users["admin"].user.tokenFile names a file that cannot be read: ENOENT',
    );
  });

  it("may skip the verification of the server, but not together with an authority", () => {
    const text = kubeconfig({ server, "insecure-skip-tls-verify": true });
    expect(ofOperator(text)).toMatchObject({ insecureSkipTlsVerify: true });
    const both = { server, "insecure-skip-tls-verify": true, "certificate-authority-data": base64(cluster.cert) };
    expect(() => ofOperator(kubeconfig(both))).toThrow(
      'clusters["prod"].cluster must not have both insecure-skip-tls-verify and a certificate-authority',
    );
  });

  it("may use http on this machine only, and there without credentials", () => {
    for (const url of ["http://127.0.0.1:8001", "http://localhost:8001", "http://[::1]:8001"]) {
      expect(ofOperator(kubeconfig({ server: url }, {}))).toMatchObject({ server: url });
    }
    expect(() => ofOperator(kubeconfig({ server: "http://127.0.0.1.kube.example" }))).toThrow("must be an https URL");
  });
});
