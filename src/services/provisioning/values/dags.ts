import type { Config } from "../../../platform/config/config.ts";
import type { DagDeployment } from "../../deployments/dags/dagDeployment.ts";
import { whyNotByChart } from "../../deployments/dags/whyNotDelivered.ts";
import type { WantedDeployment } from "../wanted/wanted.ts";
import { airflowHome } from "./image.ts";
import { quantities } from "./resources.ts";
import type { HelmValues } from "./valuesContext.ts";
import { ValuesError } from "./valuesError.ts";

type Wanted = Pick<WantedDeployment, "dagDeployment" | "runtimeVersion" | "settings">;

/** How DAGs get into the pods. Throws a ValuesError for a way that the chart does not have. */
export function dagValues(wanted: Wanted, config: Pick<Config, "flux">, gitSecret: string): HelmValues {
  const { dagDeployment } = wanted;
  const refusal = whyNotByChart(config, dagDeployment);
  if (refusal) throw new ValuesError(`${refusal.field}: ${refusal.reason}`);
  switch (dagDeployment.type) {
    case "git_sync":
      return gitSync(wanted, gitSecret);
    case "volume":
      return volume(wanted);
    case "dag_deploy":
      // Astronomer's chart has a server for them.
      return {};
    default:
      return { dags: { persistence: { enabled: false }, gitSync: { enabled: false } } };
  }
}

function gitSync({ dagDeployment, settings }: Wanted, secret: string): HelmValues {
  const { repositoryUrl, branchName, rev, dagDirectoryLocation, knownHosts, ephemeralStorage } = dagDeployment;
  const { syncInterval, syncTimeout } = dagDeployment;
  const target = rev ?? branchName ?? "HEAD";
  return {
    dags: {
      persistence: { enabled: false },
      gitSync: {
        enabled: true,
        repo: repositoryUrl,
        // Both names of the same option, because the chart hands both on. `rev` is the default of git-sync 3.
        ...{ ref: target, branch: target, rev: "HEAD" },
        subPath: dagDirectoryLocation?.replace(/^(\.?\/)+|\/+$/g, "") ?? "",
        ...(syncInterval !== undefined && { period: `${syncInterval}s` }),
        ...(dagDeployment.sshKey !== undefined && { sshKeySecret: secret, knownHosts: linesOf(knownHosts) }),
        ...(dagDeployment.httpsToken !== undefined && { credentialsSecret: secret }),
        ...(ephemeralStorage !== undefined && { emptyDirConfig: { sizeLimit: `${ephemeralStorage}Gi` } }),
        ...(syncTimeout !== undefined && { env: [{ name: "GITSYNC_SYNC_TIMEOUT", value: `${syncTimeout}s` }] }),
        resources: { requests: quantities(settings.sidecars), limits: quantities(settings.sidecars) },
      },
    },
  };
}

/** Lines without the line breaks of other systems, and without spaces in front, both of which the chart does not expect. */
const linesOf = (text = "") => text.replace(/\r\n?/g, "\n").trim();

const VOLUME = "houston-dags";

function volume(wanted: Wanted): HelmValues {
  const [, host = "", path = ""] = /^(.+?):(\/.*)$/.exec(wanted.dagDeployment.nfsLocation ?? "") ?? [];
  if (host === "") throw new ValuesError("DAGs cannot be mounted: dagDeployment.nfsLocation must be host:/path");
  // Part of each pod, because a PersistentVolume belongs to the whole cluster, where Houston may have no rights.
  const nfs = { server: host.replace(/^\[|\]$/g, ""), path, readOnly: true };
  return {
    dags: { persistence: { enabled: false }, gitSync: { enabled: false } },
    volumes: [{ name: VOLUME, nfs }],
    volumeMounts: [{ name: VOLUME, mountPath: `${airflowHome(wanted)}/dags`, readOnly: true }],
  };
}

/** Git servers that look at the token only need a user name all the same. */
const ANY_USER = "git";

/** What the Secret with the credentials for Git contains, under the keys that the chart reads; undefined without any. */
export function gitCredentials({ type, sshKey, httpsUsername, httpsToken }: DagDeployment) {
  if (type !== "git_sync") return undefined;
  if (sshKey !== undefined) {
    // OpenSSH refuses a key without a line break at its end.
    return { gitSshKey: `${sshKey.trimEnd()}\n` };
  }
  if (httpsToken === undefined) return undefined;
  const username = httpsUsername ?? ANY_USER;
  // The names of git-sync 3 and 4.
  return {
    ...{ GIT_SYNC_USERNAME: username, GIT_SYNC_PASSWORD: httpsToken },
    ...{ GITSYNC_USERNAME: username, GITSYNC_PASSWORD: httpsToken },
  };
}
