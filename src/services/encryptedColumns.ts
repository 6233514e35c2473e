import { MAIL_SECRET } from "../platform/mail/mail.ts";
import type { EncryptedColumn } from "../platform/secrets/encryptedColumn.ts";
import { signingSecretOf } from "../platform/signing/signingKeys.ts";
import { connectionSecretOf } from "./clickstream/connectionDetails.ts";
import { variableSecretOf } from "./deployments/configuration/environmentVariables.ts";
import { dagSecretOf, dagSecrets } from "./deployments/dags/dagDeployment.ts";
import { dockerSecretOf } from "./deployments/lifecycle/dockerConfig.ts";
import { kubeconfigSecretOf } from "./provisioning/clusters/connections.ts";
import { releaseKeysOf } from "./provisioning/reconcile/releaseKeys.ts";
import { keySecretOf } from "./serviceAccounts/serviceAccountEntity.ts";
import { idTokenSecretOf } from "./signOn/idToken.ts";
import { SETUP_TOKEN } from "./users/setupToken.ts";

/** A secret in `dagDeployment`, which also belongs to soft-deleted Deployments. */
const dagSecret = (field: Parameters<typeof dagSecretOf>[1]): EncryptedColumn => ({
  name: `Deployment.dagDeployment.${field}`,
  table: '"Deployment"',
  idType: "text",
  value: `("dagDeployment" ->> '${field}')`,
  replace: `"dagDeployment" = jsonb_set("dagDeployment", '{${field}}', to_jsonb(new_value))`,
  from: ["releaseName"],
  boundTo: ({ releaseName = "" }) => dagSecretOf(releaseName, field),
});

/**
 * Every place in the database with encrypted values: what `rotate-keys` encrypts again, and what must be readable before
 * Houston starts without an old key.
 */
export const encryptedColumns: readonly EncryptedColumn[] = [
  {
    name: "Platform.setupTokenEncrypted",
    table: '"Platform"',
    idType: "integer",
    value: '"setupTokenEncrypted"',
    replace: '"setupTokenEncrypted" = new_value',
    from: [],
    boundTo: () => SETUP_TOKEN,
  },
  {
    name: "EnvironmentVariable.value",
    table: '"EnvironmentVariable"',
    idType: "text",
    value: '(CASE WHEN "isSecret" THEN "value" END)',
    replace: '"value" = new_value',
    from: ["deploymentId", "key"],
    boundTo: ({ deploymentId = "", key = "" }) => variableSecretOf(deploymentId, key),
  },
  ...dagSecrets.map(dagSecret),
  {
    name: "Deployment.dockerconfigjson",
    table: '"Deployment"',
    idType: "text",
    value: '"dockerconfigjson"',
    replace: '"dockerconfigjson" = new_value',
    from: ["releaseName"],
    boundTo: ({ releaseName = "" }) => dockerSecretOf(releaseName),
  },
  {
    name: "Cluster.kubeconfig",
    table: '"Cluster"',
    idType: "text",
    value: '"kubeconfig"',
    replace: '"kubeconfig" = new_value',
    from: [],
    boundTo: ({ id = "" }) => kubeconfigSecretOf(id),
  },
  {
    name: "Provision.keys",
    table: '"Provision"',
    idType: "text",
    value: '"keys"',
    replace: '"keys" = new_value',
    from: [],
    boundTo: ({ id = "" }) => releaseKeysOf(id),
  },
  {
    name: "ServiceAccount.keyEncrypted",
    table: '"ServiceAccount"',
    idType: "text",
    value: '"keyEncrypted"',
    replace: '"keyEncrypted" = new_value',
    from: ["keyHash"],
    boundTo: ({ keyHash = "" }) => keySecretOf(keyHash),
  },
  {
    name: "Connection.details",
    table: '"Connection"',
    idType: "text",
    value: '"details"',
    replace: '"details" = new_value',
    from: [],
    boundTo: ({ id = "" }) => connectionSecretOf(id),
  },
  {
    name: "SigningKey.privateKeyEncrypted",
    table: '"SigningKey"',
    idType: "text",
    value: '"privateKeyEncrypted"',
    replace: '"privateKeyEncrypted" = new_value',
    from: [],
    boundTo: ({ id = "" }) => signingSecretOf(id),
  },
  {
    name: "Session.idTokenEncrypted",
    table: '"Session"',
    idType: "text",
    value: '"idTokenEncrypted"',
    replace: '"idTokenEncrypted" = new_value',
    from: [],
    boundTo: ({ id = "" }) => idTokenSecretOf(id),
  },
  // Jobs of e-mails that are waiting, or that failed for good.
  {
    name: "_private_jobs.payload.sealed",
    table: "graphile_worker._private_jobs",
    idType: "bigint",
    value: "(payload ->> 'sealed')",
    replace: "payload = jsonb_set(payload::jsonb, '{sealed}', to_jsonb(new_value))::json",
    from: [],
    boundTo: () => MAIL_SECRET,
  },
];
