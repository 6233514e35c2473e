/** True for an http or https URL without user, password and fragment. */
export function isPlainUrl(text: string): boolean {
  // The parser also accepts "https:host", and removes line breaks inside.
  if (!/^https?:\/\/[^\s\p{Cc}]+$/iu.test(text) || !URL.canParse(text)) return false;
  const { username, password, hash } = new URL(text);
  return username === "" && password === "" && hash === "";
}
