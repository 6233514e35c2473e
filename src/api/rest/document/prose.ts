/** What the document says at its beginning, in Markdown. */
export const about = `The REST API of Houston, compatible with version v1beta1 of Astro's Platform API.

**Authentication.** Send the token of a user or the API key of a service account as \`Authorization: Bearer <token>\`.

**Organizations.** All objects belong to an Organization, whose ID is part of their paths. \`listOrganizations\` returns
it. A caller who does not belong to the Organization gets 403. A caller who does gets 404 for what they cannot see.

**Lists** have the parameters \`offset\`, \`limit\` and \`sorts\`, and return the number of all rows as \`totalCount\`.

**Errors** have the format of the schema \`Error\`. Unknown parameters and fields are rejected.`;

export const license = { name: "Apache-2.0", url: "https://www.apache.org/licenses/LICENSE-2.0" };

/** The groups of operations, in the order in which the document shows them. */
export const tags: readonly { name: string; description: string }[] = [
  { name: "organization", description: "What all other objects belong to." },
  { name: "workspace", description: "Groups of users and their Deployments." },
  { name: "cluster", description: "Where Deployments run." },
  { name: "deployment", description: "Installations of Apache Airflow." },
  { name: "options", description: "What can be chosen for clusters and Deployments." },
];
