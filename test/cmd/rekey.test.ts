import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { closeio, declarations, openBench, type Bench } from '../support/bench.ts';

const keyOf = (fill: number) => `base64:${Buffer.alloc(32, fill).toString('base64')}`;
const [first, second] = [keyOf(1), 'passphrase:the second of the keys'];
const keyFile = '.config/instate/state.key';

/** Two instances that were created under a key: `null` for the key file. */
async function applied(key: string | null, setUp: Parameters<typeof openBench>[0] = {}): Promise<Bench> {
  const bench = await openBench(setUp);
  bench.write('instate.yaml', declarations([closeio('a'), closeio('b')].join('\n')));
  useKeys(bench, { now: key });
  expect((await bench.run('apply --yes')).code).toBe(0);
  return bench;
}

function useKeys(bench: Bench, { now, old }: { now: string | null; old?: string }): void {
  bench.env['INSTATE_STATE_KEY'] = now ?? undefined;
  bench.env['INSTATE_STATE_KEY_OLD'] = old;
}

/** The tokens as the state gives them, without a request. */
async function reveal(bench: Bench): Promise<readonly string[]> {
  const { requests } = await bench.stats();
  const { code, json } = await bench.run('output --reveal --json');
  expect(code).toBe(0);
  expect((await bench.stats()).requests).toEqual(requests);
  return json().outputs.map((one: { token: string }) => one.token);
}

async function refuses(bench: Bench, line: string, code: string, ...words: readonly RegExp[]): Promise<void> {
  const before = bench.snapshot()['.instate/state.db'];
  const { code: exit, err, out } = await bench.run(line);
  expect([exit, out]).toEqual([1, '']);
  expect(err).toContain(`[${code}]`);
  for (const word of words) expect(err).toMatch(word);
  expect(bench.snapshot()['.instate/state.db']).toBe(before);
}

const notVerified = async (bench: Bench) => (await bench.run('plan --json')).json().notVerified as unknown[];

