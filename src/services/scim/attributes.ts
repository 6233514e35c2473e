/** The types of RFC 7643 that Houston's attributes have. */
export type AttributeType = "string" | "boolean" | "dateTime" | "reference" | "binary" | "complex";

/** An attribute as RFC 7643 describes one; what is omitted has the default of that document. */
export interface Attribute {
  name: string;
  type: AttributeType;
  description: string;
  multiValued?: boolean;
  required?: boolean;
  caseExact?: boolean;
  mutability?: "readOnly" | "immutable" | "writeOnly";
  returned?: "always" | "never";
  uniqueness?: "server";
  canonicalValues?: readonly string[];
  referenceTypes?: readonly string[];
  subAttributes?: readonly Attribute[];
}

/** A schema of RFC 7643: the core one of a resource, or an extension, whose attributes are in an object below its URN. */
export interface Schema {
  id: string;
  name: string;
  description: string;
  attributes: readonly Attribute[];
}

/** What a resource consists of. */
export interface ResourceType {
  name: "User" | "Group";
  /** Below the base URL. */
  endpoint: string;
  description: string;
  core: Schema;
  extensions: readonly Schema[];
}

const text = (name: string, description: string, more: Partial<Attribute> = {}): Attribute => ({
  ...{ name, type: "string", description },
  ...more,
});

const primary: Attribute = {
  ...{ name: "primary", type: "boolean", description: "Whether this is the preferred value. True for one at most." },
};

/** A list of values with a type, such as e-mail addresses. */
const list = (name: string, description: string, types: readonly string[] = [], value: Partial<Attribute> = {}) =>
  ({
    ...{ name, type: "complex", multiValued: true, description },
    subAttributes: [
      text("value", "The value.", value),
      text("display", "The value as it is shown."),
      text("type", "What the value is for.", types.length > 0 ? { canonicalValues: types } : {}),
      primary,
    ],
  }) as const satisfies Attribute;

const externalId = text("externalId", "The identifier of the client.", { caseExact: true });

const meta: Attribute = {
  ...{ name: "meta", type: "complex", mutability: "readOnly", description: "About the resource." },
  subAttributes: [
    text("resourceType", "The name of the resource type.", { mutability: "readOnly", caseExact: true }),
    { name: "created", type: "dateTime", mutability: "readOnly", description: "When it was created." },
    { name: "lastModified", type: "dateTime", mutability: "readOnly", description: "When it was last changed." },
    { name: "location", type: "reference", mutability: "readOnly", caseExact: true, description: "Its URL." },
  ],
};

/** Attributes that every resource has and no schema lists (RFC 7643, section 3.1). */
export const commonAttributes: readonly Attribute[] = [
  ...[text("id", "The ID of the user or team.", { mutability: "readOnly", caseExact: true, returned: "always" })],
  ...[externalId, meta],
];

