import { Writable } from "node:stream";
import { pino } from "pino";
import { afterAll, describe, expect, it } from "vitest";
import { startTestApp } from "../support/app.ts";
import { createAs } from "../support/as.ts";
import { createBuild } from "../support/build.ts";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

let logged = "";
const out = new Writable({
  write(chunk, _encoding, done) {
    logged += String(chunk);
    done();
  },
});
const flags = { gitSyncDagDeployment: true, nfsMountDagDeployment: true, dagOnlyDeployment: true };
const running = await startTestApp({ deployments: flags }, { log: pino({ level: "trace" }, out) });
afterAll(() => running.close());
const { db, app } = running;
const as = createAs(running.url);
const build = createBuild(db, running.config);
const off = await testHouston();

const UPDATE = `mutation ($deploymentUuid: Uuid!, $dagDeployment: DagDeployment) {
  updateDeployment(deploymentUuid: $deploymentUuid, dagDeployment: $dagDeployment) {
    dagDeployment {
      type nfsLocation repositoryUrl branchName syncInterval syncTimeout ephemeralStorage dagDirectoryLocation rev sshKey knownHosts
    }
  }
}`;

const https = {
  type: "git_sync",
  repositoryUrl: "https://git.example.com/dags.git",
  authType: "https",
  httpsUsername: "robot",
  httpsToken: "canary-token",
};
const ssh = {
  type: "git_sync",
  repositoryUrl: "git@git.example.com:dags.git",
  sshKey: "-----BEGIN OPENSSH PRIVATE KEY-----\ncanary-key\n",
  knownHosts: "git.example.com ssh-ed25519 AAAA",
};

const storedOf = async (id: string) =>
  (await db.deployment.findUniqueOrThrow({ where: { id } })).dagDeployment as Record<string, unknown>;

/** A Deployment with this DAG delivery already stored, and a function that changes it. */
async function deploymentWith(dagDeployment: object) {
  const { deployment, editor } = await build.deployment();
  const change = (given: object) => as(editor).send(UPDATE, { deploymentUuid: deployment.id, dagDeployment: given });
  expect((await change(dagDeployment)).errors).toBeUndefined();
  const open = async (field: "sshKey" | "httpsToken") =>
    app.services.secrets.open(
      String((await storedOf(deployment.id))[field]),
      `Deployment:${deployment.releaseName}:dagDeployment.${field}`,
    );
  return { deployment, change, open };
}

