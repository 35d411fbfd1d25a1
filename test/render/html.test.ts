import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { driftKinds } from '../../src/core/drift-kinds.ts';
import { makeDrift } from '../../src/core/drift.ts';
import { InstateError } from '../../src/errors.ts';
import { htmlScript, htmlScriptHash } from '../../src/render/html-script.ts';
import { htmlStyle, htmlStyleHash } from '../../src/render/html-style.ts';
import { reportApply } from '../../src/render/report-apply.ts';
import { reportDrift } from '../../src/render/report-drift.ts';
import { renderHtml } from '../../src/render/report-html.ts';
import { reportPlan } from '../../src/render/report-plan.ts';
import { reportFailure } from '../../src/render/report-problems.ts';
import type { Report, ReportHead, ReportItem } from '../../src/render/report.ts';
import { badDay } from './bad-day.ts';

const head: ReportHead = {
  command: 'drift',
  project: 'crm',
  host: null,
  version: '1.2.3',
  timestamp: '2026-11-23T00:00:00.000Z',
  ms: 312,
  home: { file: 'instate.yaml', line: 1, column: 1 },
  diagnostics: [],
  declared: new Map(),
  locate: (file) => file,
};
const plan = reportPlan(badDay.plan, { ...head, command: 'plan' });
const drift = reportDrift(makeDrift(badDay, driftKinds), head);
const results = [
  {
    address: 'zendesk-emea',
    action: 'create' as const,
    status: 'done' as const,
    instanceId: 77,
    error: null,
  },
  {
    address: 'hubspot-main',
    action: 'conflict' as const,
    status: 'not-attempted' as const,
    instanceId: null,
    error: { code: 'conflict', message: 'two live', hint: 'pin one', requestId: null },
  },
];
const ledger = { created: 1, adopted: 0, forgotten: 0, failed: 0, uncertain: 0, notAttempted: 1 };
const apply = reportApply(
  badDay.plan,
  { outcome: 'incomplete', results, summary: ledger },
  { ...head, command: 'apply' },
);
const failure = reportFailure(new InstateError('usage', 'no such file', { hint: 'name one' }), {
  ...head,
  command: 'plan',
  project: null,
});

/** One with all parts. */
const whole: ReportItem = {
  rule: 'drift/changed',
  kind: 'changed',
  level: 'error',
  fails: true,
  address: 'closeio-us',
  element: 'closeio',
  name: 'Close US',
  instanceId: 12201,
  text: 'declared fields differ',
  details: ['reads env:P'],
  fields: [
    { path: 'tags', live: 'crm', declared: 'crm, us' },
    { path: 'configuration.password', live: null, declared: '(sensitive)' },
  ],
  place: { file: 'teams/crm.yaml', line: 14, column: 5 },
};
const bare: ReportItem = {
  ...{ ...whole, address: null, element: null, name: null, instanceId: null, place: null },
  ...{ kind: 'warning', level: 'warning', fails: false, text: 'a word on the run', details: [], fields: [] },
};
const hostile = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  `' onmouseover='alert(1)`,
  'a &amp; b </style></script></title><!-- ]]> {{7*7}}',
  '\u202eturned\u200f\n\u0000\u2028',
  'half \ud800 pair',
  '##vso[task.complete]',
];

