import { authorize, type Caller, type Scope } from "../../access/authorize.ts";
import type { Permission } from "../../access/permissions.ts";
import type { Roles } from "../../access/roles.ts";

/** A role of Airflow itself. */
export type AirflowRole = "Admin" | "User" | "Viewer";

/** What Airflow learns about a visitor. Its security managers require all of it. */
export interface AirflowIdentity {
  /** The name of the Airflow user. */
  username: string;
  email: string;
  fullName: string;
  role: AirflowRole;
}

/** From the most to the least; the first that fits counts. */
const RULES: readonly [AirflowRole, readonly Permission[]][] = [
  ["Admin", ["deployment.airflow.admin", "system.airflow.admin"]],
  ["User", ["deployment.airflow.user", "system.airflow.user"]],
  ["Viewer", ["deployment.airflow.get", "system.airflow.viewer", "system.airflow.get"]],
];

/** One of them is needed to open an Airflow. */
export const airflowPermissions: readonly Permission[] = RULES.flatMap(([, permissions]) => permissions);

/** What a caller is in the Airflow of a Deployment; undefined: they may not open it. */
export const airflowRoleOf = (roles: Roles, caller: Caller, scope: Scope): AirflowRole | undefined =>
  RULES.find(([, permissions]) => authorize(roles, caller, permissions, scope))?.[0];
