import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer as createTcp } from 'node:net';
import { createServer as createTls } from 'node:tls';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { closeio, declarations, openBench, type Bench } from '../support/bench.ts';
import { makeCertificate } from '../api/support.ts';

const good = declarations(closeio('a'));
const inside = (lines: string) => declarations(`a:\n  element: closeio\n${lines.replace(/^/gm, '  ')}`);

/** Listens until the test is over; answers with the port. */
async function listen(server: ReturnType<typeof createTcp>): Promise<number> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}
const base = (port: number, scheme = 'http') => `${scheme}://127.0.0.1:${String(port)}/elements/api-v2`;

interface Row {
  /** Text of instate.yaml; null writes none. */
  readonly file?: string | Buffer | null;
  readonly line?: string;
  readonly prepare?: (bench: Bench) => Promise<void> | void;
  /** In brackets at the end of the error. */
  readonly code: string;
  /** What the whole message must say. */
  readonly says: RegExp;
}

const bad = 'invalid_declarations';
const rows: readonly (readonly [string, Row])[] = [
  ['no file at all', { file: null, code: bad, says: /instate\.yaml.*instate init/s }],
  ['a file that is not there', { line: 'plan -f nowhere.yaml', code: bad, says: /nowhere\.yaml/ }],
  [
    'a folder without YAML',
    {
      line: 'plan -f empty',
      prepare: (bench) => void mkdirSync(bench.at('empty')),
      code: bad,
      says: /empty/,
    },
  ],
  ['an empty file', { file: '', code: bad, says: /declares nothing.*instate init/s }],
  ['only a comment', { file: '# nothing\n', code: bad, says: /declares nothing/ }],
  [
    'YAML that does not parse',
    { file: 'version: 1\n  project: [', code: bad, says: /instate\.yaml:\d+:\d+/ },
  ],
  ['tabs', { file: 'version: 1\ninstances:\n\ta: 1\n', code: bad, says: /tab/i }],
  ['a binary file', { file: Buffer.from([0, 1, 2, 255, 0]), code: bad, says: /instate\.yaml/ }],
  ['not UTF-8', { file: Buffer.from([0x76, 0xff, 0xfe]), code: bad, says: /UTF-8/ }],
  [
    'a billion laughs',
    {
      file: `a: &a [1]\n${'bcdefghij'
        .split('')
        .map((one, at) => `${one}: &${one} [${`*${'abcdefghij'[at] ?? ''},`.repeat(9)}]`)
        .join('\n')}\n`,
      code: bad,
      says: /alias/i,
    },
  ],
  ['a list at the top', { file: '- 1\n', code: bad, says: /instate\.yaml:1:1/ }],
  ['a duplicate key', { file: `${good}project: again\n`, code: bad, says: /project/ }],
  [
    'an unknown key, and what was meant',
    { file: good.replace('project:', 'projct:'), code: bad, says: /projct.*project/s },
  ],
  [
    'an unknown key of an instance',
    { file: inside('nmae: x'), code: bad, says: /instances\.a\.nmae.*name/s },
  ],
  ['version missing', { file: good.replace('version: 1\n', ''), code: bad, says: /version/ }],
  ['another version', { file: good.replace('version: 1', 'version: 2'), code: bad, says: /version/ }],
  ['project missing', { file: good.replace('project: crm\n', ''), code: bad, says: /project/ }],
  ['a bad project', { file: good.replace('project: crm', 'project: CRM!'), code: bad, says: /project/ }],
  ['instances missing', { file: 'version: 1\nproject: crm\n', code: bad, says: /instances/ }],
  [
    'instances is a list',
    { file: 'version: 1\nproject: crm\ninstances: []\n', code: bad, says: /instances/ },
  ],
  ['a bad address', { file: declarations(closeio('Not_Good!')), code: bad, says: /Not_Good!/ }],
  ['an address that is too long', { file: declarations(closeio('a'.repeat(64))), code: bad, says: /63/ }],
  ['element missing', { file: declarations('a:\n  name: x'), code: bad, says: /element/ }],
  ['an element that is a number', { file: declarations('a:\n  element: 12'), code: bad, says: /element/ }],
  ['HTML in a name', { file: inside('name: "<b>x</b>"'), code: bad, says: /HTML/ }],
  ['HTML in a tag', { file: inside('tags: ["<i>x"]'), code: bad, says: /HTML/ }],
  ['a reserved tag', { file: inside('tags: ["instate:crm:b"]'), code: bad, says: /reserved|instate:/ }],
  ['a huge integer', { file: inside('configuration:\n  k: 9007199254740993'), code: bad, says: /quote/i }],
  ['an octal look', { file: inside('configuration:\n  k: 0755'), code: bad, says: /quote/i }],
  [
    'a number with a zero at its end',
    { file: inside('configuration:\n  k: 1.10'), code: bad, says: /quote/i },
  ],
  [
    'a literal secret',
    { file: inside('configuration:\n  password: hunter2-canary'), code: bad, says: /\$\{env:/ },
  ],
  ['an unclosed reference', { file: inside('configuration:\n  k: "${env:X"'), code: bad, says: /\$\{/ }],
  [
    'an unknown scheme',
    { file: inside('configuration:\n  k: "${vault:x}"'), code: bad, says: /scheme.*env:NAME/s },
  ],
  ['a secret in the name', { file: inside('name: "${env:PASSWORD}"'), code: bad, says: /configuration/ }],
  [
    'a file reference out of the folder',
    {
      file: inside('configuration:\n  k: "${file:../../etc/hostname}"'),
      line: 'apply --yes',
      code: bad,
      says: /folder/,
    },
  ],
  [
    'the same id twice',
    { file: declarations(`${closeio('a', 'id: 1')}\n${closeio('b', 'id: 1')}`), code: bad, says: /id/ },
  ],
  [
    'a move of what is declared',
    {
      file: declarations(`${closeio('a')}\n${closeio('b')}`, 'moved:\n  a: b\n'),
      code: bad,
      says: /moved|a/,
    },
  ],
  [
    'a bad base URL',
    {
      file: declarations(closeio('a'), 'account:\n  baseUrl: "ftp://x"\n'),
      prepare: (bench) => void delete bench.env['INSTATE_BASE_URL'],
      code: bad,
      says: /http/,
    },
  ],
  [
    'unset account secrets',
    {
      prepare: (bench) =>
        void (delete bench.env['CE_USER_SECRET'], delete bench.env['CE_ORGANIZATION_SECRET']),
      code: 'missing_reference',
      says: /CE_ORGANIZATION_SECRET, CE_USER_SECRET/,
    },
  ],
  [
    'an empty account secret',
    {
      prepare: (bench) => void (bench.env['CE_USER_SECRET'] = ''),
      code: 'missing_reference',
      says: /CE_USER_SECRET/,
    },
  ],
  ['an unset variable', { file: inside('name: "${var:REGION}"'), code: 'missing_reference', says: /REGION/ }],
  [
    'an env file that is not there',
    { line: 'plan --env-file none.env', code: 'file_unreadable', says: /none\.env/ },
  ],
  [
    'an env file that does not parse',
    {
      line: 'plan --env-file bad.env',
      prepare: (bench) => bench.write('bad.env', 'A=1\nhunter2-canary\n'),
      code: bad,
      says: /bad\.env:2/,
    },
  ],
  [
    'wrong secrets',
    {
      prepare: (bench) => void (bench.env['CE_USER_SECRET'] = 'invalid'),
      code: 'unauthorized',
      says: /CE_USER_SECRET/,
    },
  ],
  [
    'a host that nobody trusted',
    {
      file: declarations(closeio('a'), 'account:\n  baseUrl: https://evil.example/elements/api-v2\n'),
      prepare: (bench) => void delete bench.env['INSTATE_BASE_URL'],
      code: 'untrusted_host',
      says: /evil\.example/,
    },
  ],
  [
    'http to somewhere else',
    {
      line: 'plan --base-url http://api.cloud-elements.com/elements/api-v2',
      code: 'untrusted_host',
      says: /https/,
    },
  ],
  [
    'a password in the URL',
    {
      line: 'plan --base-url https://me:hunter2-canary@api.cloud-elements.com/x',
      code: bad,
      says: /user|password/i,
    },
  ],
  [
    'a dead host',
    {
      prepare: (bench) => void (bench.env['INSTATE_BASE_URL'] = base(9)),
      code: 'network',
      says: /127\.0\.0\.1|refused/,
    },
  ],
  [
    'a host that does not exist',
    {
      line: 'plan --base-url https://nowhere.invalid/elements/api-v2',
      code: 'network',
      says: /nowhere\.invalid|name/,
    },
  ],
  [
    'a TLS failure',
    {
      prepare: async (bench) =>
        void (bench.env['INSTATE_BASE_URL'] = base(
          await listen(createTls(makeCertificate('127.0.0.1')) as never),
          'https',
        )),
      code: 'network',
      says: /certificate/i,
    },
  ],
  [
    'a server that never answers',
    {
      line: 'plan --timeout 0.05',
      prepare: async (bench) =>
        void (bench.env['INSTATE_BASE_URL'] = base(await listen(createTcp(() => undefined)))),
      code: 'timeout',
      says: /--timeout|seconds|s /,
    },
  ],
  [
    'an empty list whose body never comes',
    {
      line: 'plan --timeout 0.1',
      prepare: (bench) => bench.fault({ on: 'GET /instances', times: 9, do: 'stall' }),
      code: 'timeout',
      says: /0\.1 s|--timeout/,
    },
  ],
  [
    'HTML instead of JSON',
    {
      prepare: (bench) =>
        bench.fault({ on: 'GET /instances', times: 9, do: 'status', code: 200, body: '<html>hi</html>' }),
      code: 'bad_answer',
      says: /JSON|HTML/,
    },
  ],
  [
    'half an answer',
    {
      prepare: (bench) => bench.fault({ on: 'GET /instances', times: 9, do: 'garbage' }),
      code: 'bad_answer',
      says: /JSON/,
    },
  ],
  [
    'TLS checks switched off',
    {
      prepare: (bench) => void (bench.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'),
      code: 'insecure_tls',
      says: /NODE_EXTRA_CA_CERTS/,
    },
  ],
  ['an unknown command', { line: 'aply', code: 'usage', says: /apply/ }],
  ['no command', { line: '', code: 'usage', says: /--help/ }],
  ['an unknown flag', { line: 'plan --jsn', code: 'usage', says: /--json/ }],
  [
    'a flag with one dash',
    { line: 'plan -target=a', code: 'usage', says: /unknown flag: -target[^]*`--target`/ },
  ],
  ['a flag that is not built yet', { line: 'plan --max-rps 5', code: 'usage', says: /max-rps/ }],
  ['a flag without its value', { line: 'plan -f', code: 'usage', says: /-f needs a value/ }],
  ['a missing argument', { line: 'show', code: 'usage', says: /argument is missing/ }],
  ['an argument too many', { line: 'plan extra', code: 'usage', says: /extra/ }],
  [
    'a plan that is saved offline',
    { line: 'plan --offline --out p.json', code: 'usage', says: /cannot be applied/ },
  ],
  [
    'a number that is none',
    { line: 'plan --parallelism many', code: 'usage', says: /--parallelism takes a whole number/ },
  ],
  [
    'a bad variable',
    {
      prepare: (bench) => void (bench.env['INSTATE_TIMEOUT'] = 'soon'),
      code: 'usage',
      says: /INSTATE_TIMEOUT/,
    },
  ],
  ['a flag twice', { line: 'plan --state a --state b', code: 'usage', says: /more than once/ }],
  [
    'a format that is none',
    { line: 'plan --format xml', code: 'usage', says: /--format does not take xml; it takes text, json/ },
  ],
  ['a report without a file', { line: 'plan --report json', code: 'usage', says: /--report json:FILE/ }],
  ['a target that fits nothing', { line: 'plan --target b*', code: 'unknown_address', says: /b\*/ }],
  [
    'a plan file that is none',
    { line: 'apply instate.yaml', code: 'bad_plan_file', says: /instate plan --out/ },
  ],
  [
    'a plan file that is not there',
    { line: 'apply nothing.json', code: 'file_unreadable', says: /nothing\.json/ },
  ],
  ['a bad digest', { line: 'apply --yes --expect-digest abc', code: 'usage', says: /digest/ }],
  ['no state yet', { line: 'state rm a', code: 'state_missing', says: /instate apply/ }],
  [
    'a state that is no database',
    {
      line: 'plan --state broken.db',
      prepare: (bench) => void writeFileSync(bench.at('broken.db'), 'x'.repeat(5000)),
      code: 'state_corrupt',
      says: /broken\.db/,
    },
  ],
  [
    'a state that is a folder',
    {
      line: 'plan --state dir',
      prepare: (bench) => void mkdirSync(bench.at('dir')),
      code: 'state_unsupported',
      says: /dir/,
    },
  ],
  [
    'PostgreSQL in the file, which comes later',
    {
      file: declarations(closeio('a'), 'state: postgres://db/x\n'),
      code: 'state_unsupported',
      says: /postgres/i,
    },
  ],
  [
    'PostgreSQL, which comes later',
    { line: 'plan --state postgres://db/x', code: 'state_unsupported', says: /postgres/i },
  ],
  [
    'a bad state key',
    {
      line: 'apply --yes',
      prepare: (bench) => void (bench.env['INSTATE_STATE_KEY'] = 'hunter2-canary'),
      code: 'bad_state_key',
      says: /INSTATE_STATE_KEY/,
    },
  ],
];

describe('bad input: exit 1, one clear message, and one JSON document', () => {
  it.each(rows)('%s', async (_name, { file = good, line = 'plan', prepare, code, says }) => {
    const bench = await openBench();
    if (typeof file === 'string') bench.write('instate.yaml', file);
    else if (file !== null) writeFileSync(bench.at('instate.yaml'), file);
    await prepare?.(bench);
    const words = line.split(' ').filter((word) => word !== '');
    const text = await bench.run(words);
    expect(text.code).toBe(1);
    expect(text.err.match(/^error: .*\[[a-z_]+\]$/gm)?.at(-1), text.err).toMatch(`[${code}]`);
    expect(text.err).toMatch(says);
    const json = await bench.run([...words, '--json']);
    expect(json.code).toBe(1);
    expect(json.json().error.code).toBe(code);
    expect(json.json().error.message).not.toBe('');
    expect(text.out + text.err + json.out + json.err).not.toMatch(/hunter2|\bat .*\(|undefined|\[object/);
    expect(await bench.posts()).toBe(0);
  });

  it('there are at least 40 kinds', () => {
    expect(rows.length).toBeGreaterThanOrEqual(40);
  });
});
