import { badInput } from "../../../platform/errors/appError.ts";
import type { DagDeployment } from "./dagDeployment.ts";
import { type Method, methodOf } from "./dagFields.ts";
import { repositoryAddress } from "./repositoryAddress.ts";

const REPOSITORY = "dagDeployment.repositoryUrl";

/** The credentials of each method. */
const credentials: Record<Method, readonly (keyof DagDeployment)[]> = {
  ssh: ["sshKey", "knownHosts"],
  https: ["httpsUsername", "httpsToken"],
  none: [],
};

/**
 * `after` without the stored credentials that its method (`authType`, else the scheme of the address) has no use for. Throws
 * BAD_USER_INPUT when credentials of another method were given, when `authType` was and does not fit the address, and when a
 * stored token would go to another server: whoever may change the address must not learn the token by it.
 */
export function credentialsThatFit(after: DagDeployment, fresh: DagDeployment, kept: DagDeployment): DagDeployment {
  const { scheme, server } = repositoryAddress(after.repositoryUrl ?? "", REPOSITORY);
  const chosen = after.authType === undefined ? undefined : methodOf(after.authType);
  const misfit = chosen !== undefined && chosen !== "none" && chosen !== scheme;
  if (misfit && fresh.authType !== undefined) {
    throw badInput("dagDeployment.authType", `does not fit the address of the repository, which is ${scheme}`);
  }
  const method = chosen === undefined || misfit ? scheme : chosen;
  const useless = (Object.keys(credentials) as Method[])
    .filter((one) => one !== method)
    .flatMap((one) => credentials[one]);
  const wrong = useless.find((field) => fresh[field] !== undefined);
  if (wrong) {
    throw badInput(`dagDeployment.${wrong}`, method === "none" ? "not with authType none" : `not with ${method}`);
  }
  const left = misfit ? [...useless, "authType"] : useless;
  const fitting: DagDeployment = Object.fromEntries(Object.entries(after).filter(([field]) => !left.includes(field)));
  if (fitting.httpsToken !== undefined && fresh.httpsToken === undefined && serverOf(kept) !== server) {
    throw badInput("dagDeployment.httpsToken", "is needed again: repositoryUrl names another server than before");
  }
  return fitting;
}

/** What was stored before addresses were checked may be of any form. */
function serverOf({ repositoryUrl }: DagDeployment): string | undefined {
  try {
    return repositoryAddress(repositoryUrl ?? "", REPOSITORY).server;
  } catch {
    return undefined;
  }
}
