import { expect, it } from "vitest";
import { REST_PREFIX } from "../../src/api/http/restPrefix.ts";
import { createDocument } from "../../src/api/rest/document/createDocument.ts";
import { routes } from "../../src/api/rest/routes.ts";
import contract from "../contract/platform-v1beta1.json" with { type: "json" };
import { additions } from "../support/platformContract.ts";
import { differencesOf, operationsOf } from "./contractDifferences.ts";

const ours = JSON.parse(JSON.stringify(createDocument(routes, REST_PREFIX)));

/** How our document may differ from the contract, and why. */
const differences: readonly (readonly [RegExp, string])[] = [
  [/: has additionalProperties false in request$/, "Unknown fields are rejected, so that a misspelled one is noticed."],
  [/: has additionalProperties false in answer$/, "Answers contain the described fields only."],
  [/^listDeployments \?limit: adds maximum 1000 to request$/, "The maximum of every other list."],
  [/: adds (minLength|maxLength|pattern|minimum|maximum|minItems|maxItems) .* to request$/, "A limit that is checked."],
  [/^Create(Aws|Azure|Gcp)ClusterRequest.cloudProvider: lacks value/, "Each option has its own value only."],
  [/^(Create|Update)\w+DeploymentRequest.type: lacks value/, "Each option has its own value only."],
  [/^ClusterK8sTag: adds required field key$/, "A tag without a key means nothing."],
  [/^ClusterK8sTag.\w+: adds .* to answer$/, "One schema for requests and answers."],
  [/^DeploymentEnvironmentVariable.updatedAt: has format "date-time"$/, "The format of every other time."],
  [/^deleteCluster: adds status 412$/, "A cluster with Deployments is not deleted."],
];

it("has every operation of the contract, and nothing else than the documented additions", () => {
  const given = [...operationsOf(ours).keys()];
  const expected = [...operationsOf(contract).keys()];
  expect(given.toSorted()).toEqual([...expected, ...additions.operations].sort());
});

it("describes each of them as the contract does: parameters, fields, required ones, enums, limits and statuses", () => {
  const found = differencesOf(contract, ours);
  expect(found.filter((one) => !differences.some(([pattern]) => pattern.test(one)))).toEqual([]);
});

it("has every listed difference", () => {
  const found = differencesOf(contract, ours);
  expect(differences.filter(([pattern]) => !found.some((one) => pattern.test(one)))).toEqual([]);
});

/** A contract and a document that both have one operation. */
const documentWith = (change: (operation: ReturnType<typeof sample>) => void) => {
  const operation = sample();
  change(operation);
  return { paths: { "/things": { post: operation } }, components: { schemas: {} } };
};
const sample = () => ({
  operationId: "createThing",
  tags: ["thing"],
  parameters: [{ name: "limit", in: "query", required: false, schema: { type: "integer", maximum: 5 } as object }],
  requestBody: {
    required: true,
    content: {
      "application/json": {
        schema: {
          type: "object",
          properties: { a: { type: "string", maxLength: 5 }, b: { type: "string" } as object },
        },
      },
    },
  },
  responses: { 200: { content: { "application/json": { schema: { type: "string", enum: ["A", "B"] } } } } } as object,
});
const schemaIn = ({ requestBody }: ReturnType<typeof sample>) => requestBody.content["application/json"].schema;

it.each<[string, string, Parameters<typeof documentWith>[0]]>([
  ["a missing parameter", "createThing: lacks parameter ?limit", (one) => one.parameters.pop()],
  [
    "a parameter that is required",
    "createThing ?limit: has required true",
    (one) => Object.assign(one.parameters[0] ?? {}, { required: true }),
  ],
  [
    "another limit",
    "createThing ?limit: has maximum 4 instead of 5",
    (one) => Object.assign(one.parameters[0]?.schema ?? {}, { maximum: 4 }),
  ],
  [
    "a missing field",
    "createThing request: lacks field b",
    (one) => Reflect.deleteProperty(schemaIn(one).properties, "b"),
  ],
  [
    "a field of another type",
    'createThing request.b: has type "integer"',
    (one) => {
      schemaIn(one).properties.b = { type: "integer" };
    },
  ],
  [
    "a required field",
    "createThing request: adds required field a",
    (one) => Object.assign(schemaIn(one), { required: ["a"] }),
  ],
  [
    "a missing value of an enum",
    "createThing 200: lacks value B",
    (one) => {
      one.responses = { 200: { content: { "application/json": { schema: { type: "string", enum: ["A"] } } } } };
    },
  ],
  [
    "another status",
    "createThing: lacks status 200",
    (one) => {
      one.responses = {};
    },
  ],
  [
    "another tag",
    "createThing: has tags other",
    (one) => {
      one.tags = ["other"];
    },
  ],
])("the comparison finds %s", (_title, expected, change) => {
  expect(
    differencesOf(
      documentWith(() => undefined),
      documentWith(change),
    ),
  ).toEqual([expected]);
});
