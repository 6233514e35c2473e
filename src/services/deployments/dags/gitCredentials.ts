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
 * `after` without stored credentials that its method (`authType`, else the scheme of the URL) does not use. Throws
 * BAD_USER_INPUT if credentials of another method were given, if a given `authType` does not match the URL, and if a stored
 * token would be sent to another server: changing the URL must not reveal the token.
 */
export function credentialsThatFit(after: DagDeployment, fresh: DagDeployment, kept: DagDeployment): DagDeployment {
  const { scheme, server } = repositoryAddress(after.repositoryUrl ?? "", REPOSITORY);
  const chosen = after.authType === undefined ? undefined : methodOf(after.authType);
  const mismatch = chosen !== undefined && chosen !== "none" && chosen !== scheme;
  if (mismatch && fresh.authType !== undefined) {
    throw badInput("dagDeployment.authType", `must match dagDeployment.repositoryUrl, which uses ${scheme}`);
  }
  const method = chosen === undefined || mismatch ? scheme : chosen;
  const unused = (Object.keys(credentials) as Method[])
    .filter((other) => other !== method)
    .flatMap((other) => credentials[other]);
  const wrong = unused.find((field) => fresh[field] !== undefined);
  if (wrong) {
    throw badInput(`dagDeployment.${wrong}`, `cannot be combined with ${method === "none" ? "authType none" : method}`);
  }
  const dropped = mismatch ? [...unused, "authType"] : unused;
  const result: DagDeployment = Object.fromEntries(Object.entries(after).filter(([field]) => !dropped.includes(field)));
  if (result.httpsToken !== undefined && fresh.httpsToken === undefined && serverOf(kept) !== server) {
    throw badInput(
      "dagDeployment.httpsToken",
      "is required again, because repositoryUrl is on another server than before",
    );
  }
  return result;
}

/** Undefined for an invalid URL that was stored before URLs were validated. */
function serverOf({ repositoryUrl }: DagDeployment): string | undefined {
  try {
    return repositoryAddress(repositoryUrl ?? "", REPOSITORY).server;
  } catch {
    return undefined;
  }
}
