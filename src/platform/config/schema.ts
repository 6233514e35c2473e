import { z } from "zod";
import { audit } from "./audit.ts";
import { database } from "./database.ts";
import { deployments } from "./deployments.ts";
import { email } from "./email.ts";
import { auth, encryption, jwt, serviceAccounts, signUp, userManagement } from "./identity.ts";
import { jobs } from "./jobs.ts";
import { airflowAccess, alertmanager, helm, names, registry, ui } from "./platform.ts";
import { platformApi } from "./platformApi.ts";
import { flux, kubernetes, provisioner } from "./provisioning.ts";
import { roles } from "./roles.ts";
import {
  apollo,
  cors,
  elasticsearch,
  fastPath,
  limits,
  logging,
  prometheus,
  subscriptions,
  webserver,
} from "./server.ts";

/** Every setting that Houston reads, as operators write them. Objects are groups; everything else is a setting. */
export const ConfigSchema = z.strictObject({
  ...names,
  ...signUp,
  ...jobs,
  ...provisioner,
  webserver,
  cors,
  fastPath,
  logging,
  audit,
  limits,
  database,
  email,
  helm,
  ui,
  airflowAccess,
  alertmanager,
  registry,
  auth,
  jwt,
  encryption,
  userManagement,
  serviceAccounts,
  roles,
  deployments,
  kubernetes,
  flux,
  platformApi,
  apollo,
  subscriptions,
  prometheus,
  elasticsearch,
});

/** All settings, complete and validated. */
export type Config = z.output<typeof ConfigSchema>;