describe('instate state rekey', () => {
  it('E4: rotates a key: output and plan go on as before, and the old key opens nothing', async () => {
    const bench = await applied(first);
    const tokens = await reveal(bench);
    useKeys(bench, { now: second, old: first });
    const { code, out, err } = await bench.run('state rekey');
    expect([code, out, err]).toEqual([0, 'Rekeyed: 2 tokens, 4 fingerprints.\n', '']);
    useKeys(bench, { now: second });
    expect(await reveal(bench)).toEqual(tokens);
    expect(await notVerified(bench)).toEqual([]);
    expect((await bench.run('plan --detailed-exitcode')).code).toBe(0);
    bench.env['PASSWORD'] = 'replaced';
    expect((await bench.run('plan --json')).json().summary).toMatchObject({ update: 2, held: 2 });
    useKeys(bench, { now: first });
    await refuses(bench, 'output a --reveal', 'wrong_state_key', /INSTATE_STATE_KEY .*state rekey --lost/);
  });

  it('E5: moves from the key file to a key in the environment, and back to it', async () => {
    const bench = await applied(null);
    const tokens = await reveal(bench);
    useKeys(bench, { now: first });
    expect((await bench.run('state rekey')).out).toBe('Rekeyed: 2 tokens, 4 fingerprints.\n');
    expect(await reveal(bench)).toEqual(tokens);
    useKeys(bench, { now: null, old: first });
    expect((await bench.run('state rekey')).out).toBe('Rekeyed: 2 tokens, 4 fingerprints.\n');
    useKeys(bench, { now: null });
    expect(await reveal(bench)).toEqual(tokens);
    useKeys(bench, { now: first });
    await refuses(bench, 'output a --reveal', 'wrong_state_key');
  });

  it('E5: makes a key file where none is, says so once, and never in CI', async () => {
    const bench = await applied(first);
    const tokens = await reveal(bench);
    useKeys(bench, { now: null, old: first });
    bench.env['CI'] = 'true';
    await refuses(bench, 'state rekey', 'wrong_state_key', /set INSTATE_STATE_KEY to the new key/);
    await refuses(bench, 'state rekey --lost', 'wrong_state_key', /set INSTATE_STATE_KEY to the new key/);
    expect(bench.exists(keyFile)).toBe(false);
    bench.env['CI'] = undefined;
    const { err } = await bench.run('state rekey');
    expect(err.match(/A key for the tokens in the state was made/g)).toHaveLength(1);
    expect(bench.exists(keyFile)).toBe(true);
    useKeys(bench, { now: null });
    expect(await reveal(bench)).toEqual(tokens);
  });

  it('E4: a wrong old key, and one that is none: nothing changes', async () => {
    const bench = await applied(first);
    useKeys(bench, { now: second, old: keyOf(3) });
    await refuses(bench, 'state rekey', 'wrong_state_key', /INSTATE_STATE_KEY_OLD/, /state rekey --lost/);
    useKeys(bench, { now: second, old: 'mistyped-old-key' });
    await refuses(bench, 'state rekey', 'bad_state_key', /INSTATE_STATE_KEY_OLD/);
    expect((await bench.run('state rekey')).err).not.toContain('mistyped');
    // The others do not look at it.
    useKeys(bench, { now: first, old: 'mistyped-old-key' });
    expect((await bench.run('apply --yes')).code).toBe(0);
    expect(await reveal(bench)).toHaveLength(2);
  });

  it('E4: names what is not verified any more, and what differs, apart; nothing is accepted', async () => {
    const bench = await applied(first);
    useKeys(bench, { now: second, old: first });
    bench.env['USERNAME'] = undefined;
    bench.env['PASSWORD'] = 'rotated';
    const before = bench.snapshot();
    const refused = await bench.run('state rekey');
    expect(refused.code).toBe(1);
    expect(refused.err).toMatch(/configuration\.username of a is not at hand/);
    expect(refused.err).toMatch(/configuration\.password of b differs from the one last applied/);
    expect(refused.err).toMatch(/nothing was done \[missing_reference\]\n.*--env-file, --allow-exec.*--drop/);
    expect(bench.snapshot()['.instate/state.db']).toBe(before['.instate/state.db']);
    const { code, out } = await bench.run('state rekey --drop');
    expect(code).toBe(0);
    expect(out).toBe(
      [
        'Not verified until the next apply creates it or `instate state accept`:',
        '  a configuration.username',
        '  b configuration.username',
        '',
        'Differs from the one last applied, so it is not verified either; change it in the account, then `instate state accept`:',
        '  a configuration.password',
        '  b configuration.password',
        '',
        'Rekeyed: 2 tokens, 0 fingerprints, 4 dropped.',
        '',
      ].join('\n'),
    );
    bench.env['USERNAME'] = 'someone@example.com';
    expect(await notVerified(bench)).toEqual(
      ['a', 'b'].map((address) => ({ address, path: 'configuration.password' })),
    );
    expect((await bench.run('state accept a b')).code).toBe(0);
    expect(await notVerified(bench)).toEqual([]);
  });

  it('E4: works without declarations, and drops the fingerprints', async () => {
    const bench = await applied(first);
    const tokens = await reveal(bench);
    useKeys(bench, { now: second, old: first });
    bench.write('elsewhere/nothing', '');
    const elsewhere = { cwd: bench.at('elsewhere') };
    const { code, json } = await bench.run('state rekey --state ../.instate/state.db --json', elsewhere);
    expect(code).toBe(0);
    const { rekeyed } = json();
    expect(rekeyed).toMatchObject({ outcome: 'moved', tokens: 2, fingerprints: 0, unread: [], backups: [] });
    expect(rekeyed.dropped).toHaveLength(4);
    expect(rekeyed.dropped[0]).toEqual({ address: 'a', path: 'configuration.password', why: 'not-at-hand' });
    expect(await reveal(bench)).toEqual(tokens);
    const lost = await bench.run('state rekey --lost --state ../.instate/state.db', elsewhere);
    expect(lost.err).toContain('[invalid_declarations]');
  });

  it('E4: a renamed address keeps its fingerprints, and an open create its own', async () => {
    const bench = await applied(first);
    await bench.fault({ on: 'POST /instances', do: 'drop' });
    const moved = 'moved:\n  b: z\n';
    bench.write('instate.yaml', declarations(['a', 'z', 'c'].map((one) => closeio(one)).join('\n'), moved));
    await bench.run('apply --yes --timeout 0.4 --grace 600 --target c');
    useKeys(bench, { now: second, old: first });
    expect(await bench.run('state rekey')).toMatchObject({
      err: '',
      out: 'Rekeyed: 2 tokens, 6 fingerprints.\n',
    });
  });

  it('E4: the files of another project do not make every credential differ', async () => {
    const bench = await applied(first);
    useKeys(bench, { now: second, old: first });
    bench.write('instate.yaml', declarations(closeio('a')).replace('project: crm', 'project: other'));
    await refuses(bench, 'state rekey', 'wrong_state');
  });

  it('has nothing to do without a state key, and only cleans up under the same one', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', declarations(closeio('a')));
    expect((await bench.run('state rekey')).err).toContain('[state_missing]');
    bench.env['CI'] = 'true';
    await bench.run('apply --yes');
    const none = await bench.run('state rekey');
    expect([none.code, none.out]).toEqual([
      0,
      'Nothing to do: nothing in this state is sealed under a key yet.\n',
    ]);
    const same = await applied(first);
    const { code, out } = await same.run('state rekey');
    expect(code).toBe(0);
    expect(out).toMatch(
      /^Only cleaned up: the state is under this key already\. To change it, set INSTATE_STATE_KEY/,
    );
    expect((await same.run('state rekey --lost --json')).json().rekeyed).toEqual({
      ...{ outcome: 'current', tokens: 0, fingerprints: 0, dropped: [], unread: [], backups: [] },
      cleanedUp: true,
    });
    expect(await reveal(same)).toHaveLength(2);
  });

  it('E4: warns of backups under another key, and of a WAL that somebody reads', async () => {
    const bench = await applied(first);
    const backup = bench.at('.instate/state.db.v1-2026.backup');
    const reader = new Database(bench.at('.instate/state.db'), { readonly: true });
    reader.prepare('VACUUM INTO ?').run(backup);
    reader.exec('BEGIN');
    reader.prepare('SELECT count(*) FROM meta').get();
    writeFileSync(bench.at('.instate/state.db.v2-2026.backup'), 'rubbish');
    useKeys(bench, { now: second, old: first });
    const { code, err, out } = await bench.run('state rekey');
    reader.close();
    expect([code, out]).toEqual([0, 'Rekeyed: 2 tokens, 4 fingerprints.\n']);
    expect(err).toMatch(
      /warning: .*may still hold what was sealed under the old key.*\n {2}.*run this again/,
    );
    expect(err).toMatch(
      /under another key: .*v1-2026\.backup\n {2}delete them, or keep the old key for them/,
    );
    expect(err).toMatch(/could not be looked into: .*v2-2026\.backup/);
    const again = (await bench.run('state rekey --json')).json();
    expect(again.rekeyed).toMatchObject({ outcome: 'current', cleanedUp: true });
    expect(again.rekeyed.backups).toEqual([backup, bench.at('.instate/state.db.v2-2026.backup')]);
    expect(again.diagnostics.map((one: { code: string }) => one.code)).toEqual([
      'backup_under_other_key',
      'backup_unreadable',
    ]);
  });
});

