import { createHash } from 'node:crypto';

/** The style of the page, between `<style>` and `</style>` as it stands: the policy names it by its hash. */
export const pageStyle = `
:root {
  color-scheme: light dark;
  --page: #f6f7f9; --sheet: #ffffff; --ink: #1b2430; --faint: #566173; --line: #d5dae2;
  --head: #eef1f5; --link: #0b57b0; --good: #17693a; --bad: #b3261e; --warn: #8a5300; --chip: #e6ebf2;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #12161c; --sheet: #1a2029; --ink: #e4e8ee; --faint: #a3aebd; --line: #333c49;
    --head: #222a35; --link: #86b7ff; --good: #7fd6a0; --bad: #ff9a92; --warn: #f0be6a; --chip: #2b3543;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; max-width: 76rem; padding: 1.5rem 1rem 4rem; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
}
a { color: var(--link); }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
h1 { margin: 0; font-size: 1.6rem; line-height: 1.2; }
h2 { margin: 0 0 .5rem; font-size: 1.15rem; }
h3 { margin: 1rem 0 .25rem; font-size: 1rem; }
p { margin: .35rem 0; }
code, pre { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; font-size: .88em; }
code { overflow-wrap: anywhere; }
pre { margin: .35rem 0; padding: .6rem .8rem; overflow-x: auto; background: var(--head); border-radius: 6px; }
pre code { overflow-wrap: normal; }
header { margin-bottom: 1.25rem; }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1.1rem; margin: .6rem 0 0; padding: 0; list-style: none; }
section {
  margin: 0 0 1.25rem; padding: 1rem; min-width: 0; background: var(--sheet);
  border: 1px solid var(--line); border-radius: 8px; scroll-margin-top: .5rem;
}
.faint { color: var(--faint); }
.scroll { margin-top: .6rem; overflow-x: auto; border: 1px solid var(--line); border-radius: 6px; }
.small { width: fit-content; max-width: 100%; }
table { width: 100%; border-collapse: collapse; }
caption { padding: .45rem .7rem; text-align: start; color: var(--faint); font-size: .92em; }
th, td { padding: .4rem .7rem; border-top: 1px solid var(--line); text-align: start; vertical-align: top; }
thead th { background: var(--head); font-size: .85em; white-space: nowrap; }
tbody th { font-weight: 600; white-space: nowrap; }
tbody tr[aria-current=true] { background: var(--head); }
td.text { min-width: 12rem; overflow-wrap: anywhere; }
td.path { min-width: 20rem; }
td.text bdi, td.text code { overflow-wrap: anywhere; }
.number { text-align: end; font-variant-numeric: tabular-nums; }
time, .number, .word { white-space: nowrap; }
.tags { display: flex; flex-wrap: wrap; gap: .25rem; margin: 0; padding: 0; list-style: none; }
.tags li { padding: 0 .5rem; background: var(--chip); border-radius: 4px; overflow-wrap: anywhere; }
.good { color: var(--good); }
.bad { color: var(--bad); }
.warn { color: var(--warn); }
form { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; margin: .6rem 0 0; }
input, button { font: inherit; color: inherit; padding: .3rem .6rem; border: 1px solid var(--faint); border-radius: 6px; }
input { flex: 0 1 18rem; min-width: 0; background: var(--page); }
button { background: var(--head); cursor: pointer; }
.pages { display: flex; flex-wrap: wrap; gap: .25rem 1.1rem; margin: .6rem 0 0; }
dl { margin: .35rem 0; }
dt { margin-top: .5rem; }
dd { margin: 0; color: var(--faint); }
`;

/** What the content security policy allows as a style: this one, and nothing else. */
export const pageStyleSource = `'sha256-${createHash('sha256').update(pageStyle).digest('base64')}'`;
