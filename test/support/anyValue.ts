import {
  type GraphQLInputType,
  type GraphQLOutputType,
  type GraphQLSchema,
  isAbstractType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isRequiredInputField,
  isScalarType,
} from "graphql";

/** A value that a scalar type takes and gives. */
const scalar = (name: string): unknown =>
  ({ Int: 60_000, Float: 1, Boolean: true, JSON: {}, DateTime: "2026-11-21T06:43:42.383Z" })[name] ?? "text";

/** A value that an argument of the type takes, with nothing in it that is optional. */
export function anyInput(type: GraphQLInputType): unknown {
  if (isNonNullType(type)) return anyInput(type.ofType);
  if (isListType(type)) return [];
  if (isEnumType(type)) return type.getValues()[0]?.name;
  if (!isInputObjectType(type)) return scalar(type.name);
  const required = Object.values(type.getFields()).filter(isRequiredInputField);
  return Object.fromEntries(required.map((field) => [field.name, anyInput(field.type)]));
}

/** What a resolver may return for a field of the type: null where it can. */
export function anyOutput(schema: GraphQLSchema, type: GraphQLOutputType): unknown {
  if (!isNonNullType(type)) return null;
  const inner: GraphQLOutputType = type.ofType;
  if (isListType(inner)) return [];
  if (isEnumType(inner)) return inner.getValues()[0]?.value;
  if (isScalarType(inner)) return scalar(inner.name);
  return isAbstractType(inner) ? { __typename: schema.getPossibleTypes(inner)[0]?.name } : {};
}
