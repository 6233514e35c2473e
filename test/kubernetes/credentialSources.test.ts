import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { inClusterCredentials, kubeconfigFile } from "../../src/platform/kubernetes/credentialSources.ts";
import { authority } from "./authority.ts";
import { kubeconfig } from "./kubeconfig.ts";

const { cert } = authority();
const pod = { KUBERNETES_SERVICE_HOST: "10.0.0.1", KUBERNETES_SERVICE_PORT: "6443" };

afterEach(() => {
  vi.restoreAllMocks();
});

/** The folder of a service account. */
function serviceAccount(token = "first") {
  const folder = mkdtempSync(join(tmpdir(), "service-account-"));
  writeFileSync(join(folder, "token"), token);
  writeFileSync(join(folder, "ca.crt"), cert);
  writeFileSync(join(folder, "namespace"), "houston");
  return folder;
}

/** Lets this many milliseconds pass. */
function wait(time: number) {
  const now = performance.now();
  vi.spyOn(performance, "now").mockReturnValue(now + time);
}

describe("inClusterCredentials", () => {
  it("are those of the pod's service account", async () => {
    expect(await inClusterCredentials(pod, serviceAccount())(false)).toEqual({
      server: "https://10.0.0.1:6443",
      ca: cert.trim(),
      token: "first",
      namespace: "houston",
      insecureSkipTlsVerify: false,
    });
  });

  it("may have an IPv6 address", async () => {
    const source = inClusterCredentials({ ...pod, KUBERNETES_SERVICE_HOST: "fd00::1" }, serviceAccount());
    expect((await source(false)).server).toBe("https://[fd00::1]:6443");
  });

  it("are read again after 10 s, because the token rotates", async () => {
    const folder = serviceAccount();
    const source = inClusterCredentials(pod, folder);
    const first = await source(false);
    writeFileSync(join(folder, "token"), "second");
    expect(await source(false)).toBe(first);
    wait(9_000);
    expect(await source(false)).toBe(first);
    wait(2_000);
    expect((await source(false)).token).toBe("second");
  });

  it("are read at once when the server has refused them", async () => {
    const folder = serviceAccount();
    const source = inClusterCredentials(pod, folder);
    const first = await source(false);
    expect(await source(true)).toBe(first);
    writeFileSync(join(folder, "token"), "second");
    const second = await source(true);
    expect(second.token).toBe("second");
    expect(await source(false)).toBe(second);
  });

  it("are refused outside of a pod", async () => {
    await expect(inClusterCredentials({}, serviceAccount())(false)).rejects.toThrow(
      "Not in a pod: KUBERNETES_SERVICE_HOST is not set; use a kubeconfig",
    );
  });

  it("name the file that is missing or empty", async () => {
    const folder = serviceAccount("");
    const source = inClusterCredentials(pod, folder);
    await expect(source(false)).rejects.toThrow(`${join(folder, "token")} contains no token`);
    writeFileSync(join(folder, "token"), "first");
    writeFileSync(join(folder, "ca.crt"), "none");
    await expect(source(false)).rejects.toThrow(`${join(folder, "ca.crt")} contains no certificate in PEM`);
    rmSync(join(folder, "ca.crt"));
    await expect(source(false)).rejects.toThrow(`${join(folder, "ca.crt")} cannot be read: ENOENT`);
  });

  it("name the token if both it and the certificate cannot be used, whichever would be found first", async () => {
    // Takes many reads, while the next file is missing.
    const folder = serviceAccount("no token ".repeat(1_000_000));
    rmSync(join(folder, "ca.crt"));
    await expect(inClusterCredentials(pod, folder)(false)).rejects.toThrow(
      `${join(folder, "token")} contains no token`,
    );
  });
});

describe("kubeconfigFile", () => {
  const server = "https://kube.example";

  it("is read again after it has changed, and so are the files that it names", async () => {
    const folder = mkdtempSync(join(tmpdir(), "kubeconfig-"));
    const path = join(folder, "config");
    writeFileSync(join(folder, "token"), "first");
    writeFileSync(path, kubeconfig({ server }, { tokenFile: "token" }));
    const source = kubeconfigFile(path);
    const first = await source(false);
    expect(first).toMatchObject({ server, token: "first" });
    writeFileSync(join(folder, "token"), "second");
    wait(11_000);
    expect(await source(false)).toMatchObject({ server, token: "second" });
    writeFileSync(path, kubeconfig({ server: "https://moved.example" }));
    expect(await source(true)).toMatchObject({ server: "https://moved.example", token: "some-token" });
  });

  it("fails while it is not valid, and works once it is", async () => {
    const path = join(mkdtempSync(join(tmpdir(), "kubeconfig-")), "config");
    const source = kubeconfigFile(path);
    await expect(source(false)).rejects.toThrow(`${path} cannot be read: ENOENT`);
    writeFileSync(path, "");
    await expect(source(false)).rejects.toThrow(`${path}: A kubeconfig must be a mapping`);
    writeFileSync(path, kubeconfig({ server }));
    expect(await source(false)).toMatchObject({ server });
  });

  it("is read once for many callers", async () => {
    const path = join(mkdtempSync(join(tmpdir(), "kubeconfig-")), "config");
    writeFileSync(path, kubeconfig({ server }));
    const source = kubeconfigFile(path);
    const [one, ...others] = await Promise.all(Array.from({ length: 10 }, () => source(true)));
    expect(others.every((other) => other === one)).toBe(true);
  });
});
