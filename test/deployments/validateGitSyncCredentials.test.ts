import { describe, expect, it, vi } from "vitest";
import { configFrom } from "../../src/platform/config/config.ts";
import { hasGit, startGitServer } from "../support/gitServer.ts";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const git = await startGitServer();
const gitSync = { allowPrivateNetworks: true, extraCertificates: git.cert };
const { as, build, db } = await testHouston({ deployments: { gitSyncDagDeployment: true, gitSync } });
const careful = await testHouston({
  deployments: { gitSyncDagDeployment: true, gitSync: { extraCertificates: git.cert } },
});
const hasty = await testHouston({
  deployments: { gitSyncDagDeployment: true, gitSync: { ...gitSync, timeout: 300 } },
});
const patient = await testHouston({
  deployments: { gitSyncDagDeployment: true, gitSync: { ...gitSync, timeout: 60_000 } },
});
const trusting = { gitSyncDagDeployment: true, gitSync: { allowPrivateNetworks: true } };
const distrustful = await testHouston({ deployments: trusting });
const off = await testHouston();

const VALIDATE = `mutation ($clusterId: Uuid!, $repositoryUrl: String!, $httpsUsername: String, $httpsToken: String!,
  $deploymentUuid: Uuid, $workspaceUuid: Uuid) {
  validateGitSyncCredentials(clusterId: $clusterId, repositoryUrl: $repositoryUrl, httpsUsername: $httpsUsername,
    httpsToken: $httpsToken, deploymentUuid: $deploymentUuid, workspaceUuid: $workspaceUuid) { valid category message }
}`;
const UPDATE = `mutation ($deploymentUuid: Uuid!, $dagDeployment: DagDeployment) {
  updateDeployment(deploymentUuid: $deploymentUuid, dagDeployment: $dagDeployment) { id }
}`;

const good = { clusterId: "", repositoryUrl: `${git.url}/dags.git`, httpsUsername: "robot", httpsToken: "opensesame" };
const verdictOf = ({ data }: { data: { validateGitSyncCredentials: object } }) => data.validateGitSyncCredentials;