/** As a browser reads it, roughly: our own markup is gone, and entities are what they stand for. */
function readText(html: string): string {
  return html
    .replace(/<(style|script)>[^]*?<\/\1>/g, '')
    .replace(/<[^>]*>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&#35;', '#')
    .replaceAll('&amp;', '&');
}

/** Every line that has to be somewhere on the page. */
function listTexts({ items, facts, summary, next }: Report): readonly string[] {
  return [
    summary,
    ...facts,
    ...(next === null ? [] : [next]),
    ...items.flatMap(({ kind, level, address, element, name, instanceId, text, details, fields, place }) => [
      ...[kind, level, address ?? '', element ?? '', name ?? '', text, ...details],
      ...(instanceId === null ? [] : [`#${String(instanceId)}`]),
      ...fields.flatMap(({ path, live: before, declared }) => [path, before ?? '', declared]),
      ...(place === null ? [] : [`${place.file}:${String(place.line)}:${String(place.column)}`]),
    ]),
  ];
}

describe('the policy', () => {
  it.each([
    ['html-style.ts', 'style', htmlStyle, htmlStyleHash],
    ['html-script.ts', 'script', htmlScript, htmlScriptHash],
  ])('names what stands in %s', (file, tag, text, hash) => {
    const right = `sha256-${createHash('sha256').update(text).digest('base64')}`;
    expect(hash, `paste into ${file}: ${right}`).toBe(right);
    const html = renderHtml(drift);
    expect(html).toContain(`<${tag}>${text}</${tag}>`);
    expect(html).toContain(`${tag}-src '${right}'`);
  });

  it('comes before what it rules, and lets nothing else in', () => {
    const html = renderHtml(drift);
    const policy = /<meta http-equiv="Content-Security-Policy" content="([^"]*)">/.exec(html);
    expect(policy?.index).toBeLessThan(html.indexOf('<style>'));
    expect(policy?.[1]?.split('; ').map((rule) => rule.replace(/sha256-[^']*/, '…'))).toEqual([
      "default-src 'none'",
      'img-src data:',
      "style-src '…'",
      "script-src '…'",
      "base-uri 'none'",
      "form-action 'none'",
    ]);
  });

  it('has nothing to forbid on our side', () => {
    expect(htmlStyle).not.toMatch(/url\(|@import|<\//);
    expect(htmlScript).not.toMatch(/<\/|<!--|innerHTML|eval|fetch/);
    expect(renderHtml(drift)).not.toMatch(/<[^>]* (style|on\w+|src)=/);
  });
});

describe('what stands on the page', () => {
  it.each([
    ['plan', plan],
    ['drift', drift],
    ['apply', apply],
    ['failure', failure],
  ])('all that a report of a %s says', (_name, report) => {
    const text = readText(renderHtml(report));
    expect(report.items.length).toBeGreaterThan(0);
    for (const line of listTexts(report)) expect(text).toContain(line);
  });

  it('title, verdict, and who wrote it when', () => {
    const html = renderHtml(drift);
    expect(html).toContain('<title>instate drift: crm</title>');
    expect(html).toContain('<h1>instate drift: crm</h1>');
    expect(readText(html)).toContain('instate 1.2.3, 2026-11-23T00:00:00.000Z, took 0.3 s');
    expect(renderHtml(failure)).toContain('<title>instate plan</title>');
  });

  it.each([
    ['Not OK: 1 of 2 findings fails the run.', { items: [whole, bare], ok: false }],
    ['Not OK: 2 of 2 results fail the run.', { items: [whole, whole], ok: false, command: 'apply' }],
    ['Not OK: the run did not do what it was asked.', { items: [bare], ok: false }],
    ['OK: nothing fails.', { items: [bare], ok: true }],
  ])('%s', (verdict, given) => {
    expect(renderHtml({ ...drift, ...given })).toContain(`>${verdict}</p>`);
  });

  it('an item with all parts, and one with hardly any', async () => {
    const html = renderHtml({ ...drift, items: [whole, bare], facts: ['7 declared'], summary: 'Drift.' });
    const shown = html.slice(html.indexOf('<main>'), html.indexOf('</main>'));
    await expect(shown).toMatchFileSnapshot('../golden/report.html');
  });

  it('nothing, if nothing was found', () => {
    const html = renderHtml({ ...drift, items: [], ok: true, summary: 'No drift.' });
    expect(html).toContain('<p>No findings.</p>');
    expect(html).not.toMatch(/<form|<article|<input/);
    expect(renderHtml({ ...apply, items: [] })).toContain('<p>No results.</p>');
  });

  it('nothing to compare with, if nothing lives', () => {
    const fields = [{ path: 'name', live: null, declared: 'Zendesk' }];
    const html = renderHtml({ ...drift, items: [{ ...whole, fields }] });
    expect(html).toContain('<th scope="col">Field</th> <th scope="col">Declared</th>');
    expect(html).not.toMatch(/Live|not compared/);
  });

  it('1,000 findings in less than 5 MB, each with its place in the counts', () => {
    const items = Array.from({ length: 1000 }, (_, at) => ({ ...whole, address: `team-${String(at)}` }));
    const html = renderHtml({ ...drift, items });
    expect(Buffer.byteLength(html)).toBeLessThan(5_000_000);
    expect(html.match(/<article /g)).toHaveLength(1000);
    expect(html).toContain('changed <b>1,000</b>');
  });
});

describe('E8: hostile text is text', () => {
  const worst: Report = {
    ...drift,
    ...{ command: hostile.join(), project: hostile.join(), host: hostile.join(), version: hostile.join() },
    ...{ timestamp: hostile.join(), summary: hostile.join(), next: hostile.join(), facts: hostile },
    items: hostile.map((text) => ({
      ...{ ...whole, rule: text, kind: text, address: text, element: text, name: text, text },
      details: [text, text],
      fields: [text, null].map((live) => ({ path: text, live, declared: text })),
      place: { file: text, line: 1, column: 1 },
    })),
  };
  const html = renderHtml(worst);

  it('in every place where text from outside may stand', () => {
    const ours = renderHtml({ ...drift, next: 'x', host: 'a', items: [whole] });
    expect(listTags(html)).toEqual(listTags(ours));
    expect(html.split('<script')).toHaveLength(2);
    expect(html.split('</script')).toHaveLength(2);
    expect(html.split('</style')).toHaveLength(2);
    expect(html).not.toContain('<!--');
  });

  it('with nothing in it that is obeyed, nor anything left out', () => {
    expect(html).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u2028\u200f\u202e]|##|\p{Cs}/u);
    const text = readText(html);
    for (const one of [
      ...hostile.slice(0, 4),
      '\\u{202e}turned\\u{200f}\\u{a}\\u{0}\\u{2028}',
      'half \ufffd pair',
    ])
      expect(text.split(one).length).toBeGreaterThan(15);
  });
});

/** The tags that occur, with the names of their attributes. */
function listTags(html: string): readonly string[] {
  const tags = [...html.matchAll(/<([a-z][a-z0-9]*)((?:\s+[a-z-]+(?:="[^"]*")?)*)\s*>/g)].map(
    ([, name, attributes]) => `${name ?? ''}${(attributes ?? '').replace(/="[^"]*"/g, '')}`,
  );
  return [...new Set(tags)].sort();
}
