import { htmlScript, htmlScriptHash } from './html-script.ts';
import { htmlStyle, htmlStyleHash } from './html-style.ts';
import { escapeMarkup } from './markup.ts';
import { countKinds, type Report, type ReportField, type ReportItem } from './report.ts';
import { clean, showDuration } from './screen.ts';

/** Nothing is loaded from anywhere, and nothing runs or styles but what stands here. */
const policy = [
  "default-src 'none'",
  'img-src data:',
  `style-src '${htmlStyleHash}'`,
  `script-src '${htmlScriptHash}'`,
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/**
 * One self-contained page: readable without its script, which only adds filters. All text from outside stands between tags or in
 * quoted attributes, escaped (safety.md E8).
 */
export function renderHtml(report: Report): string {
  const { command, project, version, timestamp, ms } = report;
  const title = `instate ${command}${project === null ? '' : `: ${project}`}`;
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${show(title)}</title>`,
    '<link rel="icon" href="data:,">',
    `<style>${htmlStyle}</style>`,
    '</head>',
    '<body>',
    '<header>',
    `<h1>${show(title)}</h1>`,
    ...renderHead(report),
    '</header>',
    '<main>',
    ...renderItems(report),
    '</main>',
    '<footer>',
    `<p>instate ${show(version)}, <time>${show(timestamp)}</time>, took ${showDuration(ms)}</p>`,
    '</footer>',
    `<script>${htmlScript}</script>`,
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

function show(text: string): string {
  return escapeMarkup(clean(text));
}

function showNumber(n: number): string {
  return n.toLocaleString('en-US');
}

/** What an item is called. */
function nounOf({ command }: Report): string {
  return command === 'apply' ? 'result' : 'finding';
}

function countItems(n: number, report: Report): string {
  return `${showNumber(n)} ${nounOf(report)}${n === 1 ? '' : 's'}`;
}

function renderHead(report: Report): readonly string[] {
  const { host, ok, summary, facts, next } = report;
  return [
    ...(host === null ? [] : [`<p class="faint">account ${show(host)}</p>`]),
    `<p class="verdict ${ok ? 'good' : 'bad'}">${describeVerdict(report)}</p>`,
    `<p>${show(summary)}</p>`,
    ...renderList(facts),
    ...(next === null
      ? []
      : [
          '<p>Apply exactly this, or nothing, with the same files and filters and:</p>',
          `<pre><code>${show(next)}</code></pre>`,
        ]),
  ];
}

function describeVerdict(report: Report): string {
  const { ok, items } = report;
  if (ok) return 'OK: nothing fails.';
  const failing = items.filter(({ fails }) => fails).length;
  if (failing === 0) return 'Not OK: the run did not do what it was asked.';
  const verb = failing === 1 ? 'fails' : 'fail';
  return `Not OK: ${showNumber(failing)} of ${countItems(items.length, report)} ${verb} the run.`;
}

function renderList(lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['<ul>', ...lines.map((line) => `<li>${show(line)}</li>`), '</ul>'];
}

function renderItems(report: Report): readonly string[] {
  const { items } = report;
  const noun = nounOf(report);
  const title = `<h2>${noun === 'result' ? 'Results' : 'Findings'}</h2>`;
  if (items.length === 0) return [title, `<p>No ${noun}s.</p>`];
  return [
    title,
    ...renderFilters(report),
    `<p id="shown" role="status" aria-live="polite">${countItems(items.length, report)}</p>`,
    ...items.map(renderItem),
  ];
}

/** How many of what, which holds without the script, too; it reveals the controls in between. */
function renderFilters(report: Report): readonly string[] {
  const { items } = report;
  const failing = items.filter(({ fails }) => fails).length;
  const levels = countKinds(items.map((item) => ({ ...item, kind: item.level })));
  return [
    `<form role="search" aria-label="Filter the ${nounOf(report)}s" autocomplete="off">`,
    ...renderFacet('outcome', [
      ['fails', 'fails the run', failing],
      ['passes', 'does not fail', items.length - failing],
    ]),
    ...renderFacet('level', listFacet(levels)),
    ...renderFacet('kind', listFacet(countKinds(items))),
    '<div class="find" hidden>',
    '<label for="search">Search</label>',
    '<input type="search" id="search" name="search" spellcheck="false">',
    '<button type="button">Clear</button>',
    '</div>',
    '<p class="hint faint" hidden>Shown is what contains every word and is one of those checked in each row. A row with none checked allows all.</p>',
    '</form>',
  ];
}

type Option = readonly [value: string, label: string, count: number];

function listFacet(counts: ReadonlyMap<string, number>): readonly Option[] {
  return [...counts].map(([word, n]) => [word, word, n]);
}

function renderFacet(name: 'outcome' | 'level' | 'kind', options: readonly Option[]): readonly string[] {
  const choices = options
    .filter(([, , n]) => n > 0)
    .map(([value, label, n]) => {
      const box = `<input type="checkbox" name="${name}" value="${show(value)}" hidden>`;
      return `<li><label>${box}${show(label)} <b>${showNumber(n)}</b></label></li>`;
    });
  const legend = `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`;
  return [`<fieldset><legend>${legend}</legend>`, '<ul>', ...choices, '</ul>', '</fieldset>'];
}

/** The line breaks also keep the words apart for the search. */
function renderItem(item: ReportItem): string {
  const { kind, level, fails, text, details, fields, place } = item;
  const who = nameWho(item);
  const weight = describeLevel(item);
  const told = who === '' || text === '' ? [] : [`<p>${show(text)}</p>`];
  const where = place === null ? '' : show(`${place.file}:${String(place.line)}:${String(place.column)}`);
  return [
    `<article class="${level}${fails ? ' fails' : ''}" data-kind="${show(kind)}">`,
    `<h3><span class="kind">${show(kind)}</span> <span class="who">${who === '' ? show(text) : who}</span></h3>`,
    ...(weight === '' ? [] : [`<p class="level">${weight}</p>`]),
    ...told,
    ...renderFields(fields),
    ...renderList(details),
    ...(where === '' ? [] : [`<p class="place">${where}</p>`]),
    '</article>',
  ].join('\n');
}

/** A problem's kind is its level; that word stands there already. */
function describeLevel({ kind, level, fails }: ReportItem): string {
  return [...(kind === level ? [] : [level]), ...(fails ? ['fails the run'] : [])].join(', ');
}

/** Empty for what concerns no instance. */
function nameWho({ address, element, name, instanceId }: ReportItem): string {
  return [
    ...(address === null ? [] : [`<code>${show(address)}</code>`]),
    ...(element === null ? [] : [`<span>${show(element)}</span>`]),
    ...(name === null ? [] : [`<bdi>"${show(name)}"</bdi>`]),
    ...(instanceId === null ? [] : [`<span>#${String(instanceId)}</span>`]),
  ].join(' ');
}

/** A long path breaks at its dots first. */
function renderFields(fields: readonly ReportField[]): readonly string[] {
  if (fields.length === 0) return [];
  const compares = fields.some(({ live }) => live !== null);
  const rows = fields.map(({ path, live, declared }) => {
    const before = live === null ? '<td class="faint">not compared</td>' : `<td>${show(live)}</td>`;
    const cells = [
      `<th scope="row">${show(path).replaceAll('.', '.<wbr>')}</th>`,
      ...(compares ? [before] : []),
      `<td>${show(declared)}</td>`,
    ];
    return `<tr>${cells.join(' ')}</tr>`;
  });
  const heads = ['Field', ...(compares ? ['Live'] : []), 'Declared'];
  return [
    '<table>',
    `<tr>${heads.map((head) => `<th scope="col">${head}</th>`).join(' ')}</tr>`,
    ...rows,
    '</table>',
  ];
}