describe('instate state rekey --lost', () => {
  it('E4: a lost key is no dead end: apply works, stores no token, and says so exactly once', async () => {
    const bench = await applied(first);
    useKeys(bench, { now: second });
    bench.write('instate.yaml', declarations(['a', 'b', 'c', 'd'].map((one) => closeio(one)).join('\n')));
    const { code, err, out } = await bench.run('apply --yes');
    expect(code).toBe(0);
    expect(out).toMatch(/Apply complete: 2 created/);
    expect(err.match(/are not stored/g)).toHaveLength(1);
    expect(err).toMatch(/instate state rekey --lost/);
    const stored = new Database(bench.at('.instate/state.db'), { readonly: true });
    expect(stored.prepare('SELECT address FROM instances WHERE token IS NULL').pluck().all()).toEqual([
      'c',
      'd',
    ]);
    stored.close();
  });

  it('E4: reads the tokens live with GETs alone, and seals them under the new key', async () => {
    const bench = await applied(first);
    const tokens = await reveal(bench);
    const posts = await bench.posts();
    const [, { id: gone }] = (await bench.call('GET', '/instances')).body;
    await bench.call('DELETE', `/instances/${String(gone)}`);
    useKeys(bench, { now: second });
    const { code, out } = await bench.run('state rekey --lost');
    expect(code).toBe(0);
    expect(out).toContain('No token is stored; `instate output` reads it live:\n  b\n');
    expect(out).toMatch(/Rekeyed: 1 token, 0 fingerprints, 4 dropped\.\n$/);
    expect(await bench.posts()).toBe(posts);
    const { outputs } = (await bench.run('output a --reveal --json')).json();
    expect(outputs[0].token).toBe(tokens[0]);
    useKeys(bench, { now: first });
    await refuses(bench, 'output a --reveal', 'wrong_state_key');
  });

  it('E4: is refused, without a request, while the old key is at hand', async () => {
    const bench = await applied(first);
    const { requests } = await bench.stats();
    useKeys(bench, { now: second, old: first });
    await refuses(bench, 'state rekey --lost', 'usage', /leave out --lost/);
    expect((await bench.stats()).requests).toEqual(requests);
  });

  it('E4: an account that cannot be read changes nothing, and makes no key file', async () => {
    const bench = await applied(first);
    useKeys(bench, { now: null });
    const path = { on: 'GET /instances', times: 9 };
    await bench.fault({
      ...path,
      do: 'status',
      code: 403,
      body: { message: 'no', requestId: '5b0437c6e4b07731ae39b533' },
    });
    await refuses(bench, 'state rekey --lost', 'forbidden');
    await bench.clearFaults();
    bench.env['CE_USER_SECRET'] = 'invalid';
    await refuses(bench, 'state rekey --lost', 'unauthorized');
    bench.env['CE_USER_SECRET'] = undefined;
    await refuses(bench, 'state rekey --lost', 'missing_reference');
    bench.env['CE_USER_SECRET'] = 'user-secret-1';
    expect(existsSync(bench.at(keyFile))).toBe(false);
    useKeys(bench, { now: first });
    expect(await reveal(bench)).toHaveLength(2);
  });

  it('A4, A5: another account gives no tokens', async () => {
    const bench = await applied(first);
    useKeys(bench, { now: second });
    bench.env['CE_USER_SECRET'] = 'user-secret-2';
    await refuses(bench, 'state rekey --lost', 'mass_missing');
    bench.env['CE_USER_SECRET'] = 'user-secret-1';
    bench.write(
      'instate.yaml',
      readFileSync(bench.at('instate.yaml'), 'utf8').replace(
        'project: crm',
        'project: crm\naccount: {user: 4711}',
      ),
    );
    await refuses(bench, 'state rekey --lost', 'wrong_account');
  });

  it('A4: an instance of another user than the pinned one is wrong_account', async () => {
    const bench = await applied(first);
    const db = new Database(bench.at('.instate/state.db'));
    db.exec('UPDATE meta SET user = user + 1');
    db.close();
    useKeys(bench, { now: second });
    await refuses(bench, 'state rekey --lost', 'wrong_account', /instance #\d+ is of user/);
  });
});
