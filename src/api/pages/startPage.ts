import {
  type OpenableDeployment,
  type OpenableDeployments,
  openableDeployments,
} from "../../services/airflow/openableDeployments.ts";
import { linksOf } from "../http/infoPages.ts";
import { notice } from "./parts/fields.ts";
import { type Html, html } from "./parts/html.ts";
import { nav } from "./parts/nav.ts";
import { doneOf } from "./parts/notices.ts";
import type { OwnVisit, PageRoute } from "./parts/pageRoute.ts";
import { parameterOf } from "./parts/visit.ts";

/** Deployments on one page. */
const PER_PAGE = 20;

/** No label is longer. In characters. */
const MAX_SEARCH = 100;

/** The first page: the Deployments that the user can open, and where else to go. */
export const startPage: PageRoute = {
  path: "",
  access: "user",
  async show(visit) {
    const { visitor } = visit;
    const asked = askedIn(visit);
    const { playground, platformDocs } = {
      playground: undefined,
      platformDocs: undefined,
      ...linksOf(visit.ctx.config),
    };
    const { search, page } = asked;
    const found = await openableDeployments(visitor.ctx, { search, take: PER_PAGE, skip: (page - 1) * PER_PAGE });
    return {
      title: "Start",
      body: html`${nav(visit, "start")}
<h1>Hello${visitor.fullName !== "" && ` ${visitor.fullName}`}</h1>
${notice(doneOf(visit))}
<p>You are signed in as ${visitor.email ?? visitor.username}.</p>
<h2>Deployments</h2>
${deploymentsOf(asked, found)}
<h2>More</h2>
<ul>
<li><a href="account">Account</a><span>Your password, and where you are signed in.</span></li>
<li><a href="token">Token</a><span>For the command line, for scripts and for GraphQL Playground.</span></li>
${playground !== undefined && html`<li><a href="${playground}">GraphQL Playground</a><span>Run operations; DOCS describes the API.</span></li>`}
${platformDocs !== undefined && html`<li><a href="${platformDocs}">Platform API</a><span>Read about the REST API, and try it.</span></li>`}
</ul>`,
    };
  },
};

/** What is asked for with the query of the URL. */
interface Asked {
  search: string;
  /** From 1. */
  page: number;
}

function askedIn(visit: OwnVisit): Asked {
  const search = (parameterOf(visit, "search") ?? "").replaceAll("\0", "").trim().slice(0, MAX_SEARCH);
  const page = parameterOf(visit, "page") ?? "1";
  return { search, page: /^[1-9]\d{0,5}$/.test(page) ? Number(page) : 1 };
}

function deploymentsOf({ search, page }: Asked, { deployments, hasMore }: OpenableDeployments): Html {
  const isShort = search === "" && page === 1 && !hasMore;
  const none =
    search === ""
      ? "There is no Deployment yet that you can open. An Admin of its Workspace can add you."
      : "None found.";
  return html`${!isShort && searchForm(search)}
${
  deployments.length === 0
    ? html`<p>${page === 1 ? none : "The list ends before this page."}</p>`
    : html`<ul>${deployments.map(
        ({ label, releaseName, workspaceLabel, url, ...state }) =>
          html`<li><a href="${url}">${label}</a><span>${releaseName} in ${workspaceLabel}</span>${stateOf(state)}</li>`,
      )}</ul>`
}
${
  (page > 1 || hasMore) &&
  html`<p class="more">${page > 1 && html`<a href="${linkTo(search, page - 1)}" rel="prev">Previous</a>`}
<span>Page ${page}</span>
${hasMore && html`<a href="${linkTo(search, page + 1)}" rel="next">Next</a>`}</p>`
}`;
}

/** What the user should know before opening it; nothing of one that runs, or of which nothing is known. */
function stateOf({ status, statusReason }: Pick<OpenableDeployment, "status" | "statusReason">): Html | undefined {
  if (status === "HEALTHY" || (status === "UNKNOWN" && statusReason === null)) return undefined;
  const words = { DEPLOYING: "Being deployed", UNHEALTHY: "Unhealthy", UNKNOWN: "Unknown" }[status];
  return html`<span>${words}${statusReason !== null && `: ${statusReason}`}</span>`;
}

const searchForm = (search: string): Html => html`<form method="get" action="./" role="search">
<div class="field"><label for="search">Search by Deployment, release name or Workspace</label>
<input id="search" name="search" type="search" value="${search}" maxlength="${MAX_SEARCH}"></div>
<button class="quiet">Search</button>${search !== "" && html` <a href="./">Show all</a>`}
</form>`;

const linkTo = (search: string, page: number) =>
  `./?${new URLSearchParams({ ...(search && { search }), page: `${page}` })}`;
