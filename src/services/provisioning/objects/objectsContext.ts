import type { Config } from "../../../platform/config/config.ts";
import type { SignInPackage } from "./readSignInPackage.ts";

/** What the objects of a Deployment depend on besides itself, its keys and its connections. */
export interface ObjectsContext {
  config: Config;
  signIn: SignInPackage;
  /**
   * What Flux does if an upgrade fails: try it again until it succeeds, or go back to what ran before. A rollback does not
   * take back migrations of Airflow's database.
   */
  onFailedUpgrade: "retry" | "rollback";
}
