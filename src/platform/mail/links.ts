import { type AddressSettings, pagesUrl } from "../config/config.ts";

/** Links to pages of the UI, for e-mails. Built from settings only: a request's Host header cannot be trusted. */
export function links(settings: AddressSettings) {
  const base = pagesUrl(settings);
  return {
    /** Confirms an e-mail address. */
    confirm: (token: string) => `${base}/confirm-email?token=${encodeURIComponent(token)}`,
    /** Accepts an invitation: signs up, or joins if already signed up. */
    invite: (token: string) => `${base}/signup?inviteToken=${encodeURIComponent(token)}`,
    /** Sets a new password. */
    reset: (token: string) => `${base}/reset-password?token=${encodeURIComponent(token)}`,
  };
}
