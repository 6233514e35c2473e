import type { Resolvers } from "../../../generated/resolvers.ts";
import { subscriptionField } from "../../../query/subscriptionField.ts";
import { readThen, thenRead } from "../../../query/thenRead.ts";
import { cordonDeployment, uncordonDeployment } from "./cordonDeployment.ts";
import { createDeployment } from "./createDeployment.ts";
import { deleteDeployment } from "./deleteDeployment.ts";
import { deploymentAlertsUpdate } from "./deploymentAlertsUpdate.ts";
import { deploymentStatus } from "./deploymentStatus.ts";
import { toggleWebserverReboot } from "./toggleWebserverReboot.ts";
import { updateDeployment } from "./updateDeployment.ts";
import { updateDeploymentAirflow } from "./updateDeploymentAirflow.ts";
import { updateDeploymentImage } from "./updateDeploymentImage.ts";
import { updateDeploymentRuntime } from "./updateDeploymentRuntime.ts";
import { upgradeDeployment } from "./upgradeDeployment.ts";
import { upsertDeployment } from "./upsertDeployment.ts";

/** Creating, changing and deleting Deployments. */
export const resolvers: Resolvers = {
  Mutation: {
    createDeployment: thenRead("Deployment", createDeployment),
    updateDeployment: thenRead("Deployment", updateDeployment),
    upsertDeployment: thenRead("Deployment", upsertDeployment),
    updateDeploymentAirflow: thenRead("Deployment", updateDeploymentAirflow),
    updateDeploymentRuntime: thenRead("Deployment", updateDeploymentRuntime),
    upgradeDeployment: thenRead("Deployment", upgradeDeployment),
    updateDeploymentImage: thenRead("Deployment", updateDeploymentImage),
    deploymentAlertsUpdate: thenRead("Deployment", deploymentAlertsUpdate),
    cordonDeployment: thenRead("Deployment", cordonDeployment),
    uncordonDeployment: thenRead("Deployment", uncordonDeployment),
    toggleWebserverReboot: thenRead("Deployment", toggleWebserverReboot),
    deleteDeployment: readThen("Deployment", ({ deploymentUuid: id }) => ({ id }), deleteDeployment),
  },
  Subscription: { deploymentStatus: subscriptionField(deploymentStatus) },
};