describe("validateGitSyncCredentials", () => {
  it("distinguishes valid from invalid credentials, for an existing and a new Deployment", async () => {
    const { deployment, editor, home } = await build.deployment();
    const { id: clusterId } = await db.cluster.findFirstOrThrow();
    const forWorkspace = { ...good, clusterId, workspaceUuid: home?.workspace.id };
    expect(verdictOf(await as(home?.editor).send(VALIDATE, forWorkspace))).toEqual({
      valid: true,
      category: "VALID",
      message: "The git server grants access to the repository.",
    });
    const forDeployment = { ...good, deploymentUuid: deployment.id, httpsToken: "wrong" };
    expect(verdictOf(await as(editor).send(VALIDATE, forDeployment))).toMatchObject({
      valid: false,
      category: "AUTHENTICATION_FAILED",
    });
    const entries = await db.auditEntry.findMany({
      where: { action: "validateGitSyncCredentials" },
      orderBy: { createdAt: "asc" },
    });
    expect(entries).toMatchObject([
      { entityType: "Workspace", entityId: home?.workspace.id, workspaceId: home?.workspace.id },
      { entityType: "Deployment", entityId: deployment.id, workspaceId: home?.workspace.id },
    ]);
    expect(JSON.stringify(entries)).not.toContain("opensesame");
  });

  it.each([
    ["/nothing", "REPOSITORY_NOT_FOUND"],
    ["/error", "REPOSITORY_NOT_FOUND"],
    ["/forbidden", "AUTHENTICATION_FAILED"],
    ["/web", "NOT_A_GIT_REPOSITORY"],
    ["/dumb", "NOT_A_GIT_REPOSITORY"],
    ["/endless", "NOT_A_GIT_REPOSITORY"],
    ["/signin", "NOT_A_GIT_REPOSITORY"],
    ["/moved", "VALID"],
    ["/dags.git/", "VALID"],
    ["/away", "HOST_NOT_ALLOWED"],
    ["/round", "UNREACHABLE"],
    ["/broken", "UNREACHABLE"],
  ])("returns for %s: %s", async (path, category) => {
    const { workspace, editor } = await build.workspace();
    const given = { ...good, repositoryUrl: git.url + path, workspaceUuid: workspace.id };
    const { valid, message, ...verdict } = verdictOf(await as(editor).send(VALIDATE, given)) as Record<string, unknown>;
    expect(verdict).toEqual({ category });
    expect(valid).toBe(category === "VALID");
    expect(message).not.toContain("opensesame");
  });

  it.skipIf(!hasGit)("recognizes a repository served by git itself", async () => {
    const { workspace, editor } = await build.workspace();
    const given = { ...good, repositoryUrl: `${git.url}/real.git`, workspaceUuid: workspace.id };
    expect(verdictOf(await as(editor).send(VALIDATE, given))).toMatchObject({ valid: true, category: "VALID" });
  });

  it("stops waiting after the configured time", async () => {
    const { workspace, editor } = await hasty.build.workspace();
    const given = { ...good, repositoryUrl: `${git.url}/silent`, workspaceUuid: workspace.id };
    expect(verdictOf(await hasty.as(editor).send(VALIDATE, given))).toEqual({
      valid: false,
      category: "UNREACHABLE",
      message: "The git server did not respond within 300 ms.",
    });
  });

  it("checks a few concurrently and rejects more immediately", async () => {
    const { workspace, editor } = await patient.build.workspace();
    const given = { ...good, workspaceUuid: workspace.id };
    const silent = { ...given, repositoryUrl: `${git.url}/silent` };
    const few = Array.from({ length: 8 }, () => patient.as(editor).send(VALIDATE, silent));
    await vi.waitFor(() => expect(git.waiting.size).toBe(8), { timeout: 20_000 });
    expect(outcomeOf(await patient.as(editor).send(VALIDATE, given))).toBe("SERVICE_UNAVAILABLE");
    for (const response of git.waiting) response.destroy();
    for (const answer of few) expect(verdictOf(await answer)).toMatchObject({ category: "UNREACHABLE" });
    expect(verdictOf(await patient.as(editor).send(VALIDATE, given))).toMatchObject({ category: "VALID" });
  });

  it("reports an untrusted server, a closed port and an unknown host", async () => {
    const { workspace, editor } = await distrustful.build.workspace();
    const verdict = async (repositoryUrl: string) =>
      verdictOf(await distrustful.as(editor).send(VALIDATE, { ...good, repositoryUrl, workspaceUuid: workspace.id }));
    expect(await verdict(good.repositoryUrl)).toMatchObject({ valid: false, category: "TLS_FAILED" });
    expect(await verdict("https://127.0.0.1:1/dags.git")).toMatchObject({ category: "UNREACHABLE" });
    expect(await verdict("https://nowhere.invalid/dags.git")).toMatchObject({ category: "UNREACHABLE" });
  });

  it.each([
    `${git.url}/dags.git`,
    `https://127.0.0.1:${git.port}/dags.git`,
    `https://0x7f.1:${git.port}/dags.git`,
    `https://[::ffff:127.0.0.1]:${git.port}/dags.git`,
    "https://10.0.0.1/dags.git",
    "https://169.254.169.254/latest/meta-data",
  ])("does not connect to %s unless configured", async (repositoryUrl) => {
    const { workspace, editor } = await careful.build.workspace();
    const before = git.requests.length;
    const given = { ...good, repositoryUrl, workspaceUuid: workspace.id };
    expect(verdictOf(await careful.as(editor).send(VALIDATE, given))).toMatchObject({
      valid: false,
      category: "HOST_NOT_ALLOWED",
    });
    expect(git.requests).toHaveLength(before);
  });

  it("never connects to a metadata service", async () => {
    const { workspace, editor } = await build.workspace();
    const given = { ...good, repositoryUrl: "https://169.254.169.254/x", workspaceUuid: workspace.id };
    expect(verdictOf(await as(editor).send(VALIDATE, given))).toMatchObject({ category: "HOST_NOT_ALLOWED" });
  });

  it("uses the Deployment's stored token, for its own server only", async () => {
    const { deployment, editor } = await build.deployment();
    const { repositoryUrl, httpsUsername, httpsToken } = good;
    const dagDeployment = { type: "git_sync", repositoryUrl, httpsUsername, httpsToken };
    const stored = await as(editor).send(UPDATE, { deploymentUuid: deployment.id, dagDeployment });
    expect(stored.errors).toBeUndefined();
    const given = { clusterId: "", repositoryUrl, httpsToken: "", deploymentUuid: deployment.id };
    expect(verdictOf(await as(editor).send(VALIDATE, given))).toMatchObject({ valid: true });
    const before = git.requests.length;
    const elsewhere = { ...given, repositoryUrl: `https://127.0.0.1:${git.port}/dags.git` };
    expect(outcomeOf(await as(editor).send(VALIDATE, elsewhere))).toBe("BAD_USER_INPUT httpsToken");
    expect(git.requests).toHaveLength(before);
  });

  it("fails to start when the configured authorities are not certificates", () => {
    const broken = git.cert.replace(/[A-Za-z0-9]{8}/, "AAAAAAAA");
    for (const extraCertificates of ["/etc/ca.pem", broken]) {
      const overrides = { deployments: { gitSync: { extraCertificates } } };
      expect(() => configFrom(overrides)).toThrow("deployments.gitSync.extraCertificates");
    }
  });

  it("rejects input that it cannot check", async () => {
    const { deployment, editor, home } = await build.deployment();
    const outcome = async (given: object) =>
      outcomeOf(await as(editor).send(VALIDATE, { ...good, deploymentUuid: deployment.id, ...given }));
    expect(await outcome({ repositoryUrl: "http://localhost/dags.git" })).toBe("BAD_USER_INPUT repositoryUrl");
    expect(await outcome({ repositoryUrl: "git@localhost:dags.git" })).toBe("BAD_USER_INPUT repositoryUrl");
    expect(await outcome({ repositoryUrl: "https://a:b@localhost/x" })).toBe("BAD_USER_INPUT repositoryUrl");
    expect(await outcome({ repositoryUrl: "file:///etc/passwd" })).toBe("BAD_USER_INPUT repositoryUrl");
    expect(await outcome({ httpsUsername: "a:b" })).toBe("BAD_USER_INPUT httpsUsername");
    expect(await outcome({ httpsToken: "a\nb" })).toBe("BAD_USER_INPUT httpsToken");
    expect(await outcome({ httpsToken: "" })).toBe("BAD_USER_INPUT httpsToken");
    expect(await outcome({ workspaceUuid: "other" })).toBe("BAD_USER_INPUT workspaceUuid");
    expect(await outcome({ clusterId: "nothing" })).toBe("NOT_FOUND clusterId");
    const { errors } = await as(home?.admin).send(VALIDATE, good);
    expect(errors?.[0]?.message).toContain("deploymentUuid or workspaceUuid: is required");
  });

  it("can be enabled for a Workspace or Deployment alone", async () => {
    const { deployment, editor, home } = await off.build.deployment();
    const { workspaceId, id: deploymentId } = deployment;
    const unnamed = { ...good, repositoryUrl: "https://169.254.169.254/x" };
    const inWorkspace = async () =>
      outcomeOf(await off.as(home?.editor).send(VALIDATE, { ...unnamed, workspaceUuid: workspaceId }));
    const inDeployment = async () =>
      outcomeOf(await off.as(editor).send(VALIDATE, { ...unnamed, deploymentUuid: deploymentId }));
    expect([await inWorkspace(), await inDeployment()]).toEqual(["FEATURE_DISABLED", "FEATURE_DISABLED"]);
    await off.db.deploymentsConfigOverride.create({ data: { workspaceId, config: { gitSyncDagDeployment: true } } });
    expect([await inWorkspace(), await inDeployment()]).toEqual(["ok", "ok"]);
    await off.db.deploymentsConfigOverride.create({ data: { deploymentId, config: { gitSyncDagDeployment: false } } });
    expect([await inWorkspace(), await inDeployment()]).toEqual(["ok", "FEATURE_DISABLED"]);
  });

  it("denies viewers, outsiders and anonymous callers", async () => {
    const { deployment, viewer, home } = await build.deployment();
    const before = git.requests.length;
    for (const someone of [viewer, home?.viewer, home?.editor, home?.outsider]) {
      expect(outcomeOf(await as(someone).send(VALIDATE, { ...good, deploymentUuid: deployment.id }))).toBe("FORBIDDEN");
    }
    const forWorkspace = { ...good, workspaceUuid: home?.workspace.id };
    expect(outcomeOf(await as(home?.viewer).send(VALIDATE, forWorkspace))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(undefined).send(VALIDATE, forWorkspace))).toBe("UNAUTHENTICATED");
    expect(git.requests).toHaveLength(before);
  });
});
