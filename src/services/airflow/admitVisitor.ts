import type { Credential } from "../../access/authenticate.ts";
import { authorize, type Caller } from "../../access/authorize.ts";
import type { Services } from "../../access/context.ts";
import type { QueryRunner } from "../../platform/database/queryRunner.ts";
import { type AirflowIdentity, airflowRoleOf } from "./airflowRole.ts";
import { type AirflowTarget, isDomain } from "./airflowTarget.ts";
import { loadVisitor, type Visitor } from "./loadVisitor.ts";

/** What an ingress is to do with a request to an Airflow, or to the platform's monitoring. */
export type Admission =
  | { status: 401 }
  | { status: 403 }
  | {
      status: 200;
      identity: AirflowIdentity;
      deployment: string | undefined;
      visitor: Pick<Visitor, "id" | "validFor">;
    };

type Parts = Pick<Services, "roles" | "config" | "lastUsed" | "now"> & { reads: QueryRunner };

/** Reads from the database whether the caller may open the target now, and as what. */
export async function admitVisitor(parts: Parts, credential: Credential, target: AirflowTarget): Promise<Admission> {
  if (credential.kind === "none" || credential.kind === "bad") return { status: 401 };
  const { helm } = parts.config;
  const asked = "deployment" in target ? target : undefined;
  const visitor = await loadVisitor(parts.reads, credential, asked?.deployment ?? null);
  if (!visitor) return { status: 401 };
  parts.lastUsed.touch(credential, visitor.id, parts.now());
  const caller: Caller = { kind: visitor.kind, id: visitor.id, bindings: visitor.bindings };
  const names = namesOf(visitor, helm.baseDomain);
  if (!asked) {
    if (!authorize(parts.roles, caller, ["system.monitoring.get"])) return { status: 403 };
    return { status: 200, identity: { ...names, role: "Viewer" }, deployment: undefined, visitor };
  }
  const found = visitor.deployment;
  if (!found || !isDomain(asked.domain, found.domain ?? helm.baseDomain)) return { status: 403 };
  const role = airflowRoleOf(parts.roles, caller, found);
  if (!role) return { status: 403 };
  return { status: 200, identity: { ...names, role }, deployment: asked.deployment, visitor };
}

/** Longest name, in characters: proxies limit the size of the headers in the answer to 4 kB in all. */
const MAX_NAME = 200;

/** Airflow wants a name and an address of everyone. Service accounts have none, so they get some that no user can have. */
function namesOf({ kind, id, name, username, email }: Visitor, baseDomain: string) {
  const fullName = [...name].slice(0, MAX_NAME).join("");
  if (kind === "user") return { username: username ?? id, email: email ?? `${id}@users.${baseDomain}`, fullName };
  return { username: `service-account-${id}`, email: `${id}@service-accounts.${baseDomain}`, fullName };
}
