import type { ApolloServerPlugin } from "@apollo/server";
import { BREAK, type DocumentNode, GraphQLError, visit } from "graphql";
import type { Context } from "../../access/context.ts";
import type { Config } from "../../platform/config/config.ts";
import { AppError } from "../../platform/errors/appError.ts";

/** Who may introspect the schema. */
type Audience = "everybody" | "known callers" | "nobody";

/** By default, anonymous callers may introspect a try-out, which has the embedded database. */
function audienceOf({ apollo, database }: Config): Audience {
  if (!apollo.introspection) return "nobody";
  return (apollo.anonymousIntrospection ?? database.url === null) ? "everybody" : "known callers";
}

/** Rejects introspection, over HTTP and WebSockets alike, from callers who may not have it. */
export function introspectionAccess(config: Config): ApolloServerPlugin<Context> {
  const audience = audienceOf(config);
  return {
    async requestDidStart() {
      if (audience === "everybody") return undefined;
      return {
        async didResolveOperation({ document, source, contextValue }) {
          if (!introspects(source, document)) return;
          if (audience === "nobody") throw disabled();
          if (!(await isKnown(contextValue))) throw unauthenticated();
        },
      };
    },
  };
}

/** As for any other document that is not accepted. */
const http = { status: 400 };

const disabled = () =>
  new GraphQLError("Introspection is disabled", { extensions: { code: "GRAPHQL_VALIDATION_FAILED", http } });

const WITHOUT_TOKEN = "Introspection requires a valid token or API key in the header `authorization`";

const unauthenticated = () =>
  new GraphQLError(WITHOUT_TOKEN, {
    originalError: new AppError("UNAUTHENTICATED", WITHOUT_TOKEN),
    extensions: { http },
  });

async function isKnown({ credential, loadCaller }: Context): Promise<boolean> {
  if (credential.kind === "none" || credential.kind === "bad") return false;
  return (await loadCaller([])).caller !== undefined;
}

function introspects(source: string, document: DocumentNode): boolean {
  // Almost no document contains the names, so almost none is walked.
  if (!/__(schema|type)\b/.test(source)) return false;
  let found = false;
  visit(document, {
    Field({ name }) {
      if (name.value !== "__schema" && name.value !== "__type") return undefined;
      found = true;
      return BREAK;
    },
  });
  return found;
}
