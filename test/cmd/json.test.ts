import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { errorCodes } from '../../src/errors.ts';
import { closeio, declarations, openBench, type Bench } from '../support/bench.ts';
import answers from '../../schema/answers.schema.json' with { type: 'json' };

const ajv = new Ajv2020({ strict: true, strictRequired: false, allErrors: true, allowUnionTypes: true });
ajv.addSchema(answers);

/** Runs with --json, and holds stdout to the published schema. */
async function check(bench: Bench, name: string, line: string) {
  const { out, code } = await bench.run(`${line} --json`);
  const valid = ajv.getSchema(`${answers.$id}#/$defs/${name}`);
  const document: unknown = JSON.parse(out);
  expect(valid?.(document), `${line}: ${JSON.stringify(valid?.errors)}`).toBe(true);
  return { code, document: document as Record<string, unknown> & { error?: { code: string } } };
}

describe('JSON answers hold to their published schema', () => {
  it('over a whole story', async () => {
    const bench = await openBench();
    bench.write(
      'instate.yaml',
      declarations([closeio('a', 'tags: [x]'), closeio('b'), closeio('c')].join('\n')),
    );
    await check(bench, 'validate', 'validate');
    await check(bench, 'plan', 'plan');
    await check(bench, 'plan', 'plan --offline');
    await bench.fault({
      on: 'POST /instances',
      nth: 3,
      do: 'status',
      code: 400,
      body: { message: 'no', requestId: '5b0437c6e4b07731ae39b533' },
    });
    expect((await check(bench, 'apply', 'apply --yes')).code).toBe(1);
    await check(bench, 'apply', 'apply --yes');
    const [first] = (await bench.call('GET', '/instances')).body;
    await bench.call('PATCH', `/instances/${String(first.id)}`, { tags: ['z', 'instate:crm:a'] });
    bench.env['PASSWORD'] = 'replaced';
    await bench.call('DELETE', `/instances/${String(first.id + 1)}`);
    await check(bench, 'plan', 'plan');
    expect((await check(bench, 'drift', 'drift')).code).toBe(2);
    await check(bench, 'show', 'show a');
    await check(bench, 'show', 'show b');
    await check(bench, 'output', 'output');
    await check(bench, 'output', 'output a --reveal');
    await check(bench, 'state-list', 'state list');
    await check(bench, 'state-rekey', 'state rekey');
    bench.env['INSTATE_STATE_KEY'] = 'passphrase:a key of the environment';
    expect((await check(bench, 'failure', 'state rekey')).document.error?.code).toBe('missing_reference');
    expect((await check(bench, 'state-rekey', 'state rekey --drop')).document).toMatchObject({
      rekeyed: { outcome: 'moved' },
    });
    bench.env['INSTATE_STATE_KEY'] = 'passphrase:yet another such key';
    await check(bench, 'state-rekey', 'state rekey --lost');
    bench.env['INSTATE_STATE_KEY'] = 'passphrase:the fourth of the keys';
    expect((await check(bench, 'failure', 'state rekey')).document.error?.code).toBe('wrong_state_key');
    await check(bench, 'recover', 'recover --list');
  });

  it('errors too, with a code of the closed list', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', declarations(closeio('a')));
    const lines = [
      'plan --nonsense',
      'nonsense',
      '',
      'apply',
      'show nobody',
      'state rm nobody',
      'plan --timeout x',
      'plan -f missing.yaml',
      'output nobody',
      'apply missing.json',
      'drift --fail-on nothing',
    ];
    for (const line of lines) {
      const { code, document } = await check(bench, 'failure', line);
      expect(code, line).toBe(1);
      expect(errorCodes, line).toContain(document.error?.code);
    }
  });

  it('is deterministic: the same plan twice is the same document but for time and cost', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', declarations([closeio('b'), closeio('a')].join('\n')));
    const read = async () => {
      const { timestamp: _timestamp, stats: _stats, ...rest } = (await bench.run('plan --json')).json();
      return JSON.stringify(rest);
    };
    expect(await read()).toBe(await read());
  });
});
