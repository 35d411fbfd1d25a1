import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { requireBinary, start, until } from '../support/binary.ts';
import { closeio, declarations, openBench } from '../support/bench.ts';

/** Each line an event, with what every event has. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
function readEvents(text: string): Record<string, any>[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const event = JSON.parse(line) as Record<string, unknown>;
      expect(Object.keys(event).slice(0, 5)).toEqual(['@level', '@message', '@module', '@timestamp', 'type']);
      return event;
    });
}
/** All but diagnostics: that a key was made, say. */
const typesOf = (text: string) =>
  readEvents(text).flatMap(({ type }) => (type === 'diagnostic' ? [] : [String(type)]));

describe('--events', () => {
  it('an apply, from its version to its summary', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', declarations([closeio('a'), closeio('b')].join('\n')));
    const refused = { message: 'no', requestId: '5b0437c6e4b07731ae39b533' };
    await bench.fault({ on: 'POST /instances', nth: 2, do: 'status', code: 400, body: refused });
    const { code, out } = await bench.run('apply --yes --events events.ndjson --parallelism 1');
    expect([code, out]).toEqual([1, expect.stringContaining('Apply incomplete: 1 created')]);
    const text = readFileSync(bench.at('events.ndjson'), 'utf8');
    expect(typesOf(text)).toEqual([
      ...['version', 'planned_change', 'planned_change', 'change_summary'],
      ...['apply_start', 'apply_complete', 'apply_start', 'apply_errored', 'change_summary'],
    ]);
    const events = readEvents(text).filter(({ type }) => type !== 'diagnostic');
    expect(events[0]).toMatchObject({ '@module': 'instate.ui', ui: '1.0' });
    expect(events[1]).toMatchObject({
      change: { resource: { addr: 'a', resource_type: 'closeio', resource_name: 'a' }, action: 'create' },
    });
    expect(events[3]).toMatchObject({ changes: { add: 2, change: 0, remove: 0, operation: 'plan' } });
    expect(events[5]?.['hook']).toMatchObject({ action: 'create', id_key: 'id', id_value: '500001' });
    expect(events[7]).toMatchObject({
      '@level': 'error',
      hook: { status: 'failed', error: { code: 'refused' } },
    });
    expect(events[8]).toMatchObject({ changes: { add: 1, failed: 1, operation: 'apply' } });
  });

  it('- : events are the answer, and the text goes to stderr', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', declarations(closeio('a')));
    const { out, err } = await bench.run('plan --events -');
    expect(typesOf(out)).toEqual(['version', 'planned_change', 'change_summary']);
    expect(err).toContain('Plan: 1 to create');
    const applied = await bench.run('apply --yes --events -');
    expect(typesOf(applied.out).at(-1)).toBe('change_summary');
    expect(applied.err).toContain('Apply complete: 1 created');
  });

  it.each(['--json', '--format json', '--format sarif', '--format text'])(
    '- beside %s is a usage error',
    async (flag) => {
      const bench = await openBench();
      bench.write('instate.yaml', declarations(closeio('a')));
      const { code, out, err } = await bench.run(`plan --events - ${flag}`);
      expect([code, `${out}${err}`]).toEqual([1, expect.stringContaining('would both answer on stdout')]);
      expect((await bench.stats()).requests).toEqual({});
    },
  );

  it('beside --json a file has them', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', declarations(closeio('a')));
    const { json } = await bench.run('plan --json --events events.ndjson');
    expect(json().summary.create).toBe(1);
    expect(typesOf(readFileSync(bench.at('events.ndjson'), 'utf8'))).toHaveLength(3);
  });

  it('what is wrong with the files is a diagnostic with its place; the error comes last', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', declarations('a:\n  elment: closeio'));
    const { code, out } = await bench.run('plan --events -');
    expect(code).toBe(1);
    const diagnostics = readEvents(out).filter(({ type }) => type === 'diagnostic');
    expect(diagnostics[0]).toMatchObject({
      '@level': 'error',
      diagnostic: { severity: 'error', range: { filename: 'instate.yaml', start: { line: 4, column: 3 } } },
    });
    expect(diagnostics.at(-1)).toMatchObject({ diagnostic: { code: 'invalid_declarations' } });
  });

  it('a create that is found after an unclear answer ends complete; a conflict is told', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', declarations(closeio('a')));
    await bench.fault({ on: 'POST /instances', do: 'commit-then-status', code: 500 });
    const { code, out } = await bench.run('apply --yes --events -');
    expect(code).toBe(0);
    expect(typesOf(out).slice(-4)).toEqual([
      'apply_start',
      'apply_errored',
      'apply_complete',
      'change_summary',
    ]);
  });

  it('adopted ones are begun and done', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', declarations(closeio('a')));
    const twin = { element: { key: 'closeio' }, name: 'a', configuration: { username: 'u', password: 'p' } };
    await bench.call('POST', '/instances', twin);
    const { out } = await bench.run('apply --yes --events -');
    const events = readEvents(out).filter(({ type }) => String(type).startsWith('apply_'));
    expect(events.map(({ type, hook }) => `${String(type)} ${String(hook.action)}`)).toEqual([
      'apply_start adopt',
      'apply_complete adopt',
    ]);
  });

  it('a file that cannot be written is refused before anything is done', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', declarations(closeio('a')));
    expect((await bench.run('apply --yes --events nowhere/events.ndjson')).err).toContain(
      '[file_unwritable]',
    );
    expect(await bench.posts()).toBe(0);
  });

  it('a disk that is full costs the events, not the run', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', declarations(closeio('a')));
    const { code, err } = await bench.run('apply --yes --events /dev/full');
    expect([code, err]).toEqual([0, expect.stringContaining('the events can no longer be written')]);
  });

  it('E: no secret and no token is in them', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', declarations(closeio('a')));
    const echo = {
      message: `refused pass-word-1 for someone@example.com`,
      requestId: '5b0437c6e4b07731ae39b533',
    };
    await bench.fault({ on: 'POST /instances', do: 'status', code: 400, body: echo });
    const { out } = await bench.run('apply --yes --events -');
    expect(out).toContain('apply_errored');
    expect(out).not.toMatch(/pass-word-1|user-secret-1|organization-secret-1|someone@example\.com/);
  });

  it('after kill -9 the file is whole up to its last full line', async () => {
    requireBinary();
    const bench = await openBench({ latency: 20 });
    const blocks = Array.from({ length: 60 }, (_, at) => closeio(`a${String(at)}`)).join('\n');
    bench.write('instate.yaml', declarations(blocks));
    const { child, done } = start(bench, 'apply --yes --events events.ndjson --parallelism 2');
    await until(async () => (await bench.posts()) > 10);
    child.kill('SIGKILL');
    await done;
    const text = readFileSync(bench.at('events.ndjson'), 'utf8');
    const types = typesOf(text.slice(0, text.lastIndexOf('\n') + 1));
    expect(types.filter((type) => type === 'apply_complete').length).toBeGreaterThan(5);
  });
});
