/** The settings that links are made of. */
export interface LinkSettings {
  ui: { subdomain: string };
  helm: { baseDomain: string };
  subdomainHttpsEnabled: boolean;
}

/** Links for mails, to the pages of the UI. Made of settings only: a request's Host header is its sender's word. */
export function links({ ui, helm, subdomainHttpsEnabled }: LinkSettings) {
  const base = `${subdomainHttpsEnabled ? "https" : "http"}://${ui.subdomain}.${helm.baseDomain}`;
  return {
    /** Confirms an e-mail address. */
    confirm: (token: string) => `${base}/confirm-email?token=${encodeURIComponent(token)}`,
    /** Accepts an invitation: signs up, or joins when signed up already. */
    invite: (token: string) => `${base}/signup?inviteToken=${encodeURIComponent(token)}`,
    /** Sets a new password. */
    reset: (token: string) => `${base}/reset-password?token=${encodeURIComponent(token)}`,
  };
}
