import { ownIdentities } from "../../../services/signOn/ownIdentities.ts";
import { type Provider, providersOf } from "../../../services/signOn/providers.ts";
import { form, hidden, time } from "./fields.ts";
import { type Html, html } from "./html.ts";
import { isFresh } from "./isFresh.ts";
import type { OwnVisit } from "./pageRoute.ts";

/** The part of the account page about identity providers: nothing if there are none. */
export async function identities(visit: OwnVisit): Promise<Html | undefined> {
  const { ctx } = visit.visitor;
  const [own, providers] = [await ownIdentities(ctx), providersOf(ctx.config)];
  if (own.length + providers.length === 0) return undefined;
  const nameOf = (name: string) => providers.find((one) => one.name === name)?.settings.displayName ?? name;
  const mayChange = isFresh(visit);
  const items = own.map(({ id, provider, createdAt }) => {
    const fields = [hidden("do", "removeIdentity"), hidden("identityId", id)];
    const remove = own.length > 1 || visit.visitor.hasPassword;
    return html`<li class="row"><div>${nameOf(provider)}<span>Since ${time(createdAt)}.</span></div>${
      mayChange && remove && button(visit, { button: "Remove", fields, about: ` ${nameOf(provider)}` })
    }</li>`;
  });
  const missing = providers.filter(({ name }) => !own.some(({ provider }) => provider === name));
  return html`<h2>Identity providers</h2>
${own.length === 0 ? html`<p>You sign in with your password only.</p>` : html`<ul>${items}</ul>`}
${mayChange ? missing.map((provider) => add(visit, provider)) : missing.length > 0 && again}`;
}

function add(visit: OwnVisit, { name, settings }: Provider): Html {
  const fields = [hidden("do", "addIdentity"), hidden("provider", name)];
  return button(visit, { button: `Add ${settings.displayName}`, fields });
}

const button = (visit: OwnVisit, given: Pick<Parameters<typeof form>[1], "button" | "fields" | "about">): Html =>
  form(visit, { ...given, action: "account", visitor: visit.visitor, quiet: true });

const again = html`<p>To change them, <a href="login?as=other&rd=account">sign in again</a>: you signed in more than 5
minutes ago.</p>`;
