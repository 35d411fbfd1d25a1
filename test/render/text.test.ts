import { describe, expect, it } from 'vitest';
import { driftKinds } from '../../src/core/drift-kinds.ts';
import { makeDrift } from '../../src/core/drift.ts';
import { makePlan } from '../../src/core/plan.ts';
import { describeAddress } from '../../src/core/side-by-side.ts';
import { renderJson, describePlan, describeDrift } from '../../src/render/json.ts';
import { alignRows, clean, defuse, showDuration } from '../../src/render/screen.ts';
import { renderApply } from '../../src/render/text-apply.ts';
import { renderDiagnostics } from '../../src/render/text-diagnostics.ts';
import { renderDrift } from '../../src/render/text-drift.ts';
import { renderPlan } from '../../src/render/text-plan.ts';
import { renderShow } from '../../src/render/text-show.ts';
import { declare, live, observed, row } from '../core/world.ts';
import { badDay } from './bad-day.ts';

const look = { colour: false, verbose: false, quiet: false };
const cost = { requests: { GET: 1, POST: 0 }, ms: 312 };
const golden = (name: string) => `../golden/${name}`;

const planning = badDay;

describe('text, held to golden files', () => {
  it('a plan with every action', async () => {
    await expect(renderPlan(planning.plan, look, cost)).toMatchFileSnapshot(golden('plan.txt'));
  });
  it('the same, verbose and in colour', async () => {
    await expect(
      renderPlan(planning.plan, { ...look, verbose: true, colour: true }, cost),
    ).toMatchFileSnapshot(golden('plan-colour.txt'));
  });
  it('no changes', () => {
    const { plan } = makePlan(
      observed({ declared: [declare('a')], recorded: [row('a', 1)], live: [live(1, { name: 'a' })] }),
    );
    expect(renderPlan(plan, look, cost).split('\n').at(-2)).toBe('No changes. 1 instance is as declared.');
  });
  it('offline, and a guard', async () => {
    const gone = makePlan(observed({ recorded: [row('a', 1), row('b', 2)], user: 7 })).plan;
    const offline = makePlan(observed({ declared: [declare('a')], live: null })).plan;
    await expect(renderPlan(gone, look, cost) + renderPlan(offline, look, null)).toMatchFileSnapshot(
      golden('plan-guard-offline.txt'),
    );
  });
  it('a drift report', async () => {
    await expect(
      renderDrift(makeDrift(planning, driftKinds), look, cost, '2026-11-23T00:00:00.000Z'),
    ).toMatchFileSnapshot(golden('drift.txt'));
  });
  it('the results of an apply', async () => {
    const error = {
      code: 'refused',
      message: 'the service refused the create: no',
      hint: 'check the credentials',
      requestId: '5b0437c6e4b07731ae39b533',
    };
    const results = [
      { address: 'a', action: 'create' as const, status: 'done' as const, instanceId: 1, error: null },
      { address: 'bb', action: 'adopt' as const, status: 'done' as const, instanceId: 22, error: null },
      { address: 'c', action: 'create' as const, status: 'failed' as const, instanceId: null, error },
      {
        address: 'd',
        action: 'create' as const,
        status: 'uncertain' as const,
        instanceId: null,
        error: { ...error, code: 'uncertain', hint: '', requestId: null },
      },
      {
        address: 'e',
        action: 'conflict' as const,
        status: 'not-attempted' as const,
        instanceId: null,
        error: { ...error, code: 'conflict', message: 'two live', hint: '', requestId: null },
      },
    ];
    const summary = { created: 1, adopted: 1, forgotten: 0, failed: 1, uncertain: 1, notAttempted: 1 };
    await expect(
      renderApply(planning.plan, { outcome: 'incomplete', results, summary }, look),
    ).toMatchFileSnapshot(golden('apply.txt'));
    expect(
      renderApply(planning.plan, { outcome: 'incomplete', results, summary }, { ...look, quiet: true }),
    ).not.toContain('bb');
  });
  it('one address side by side', async () => {
    const shown = describeAddress(planning, 'closeio-us');
    await expect(shown === null ? '' : renderShow(shown, look)).toMatchFileSnapshot(golden('show.txt'));
  });
  it('JSON of a plan and of a drift report', async () => {
    const envelope = {
      ...{
        instateVersion: '0.0.0',
        command: 'plan',
        timestamp: '2026-11-23T00:00:00.000Z',
        project: 'crm',
        account: null,
        diagnostics: [],
      },
      stats: { ...cost, retries: 0 },
    };
    await expect(renderJson(envelope, describePlan(planning.plan))).toMatchFileSnapshot(golden('plan.json'));
    await expect(
      renderJson(envelope, describeDrift(makeDrift(planning, driftKinds), '2026-11-23T00:00:00.000Z')),
    ).toMatchFileSnapshot(golden('drift.json'));
  });
  it('diagnostics, with a caret under the place', async () => {
    const base = {
      severity: 'error' as const,
      code: 'unknown_key',
      summary: 'no such key',
      detail: 'did you mean `name`?',
    };
    const placed = {
      ...base,
      file: 'instate.yaml',
      line: 14,
      column: 7,
      path: 'instances.a.nmae',
      excerpt: { text: '      nmae: …', width: 4 },
    };
    const text = renderDiagnostics(
      [
        placed,
        { ...base, severity: 'warning', file: 'instate.yaml' },
        { ...base, detail: '', requestId: 'r1' },
      ],
      look,
    );
    await expect(text).toMatchFileSnapshot(golden('diagnostics.txt'));
  });
});

describe('E8: text from outside', () => {
  it('nothing in it is obeyed by a terminal', () => {
    expect(clean('a\u001b[31mred\u0007\n\u202edrow')).toBe('a\\u{1b}[31mred\\u{7}\\u{a}\\u{202e}drow');
    const hostile = makePlan(
      observed({ declared: [declare('a', { name: '\u001b]0;x\u0007::error::y' })] }),
    ).plan;

    expect(renderPlan(hostile, look, cost)).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  });
  it('nor by a CI runner: at the start of a line, and for Azure anywhere', () => {
    expect(defuse('::error::x\n  ##[group]\nx ##vso[task]\nfine :: here ## there')).toBe(
      '\\::error::x\n  #\\#[group]\nx #\\#vso[task]\nfine :: here ## there',
    );
  });
});

it('columns and durations', () => {
  expect(
    alignRows([
      ['a', 'bb', 'c'],
      ['aaa', 'b', ''],
    ]),
  ).toEqual(['a    bb  c', 'aaa  b']);
  expect(['0.3 s', '59.9 s', '1 min 40 s']).toEqual([300, 59_900, 100_000].map(showDuration));
});
