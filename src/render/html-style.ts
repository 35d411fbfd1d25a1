/**
 * The style of an HTML report, between `<style>` and `</style>` as it stands: the policy names it by its hash. Items out of sight are
 * not laid out. On paper they have another `display`, or Chromium takes minutes instead of seconds to print 10,000 of them.
 */
export const htmlStyle = `
:root {
  color-scheme: light;
  --page: #ffffff; --ink: #1b2430; --faint: #566173; --line: #d5dae2; --sheet: #f3f5f8;
  --link: #0b57b0; --good: #17693a; --bad: #b3261e; --warn: #8a5300;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    color-scheme: dark;
    --page: #14181e; --ink: #e4e8ee; --faint: #a3aebd; --line: #38414e; --sheet: #1e252e;
    --link: #86b7ff; --good: #7fd6a0; --bad: #ff9a92; --warn: #f0be6a;
  }
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
body {
  max-width: 72rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  overflow-wrap: anywhere;
}
code, .place { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; font-size: .9em; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
h1 { margin: 0; font-size: 1.6rem; line-height: 1.25; }
h2 { margin: 2rem 0 .6rem; font-size: 1.2rem; line-height: 1.25; }
p, ul { margin: .35rem 0; }
ul { padding-inline-start: 1.2rem; }
.faint, .level, footer { color: var(--faint); }
.verdict { margin: 1rem 0 .35rem; padding-inline-start: .75rem; border-inline-start: 4px solid; font-size: 1.1rem; font-weight: 600; }
.good { color: var(--good); }
.bad, .error .kind { color: var(--bad); }
.warning .kind { color: var(--warn); }
pre { margin: .35rem 0; padding: .6rem .75rem; background: var(--sheet); white-space: pre-wrap; }
fieldset { min-width: 0; margin: .5rem 0; padding: 0; border: 0; }
legend { float: left; width: 11rem; padding: .15rem 1rem .15rem 0; border: 1px solid transparent; color: var(--faint); }
fieldset ul { display: flex; flex-wrap: wrap; gap: .4rem; margin: 0; padding: 0; list-style: none; }
fieldset label { display: flex; gap: .45rem; align-items: center; padding: .15rem .6rem; border: 1px solid var(--line); white-space: normal; border-radius: 4px; }
input[type=checkbox] { width: 1rem; height: 1rem; margin: 0; accent-color: var(--link); }
b { font-variant-numeric: tabular-nums; }
.find { display: flex; flex-wrap: wrap; gap: .4rem; align-items: center; margin: .75rem 0; }
.find label { width: 10.6rem; color: var(--faint); }
.find input { flex: 0 1 24rem; min-width: 0; background: var(--page); }
.find input, button { padding: .3rem .6rem; border: 1px solid var(--faint); border-radius: 4px; color: inherit; font: inherit; }
button { background: var(--sheet); cursor: pointer; }
#shown { margin: 1rem 0 .5rem; font-weight: 600; }
article { padding: .6rem 0 .6rem 11rem; border-top: 1px solid var(--line); }
@media screen { article { display: flow-root; content-visibility: auto; contain-intrinsic-size: auto 7rem; } }
h3 { margin: 0; font-size: 1.05em; line-height: 1.5; }
.kind, article .level { float: left; clear: left; width: 10rem; margin: 0 0 0 -11rem; }
article::after { display: block; clear: both; content: ""; }
.who { font-weight: 400; }
.who code { font-size: 1em; font-weight: 700; }
.who > * { margin-inline-end: .5rem; }
article p, article ul { margin: 0 0 .15rem; }
.place { color: var(--faint); }
p, li, th, td, bdi { white-space: pre-wrap; }
table { margin: .3rem 0 .5rem; border-collapse: collapse; }
th, td { min-width: 6rem; padding: .2rem 1.5rem .2rem 0; border-bottom: 1px solid var(--line); text-align: start; vertical-align: top; font-weight: 400; }
tr:first-child th { color: var(--faint); }
footer { margin-top: 1rem; padding-top: .75rem; border-top: 1px solid var(--line); }
@media (max-width: 40rem) {
  legend { float: none; width: auto; }
  .find label { width: 100%; }
  article { padding-inline-start: 0; }
  .kind, article .level { display: block; float: none; width: auto; margin: 0; }
  th, td { padding-inline-end: .75rem; }
}
@media print {
  body { max-width: none; padding: 0; font-size: 10pt; }
  .find, .hint, input { display: none; }
  pre { border: 1px solid var(--line); background: none; }
  article { break-inside: avoid; }
  h2, #shown { break-after: avoid; }
}
`;

/** SHA-256 of the style, as a policy writes it. */
export const htmlStyleHash = 'sha256-OP4CVScIF3NTcXvmmtNeNcRvb+AOa1Q/IUsCqn993+U=';
