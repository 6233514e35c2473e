import { expect } from "vitest";
import type { PrismaClient } from "../../src/generated/prisma/client.ts";
import requests from "../contract/samples/houston.json" with { type: "json" };
import type { Build } from "./build.ts";

/** The requests in the public documentation. */
export const samples = requests;
type Sample = (typeof samples)[number];

/**
 * What the documented requests need: a Workspace with a Deployment, its users, and another user to change, who is in
 * the Workspace if the request named `name` needs that.
 */
export async function documentedScene(build: Build, name?: string) {
  const home = await build.workspace();
  const { deployment } = await build.deployment({ workspaceId: home.workspace.id });
  const member = { role: "WORKSPACE_VIEWER" as const, workspaceId: home.workspace.id };
  const roles = name === "deploymentAddUserRole" ? [member] : [];
  const otherUser = await build.user({ fullName: "Some Body", roles });
  return { ...home, deployment, otherUser, systemAdmin: await build.systemAdmin() };
}
export type Scene = Awaited<ReturnType<typeof documentedScene>>;

/** Lets the Workspace's Deployments have the namespace that a documented request chooses. */
export async function allowNamespace(db: PrismaClient, { variables }: Sample, { workspace }: Scene): Promise<void> {
  if (!("namespace" in variables)) return;
  const config = { manualNamespaceNames: true, namespaceFreeFormEntry: true };
  await db.deploymentsConfigOverride.create({ data: { workspaceId: workspace.id, config } });
}

/** The user who sends a request according to the documentation. */
export const callerOf = (caller: string, { viewer, editor, admin, systemAdmin }: Scene) => {
  if (caller.startsWith("workspace viewer")) return viewer;
  if (caller.startsWith("workspace editor")) return editor;
  if (caller === "system admin") return systemAdmin;
  // Deployment roles: a Workspace Admin acts as Deployment Admin.
  return admin;
};

const newcomer = () => `newcomer-${Math.random().toString(36).slice(2)}@example.com`;

/** Replaces placeholders. The same one has different meanings, so the sample's name decides. */
export function filled(sample: Sample, scene: Scene): Sample {
  const { name } = sample;
  const email = name === "workspaceAddUser, bypassing the invite" ? newcomer() : scene.otherUser.email;
  const values: Record<string, string> = {
    "<workspace-id>": scene.workspace.id,
    "<deployment-id>": scene.deployment.id,
    "<release-name>": scene.deployment.releaseName,
    "<user-id>": scene.otherUser.id,
    "<email>": email,
    "<name@example.com>": scene.otherUser.email,
    "<name>": `Deployment ${Math.random()}`,
    "<label>": `Account ${Math.random()}`,
    "<runtime>": "7.2.0",
    "<KEY_1>": "FIRST_KEY",
    "<value-1>": "first",
    "<KEY_2>": "SECOND_KEY",
    "<value-2>": "second",
  };
  const text = JSON.stringify(sample).replaceAll(/<[\w@. -]+>/g, (placeholder) => values[placeholder] ?? placeholder);
  expect(text).not.toMatch(/<[a-z]/i);
  return JSON.parse(text) as Sample;
}
