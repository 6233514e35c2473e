/** CSS of the pages for people, after that of every page. */
export const style = `
:root { --button: #0b57a4; --on-button: #ffffff; --bad: #a1201c; --bad-back: #fdeeee; --good: #14622f; --good-back: #eaf6ee; }
@media (prefers-color-scheme: dark) {
  :root { --button: #8cc4ff; --on-button: #0f1a24; --bad: #ffb3ae; --bad-back: #3d1f22; --good: #93dcaa; --good-back: #16352a; }
}
h2 { margin: 1.5rem 0 0.5rem; padding-top: 1.5rem; border-top: 1px solid var(--line); font-size: 1.125rem; }
nav { display: flex; flex-wrap: wrap; gap: 0.5rem 1rem; align-items: center; margin: 0 0 1.5rem; padding: 0 0 0.75rem;
  border-bottom: 1px solid var(--line); }
nav form { margin: 0 0 0 auto; }
nav button { padding: 0.25rem 0.5rem; }
h1 { margin-bottom: 1rem; }
nav a[aria-current] { color: var(--text); text-decoration: none; }
form { margin: 0 0 1rem; }
form:last-child { margin-bottom: 0; }
.field { margin: 0 0 1rem; }
label { display: block; font-weight: 600; }
.hint { margin: 0; color: var(--muted); font-size: 0.9375rem; }
input, textarea {
  width: 100%; margin-top: 0.25rem; padding: 0.5rem 0.75rem; font: inherit; color: var(--text); background: var(--page);
  border: 1px solid var(--muted); border-radius: 0.25rem;
}
textarea { font: 0.875rem/1.5 ui-monospace, monospace; resize: vertical; overflow-wrap: anywhere; }
input[readonly] { background: none; border-style: dashed; }
input[aria-invalid] { border: 2px solid var(--bad); }
button, .button {
  display: inline-block; padding: 0.5rem 1rem; font: inherit; font-weight: 600; line-height: 1.5; text-decoration: none;
  cursor: pointer; color: var(--on-button); background: var(--button); border: 1px solid var(--button);
  border-radius: 0.25rem;
}
.quiet { color: var(--link); background: none; border-color: var(--link); }
[hidden] { display: none; }
input:focus-visible, textarea:focus-visible, button:focus-visible, .button:focus-visible {
  outline: 3px solid var(--link); outline-offset: 2px;
}
.more { display: flex; flex-wrap: wrap; gap: 0.5rem 1.25rem; align-items: center; margin: 0; }
.alert, .notice { padding: 0.75rem 1rem; border-left: 0.25rem solid; border-radius: 0.25rem; }
.alert { color: var(--bad); background: var(--bad-back); }
.notice { color: var(--good); background: var(--good-back); }
.providers { display: grid; gap: 0.5rem; margin: 0 0 1rem; padding: 0; list-style: none; }
.providers li { margin: 0; padding: 0; border: 0; }
.providers a { display: block; text-align: center; }
.row { display: flex; flex-wrap: wrap; gap: 0.5rem 1rem; align-items: center; justify-content: space-between; }
.row > div { flex: 1 1 0; min-width: 12rem; }
.row form { margin: 0; }
li:last-child.row { padding-bottom: 0.75rem; }
dl { display: grid; grid-template-columns: auto 1fr; gap: 0.25rem 1.25rem; margin: 0; }
dt { color: var(--muted); }
dd { margin: 0; }
@media (max-width: 26rem) { dl { display: block; } dd { margin: 0 0 0.5rem; } }
.spoken { position: absolute; width: 1px; height: 1px; margin: -1px; padding: 0; overflow: hidden; clip-path: inset(50%);
  white-space: nowrap; border: 0; }
button .spoken { color: inherit; }
`;