const userSchema: Schema = {
  id: "urn:ietf:params:scim:schemas:core:2.0:User",
  name: "User",
  description: "A user",
  attributes: [
    text("userName", "The name to sign in with, often an e-mail address. Unique without regard to case.", {
      ...{ required: true, uniqueness: "server" },
    }),
    {
      ...{ name: "name", type: "complex", description: "The parts of the name." },
      subAttributes: [
        text("formatted", "The full name."),
        text("familyName", "The family name."),
        text("givenName", "The given name."),
        text("middleName", "The middle names."),
        text("honorificPrefix", "A title before the name."),
        text("honorificSuffix", "A title after the name."),
      ],
    },
    text("displayName", "The name as it is shown. It becomes the full name of the user."),
    text("nickName", "A casual name."),
    { name: "profileUrl", type: "reference", referenceTypes: ["external"], description: "The URL of a profile." },
    text("title", "The title, such as Vice President."),
    text("userType", "What the user is to the organization."),
    text("preferredLanguage", "The preferred languages."),
    text("locale", "Where formats come from."),
    text("timezone", "The time zone."),
    {
      ...{ name: "active", type: "boolean", required: true },
      description: "false: the user has no sessions and cannot sign in. Defaults to true, and cannot be removed.",
    },
    text("password", "Ignored: users of an identity provider sign in there.", {
      ...{ mutability: "writeOnly", returned: "never" },
    }),
    list("emails", "E-mail addresses. The primary one becomes the address of the user.", ["work", "home", "other"]),
    list("phoneNumbers", "Phone numbers.", ["work", "home", "mobile", "fax", "pager", "other"]),
    list("ims", "Addresses for instant messages."),
    list("photos", "URLs of photos.", ["photo", "thumbnail"], { type: "reference", referenceTypes: ["external"] }),
    {
      ...{ name: "addresses", type: "complex", multiValued: true, description: "Postal addresses." },
      subAttributes: [
        text("formatted", "The complete address."),
        text("streetAddress", "The street."),
        text("locality", "The city."),
        text("region", "The state or region."),
        text("postalCode", "The postal code."),
        text("country", "The country."),
        text("type", "What the address is for.", { canonicalValues: ["work", "home", "other"] }),
        primary,
      ],
    },
    {
      ...{ name: "groups", type: "complex", multiValued: true, mutability: "readOnly" },
      description: "The groups that the user belongs to.",
      subAttributes: [
        text("value", "The ID of the group.", { mutability: "readOnly", caseExact: true }),
        {
          ...{ name: "$ref", type: "reference", mutability: "readOnly", caseExact: true, referenceTypes: ["Group"] },
          description: "The URL of the group.",
        },
        text("display", "The name of the group.", { mutability: "readOnly" }),
        text("type", "direct.", { mutability: "readOnly", canonicalValues: ["direct"] }),
      ],
    },
    list("entitlements", "What the user is entitled to. Houston stores it only."),
    list("roles", "Roles at the identity provider. Houston stores them only."),
    list("x509Certificates", "Certificates, in base64.", [], { type: "binary", caseExact: true }),
  ],
};

const enterpriseSchema: Schema = {
  id: "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
  name: "EnterpriseUser",
  description: "What an enterprise knows about a user",
  attributes: [
    text("employeeNumber", "The number of the employee."),
    text("costCenter", "The cost center."),
    text("organization", "The organization."),
    text("division", "The division."),
    text("department", "The department."),
    {
      ...{ name: "manager", type: "complex", description: "The manager." },
      subAttributes: [
        text("value", "The ID of the manager."),
        { name: "$ref", type: "reference", referenceTypes: ["User"], description: "The URL of the manager." },
        text("displayName", "The name of the manager."),
      ],
    },
  ],
};

const groupSchema: Schema = {
  id: "urn:ietf:params:scim:schemas:core:2.0:Group",
  name: "Group",
  description: "A team of the identity provider",
  attributes: [
    text("displayName", "The name of the team: 1 to 80 characters, unique among the teams of the provider.", {
      ...{ required: true, uniqueness: "server" },
    }),
    {
      ...{ name: "members", type: "complex", multiValued: true, description: "The users in the team." },
      subAttributes: [
        text("value", "The ID of the user.", { mutability: "immutable", caseExact: true }),
        {
          ...{ name: "$ref", type: "reference", mutability: "immutable", caseExact: true, referenceTypes: ["User"] },
          description: "The URL of the user.",
        },
        text("type", "User.", { mutability: "immutable", canonicalValues: ["User"] }),
      ],
    },
  ],
};

/** The resource type of users. */
export const userType: ResourceType = {
  ...{ name: "User", endpoint: "/Users", description: "Users", core: userSchema, extensions: [enterpriseSchema] },
};

/** The resource type of groups, which are teams. */
export const groupType: ResourceType = {
  ...{ name: "Group", endpoint: "/Groups", description: "Teams", core: groupSchema, extensions: [] },
};

/** The attribute with a name, without regard to case. */
export function attributeNamed(attributes: readonly Attribute[], name: string): Attribute | undefined {
  const key = name.toLowerCase();
  return attributes.find((attribute) => attribute.name.toLowerCase() === key);
}

/** The attributes of a resource that are not in an extension. */
export const coreAttributes = (type: ResourceType): readonly Attribute[] => [
  ...commonAttributes,
  ...type.core.attributes,
];
