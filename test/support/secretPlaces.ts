import { randomBytes } from "node:crypto";
import type { PrismaClient } from "../../src/generated/prisma/client.ts";
import type { SecretBox } from "../../src/platform/secrets/secretBox.ts";
import { createAs } from "./as.ts";
import type { Build } from "./build.ts";
import { createPipelines } from "./pipelines.ts";

/** A place for a secret that the API encrypts. */
export interface SecretPlace {
  /** Its column: "Connection.details". */
  column: string;
  /** Stores a new secret in it, by a request to `url`, and returns the secret once that is acknowledged. */
  write(url: string): Promise<string>;
  /** The secret that the database has, decrypted. */
  read(box: SecretBox): Promise<string>;
  /** The value that the database has. */
  sealed(): Promise<string>;
}

/** Settings that allow all of it; e-mails wait for ever. */
export const secretPlaceSettings = {
  deployments: { gitSyncDagDeployment: true, enableUpdateDeploymentImageEndpoint: true },
  email: { enabled: true, smtpUrl: "smtp://127.0.0.1:1" },
};

const VARIABLES = `mutation ($id: Uuid!, $releaseName: String!, $list: [InputEnvironmentVariable]!) {
  updateDeploymentVariables(deploymentUuid: $id, releaseName: $releaseName, environmentVariables: $list) { key }
}`;
const DAGS = `mutation ($id: Uuid!, $dags: DagDeployment) {
  updateDeployment(deploymentUuid: $id, dagDeployment: $dags) { id }
}`;
const IMAGE = `mutation ($releaseName: String!, $docker: JSON) {
  updateDeploymentImage(releaseName: $releaseName, image: "registry.example.com/blue:1", dockerconfigjson: $docker) { id }
}`;
const ACCOUNT = `mutation ($id: Uuid!) {
  createWorkspaceServiceAccount(label: "Robot", workspaceUuid: $id, role: WORKSPACE_VIEWER) { id apiKey }
}`;
const FORGOT = `mutation ($email: String!) { forgotPassword(email: $email) }`;

const git = {
  type: "git_sync",
  repositoryUrl: "https://git.example.com/a.git",
  authType: "https",
  httpsUsername: "me",
};
const ssh = { type: "git_sync", repositoryUrl: "git@git.example.com:a.git", knownHosts: "git.example.com x" };

/** One place of each kind, in rows of its own: two Deployments, a Connection, service accounts, e-mails to a user. */
export async function secretPlaces(db: PrismaClient, build: Build): Promise<SecretPlace[]> {
  const [admin, { organization }] = [await build.systemAdmin(), await build.organization()];
  const { deployment: blue } = await build.deployment();
  const { deployment: green } = await build.deployment({ workspaceId: blue.workspaceId });
  const rowOf = ({ id }: { id: string }) => db.deployment.findUniqueOrThrow({ where: { id } });
  const fresh = () => `secret-${randomBytes(9).toString("hex")}`;
  const send = async (url: string, document: string, variables: Record<string, unknown>) => {
    const { data, errors } = await createAs(url)(admin).send(document, variables);
    if (errors) throw new Error(JSON.stringify(errors));
    return data;
  };
  const place = (
    column: string,
    boundTo: () => string,
    sealed: () => Promise<string>,
    write: (url: string, secret: string) => Promise<unknown>,
    clear: (text: string) => string = (text) => text,
  ): SecretPlace => ({
    column,
    sealed,
    async write(url) {
      const secret = fresh();
      const given = await write(url, secret);
      return typeof given === "string" ? given : secret;
    },
    read: async (box) => clear(box.open(await sealed(), boundTo())),
  });
  const dagPlace = (field: "httpsToken" | "sshKey", deployment: typeof blue, dags: object) =>
    place(
      `Deployment.dagDeployment.${field}`,
      () => `Deployment:${deployment.releaseName}:dagDeployment.${field}`,
      async () => ((await rowOf(deployment)).dagDeployment as Record<string, string>)[field] ?? "",
      (url, secret) => send(url, DAGS, { id: deployment.id, dags: { ...dags, [field]: secret } }),
    );
  let connectionId: string | undefined;
  let account = { id: "", keyHash: "" };
  const lastMail = async () => {
    const rows = await db.$queryRaw<{ sealed: string }[]>`
      SELECT payload ->> 'sealed' AS sealed FROM graphile_worker._private_jobs
      WHERE payload ->> 'sealed' IS NOT NULL ORDER BY id DESC LIMIT 1`;
    return rows[0]?.sealed ?? "";
  };
  return [
    place(
      "EnvironmentVariable.value",
      () => `EnvironmentVariable:${blue.id}:HIDDEN`,
      async () => (await db.environmentVariable.findFirstOrThrow({ where: { deploymentId: blue.id } })).value,
      (url, value) => {
        const list = [{ key: "HIDDEN", value, isSecret: true }];
        return send(url, VARIABLES, { id: blue.id, releaseName: blue.releaseName, list });
      },
    ),
    dagPlace("httpsToken", blue, git),
    dagPlace("sshKey", green, ssh),
    place(
      "Deployment.dockerconfigjson",
      () => `Deployment:${green.releaseName}:dockerconfigjson`,
      async () => (await rowOf(green)).dockerconfigjson ?? "",
      (url, auth) => send(url, IMAGE, { releaseName: green.releaseName, docker: { auths: { registry: { auth } } } }),
      (text) => JSON.parse(text).auths.registry.auth,
    ),
    place(
      "ServiceAccount.keyEncrypted",
      () => `ServiceAccount:${account.keyHash}`,
      async () => (await db.serviceAccount.findUniqueOrThrow({ where: { id: account.id } })).keyEncrypted ?? "",
      async (url) => {
        const { createWorkspaceServiceAccount: made } = await send(url, ACCOUNT, { id: blue.workspaceId });
        account = await db.serviceAccount.findUniqueOrThrow({ where: { id: made.id } });
        return made.apiKey;
      },
    ),
    place(
      "Connection.details",
      () => `Connection:${connectionId}`,
      async () => (await db.connection.findUniqueOrThrow({ where: { id: connectionId ?? "" } })).details,
      async (url, headerValue) => {
        const { call, connection } = createPipelines(url);
        const details = { url: "https://example.com/events", headerValue };
        connectionId ??= await connection(admin, organization.id, { details });
        const { success, message } = await call(admin, organization.id, "updateConnection", { connectionId, details });
        if (!success) throw new Error(message);
      },
      (text) => JSON.parse(text).headerValue,
    ),
    place(
      "_private_jobs.payload.sealed",
      () => "mail",
      lastMail,
      async (url) => {
        await build.user({ email: `${fresh()}@example.com` }).then(({ email }) => send(url, FORGOT, { email }));
        return "reset";
      },
      (text) => JSON.parse(text).template,
    ),
  ];
}
