import { expect } from "vitest";
import requests from "../contract/samples/houston.json" with { type: "json" };
import type { Build } from "./build.ts";

/** The requests that the public documentation prints. */
export const samples = requests;
type Sample = (typeof samples)[number];

/** A platform as the documentation's readers have it: a Workspace with a Deployment, people, and somebody to act upon. */
export async function documentedScene(build: Build) {
  const home = await build.workspace();
  const { deployment } = await build.deployment({ workspaceId: home.workspace.id });
  const somebody = await build.user({ fullName: "Some Body" });
  return { ...home, deployment, somebody, systemAdmin: await build.systemAdmin() };
}
export type Scene = Awaited<ReturnType<typeof documentedScene>>;

/** The person whom the documentation has send a request. */
export const callerOf = (caller: string, { viewer, editor, admin, systemAdmin }: Scene) => {
  if (caller.startsWith("workspace viewer")) return viewer;
  if (caller.startsWith("workspace editor")) return editor;
  if (caller === "system admin") return systemAdmin;
  // Deployment roles: a Workspace Admin acts as Deployment Admin.
  return admin;
};

const newcomer = () => `newcomer-${Math.random().toString(36).slice(2)}@example.com`;

/** The documents use the same placeholder for different things; what stands for each is told by the sample's name. */
export function filled(sample: Sample, here: Scene): Sample {
  const { name } = sample;
  const email = name === "workspaceAddUser, bypassing the invite" ? newcomer() : here.somebody.email;
  const values: Record<string, string> = {
    "<workspace-id>": here.workspace.id,
    "<deployment-id>": here.deployment.id,
    "<release-name>": here.deployment.releaseName,
    "<user-id>": here.somebody.id,
    "<email>": email,
    "<name@example.com>": here.somebody.email,
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