describe("dagDeployment", () => {
  it.each([
    [{ type: "volume", nfsLocation: "10.0.0.7:/dags" }],
    [{ type: "volume", nfsLocation: "[fd00::7]:/" }],
    [{ type: "dag_deploy" }],
    [{ type: "git_sync", repositoryUrl: "https://git.example.com:8443/a/b.git", branchName: "release/1.x" }],
    [
      {
        type: "git_sync",
        repositoryUrl: "ssh://git@git.example.com:2222/a/b",
        rev: "v1.2.0",
        syncInterval: 86_400,
        syncTimeout: 1,
        ephemeralStorage: 1_024,
        dagDirectoryLocation: "/team/dags",
        knownHosts: "git.example.com ssh-ed25519 AAAA\n",
      },
    ],
  ])("stores and returns %j", async (given) => {
    const { deployment, change } = await deploymentWith(given);
    expect(await storedOf(deployment.id)).toEqual(given);
    const { data } = await change({});
    expect(data.updateDeployment.dagDeployment).toMatchObject({ ...given, sshKey: "" });
    expect(await storedOf(deployment.id)).toEqual(given);
  });

  it.each(["poll", "webhook"])(
    "accepts the fetch mode %s and every kind of credential that clients send",
    async (mode) => {
      for (const authType of ["https", "HTTPS_TOKEN", "none"]) {
        const { repositoryUrl } = https;
        const { deployment } = await deploymentWith({
          type: "git_sync",
          repositoryUrl,
          authType,
          gitSyncRepoFetchMode: mode,
        });
        expect(await storedOf(deployment.id)).toMatchObject({ authType, gitSyncRepoFetchMode: mode });
      }
    },
  );

  it.each([
    ["httpsToken", https, "canary-token"],
    ["sshKey", ssh, ssh.sshKey],
  ] as const)(
    "encrypts %s, never returns or logs it, and keeps it when it is sent empty",
    async (field, given, clear) => {
      const { deployment, change, open } = await deploymentWith(given);
      expect(await open(field)).toBe(clear);
      const before = await storedOf(deployment.id);
      const answer = await change({ ...given, [field]: "", branchName: "main" });
      expect(await storedOf(deployment.id)).toEqual({ ...before, branchName: "main" });
      await change({ ...given, repositoryUrl: "nonsense" });
      const audit = await db.auditEntry.findMany({ where: { entityId: deployment.id } });
      expect(JSON.stringify([answer, before, audit])).not.toContain("canary");
      expect(logged).not.toContain("canary");
    },
  );

  it("deletes credentials of a kind that is no longer used", async () => {
    const one = await deploymentWith(https);
    await one.change(ssh);
    expect(Object.keys(await storedOf(one.deployment.id)).sort()).toEqual(
      ["knownHosts", "repositoryUrl", "sshKey", "type"].sort(),
    );
    const two = await deploymentWith(https);
    await two.change({ authType: "none" });
    const { type, repositoryUrl } = https;
    expect(await storedOf(two.deployment.id)).toEqual({ type, repositoryUrl, authType: "none" });
  });

  it("sends a stored token only to the server that it was provided for", async () => {
    const { deployment, change, open } = await deploymentWith(https);
    const before = await storedOf(deployment.id);
    for (const repositoryUrl of ["https://evil.example.com/dags.git", "https://git.example.com:444/dags.git"]) {
      expect(outcomeOf(await change({ repositoryUrl }))).toBe("BAD_USER_INPUT dagDeployment.httpsToken");
    }
    expect(await storedOf(deployment.id)).toEqual(before);
    await change({ repositoryUrl: "https://git.example.com/other.git" });
    expect(await open("httpsToken")).toBe("canary-token");
    await change({ repositoryUrl: "https://new.example.com/dags.git", httpsToken: "canary-other" });
    expect(await open("httpsToken")).toBe("canary-other");
  });

  it.each([
    [{ type: "volume", nfsLocation: "/dags" }, "nfsLocation"],
    [{ type: "volume", nfsLocation: "host:dags" }, "nfsLocation"],
    [{ type: "volume", nfsLocation: "host:/a/../b" }, "nfsLocation"],
    [{ type: "volume" }, "nfsLocation"],
    [{ type: "git_sync" }, "repositoryUrl"],
    [{ ...https, repositoryUrl: "http://git.example.com/a" }, "repositoryUrl"],
    [{ ...https, repositoryUrl: "https://git.example.com" }, "repositoryUrl"],
    [{ ...https, repositoryUrl: "https://robot:pass@git.example.com/a" }, "repositoryUrl"],
    [{ ...https, repositoryUrl: "https://token@git.example.com/a" }, "repositoryUrl"],
    [{ ...https, repositoryUrl: "file:///etc/passwd" }, "repositoryUrl"],
    [{ ...ssh, repositoryUrl: "ssh://-oProxyCommand=x/a" }, "repositoryUrl"],
    [{ ...ssh, repositoryUrl: "-oProxyCommand=x:a" }, "repositoryUrl"],
    [{ ...ssh, repositoryUrl: "dags" }, "repositoryUrl"],
    [{ ...ssh, branchName: "-x" }, "branchName"],
    [{ ...ssh, branchName: "a..b" }, "branchName"],
    [{ ...ssh, rev: "a b" }, "rev"],
    [{ ...ssh, dagDirectoryLocation: "../.." }, "dagDirectoryLocation"],
    [{ ...ssh, syncInterval: 0 }, "syncInterval"],
    [{ ...ssh, syncInterval: 86_401 }, "syncInterval"],
    [{ ...ssh, syncTimeout: 86_401 }, "syncTimeout"],
    [{ ...ssh, ephemeralStorage: 1_025 }, "ephemeralStorage"],
    [{ ...ssh, sshKey: "ssh-ed25519 AAAA me@home" }, "sshKey"],
    [{ ...ssh, gitSyncRepoFetchMode: "sometimes" }, "gitSyncRepoFetchMode"],
    [{ ...ssh, authType: "kerberos" }, "authType"],
    [{ ...ssh, authType: "https" }, "authType"],
    [{ ...ssh, httpsToken: "canary-token" }, "httpsToken"],
    [{ ...https, sshKey: "canary-key" }, "sshKey"],
    [{ ...https, authType: "none" }, "httpsUsername"],
    [{ ...https, httpsUsername: "a:b" }, "httpsUsername"],
    [{ ...https, httpsToken: "canary token" }, "httpsToken"],
  ])("rejects %j without repeating a secret", async (dagDeployment, field) => {
    const { deployment, editor } = await build.deployment();
    const answer = await as(editor).send(UPDATE, { deploymentUuid: deployment.id, dagDeployment });
    expect(outcomeOf(answer)).toBe(`BAD_USER_INPUT dagDeployment.${field}`);
    expect(JSON.stringify(answer)).not.toMatch(/canary|pass@/);
    expect(await db.deployment.findUniqueOrThrow({ where: { id: deployment.id } })).toEqual(deployment);
  });

  it("keeps a type in Deployments that use it after the platform disables it", async () => {
    const dagDeployment = { type: "dag_deploy" };
    const { deployment, editor } = await off.build.deployment({ dagDeployment });
    const send = (given: object) =>
      off.as(editor).send(UPDATE, { deploymentUuid: deployment.id, dagDeployment: given });
    expect(outcomeOf(await send(dagDeployment))).toBe("ok");
    expect(outcomeOf(await send({ type: "image" }))).toBe("ok");
    const disabled = await send(dagDeployment);
    expect(outcomeOf(disabled)).toBe("FEATURE_DISABLED dagDeployment.type");
    expect(JSON.stringify(disabled)).toContain("deployments.dagOnlyDeployment is false on this platform");
  });
});
