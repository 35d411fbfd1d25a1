import { existsSync } from 'node:fs';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { deriveKeys } from '../../state/crypto.ts';
import { createKeyring, type KeyBinding, type Keyring, type KeyringOptions } from '../../state/keyring.ts';
import { wrapKeys, type KeyTexts } from '../support/state-samples.ts';
import { useStateFolder } from '../support/state-folder.ts';

const folder = useStateFolder();

const bytes = { one: Buffer.alloc(32, 1), two: Buffer.alloc(32, 2), three: Buffer.alloc(32, 3) };
type Name = keyof typeof bytes;
const text = (name: Name | null): string | null =>
  name === null ? null : `base64:${bytes[name].toString('base64')}`;
const idOf = (name: Name): string => deriveKeys(bytes[name], 'lineage').id;

/** A keyring of the folder's options, with keys given as text. */
function makeKeyring({
  stateKey,
  oldStateKey,
  ...rest
}: KeyTexts & Partial<Omit<KeyringOptions, keyof KeyTexts>>): Keyring {
  const keys = wrapKeys({
    ...(stateKey === undefined ? {} : { stateKey: stateKey }),
    ...(oldStateKey === undefined ? {} : { oldStateKey: oldStateKey as string | null }),
  });
  return createKeyring({ ...folder.options, ...rest, ...keys });
}

function bind(name: Name | null): KeyBinding {
  if (name === null) return { lineage: 'lineage', keyId: null, keyCheck: null };
  const { id, check } = deriveKeys(bytes[name], 'lineage');
  return { lineage: 'lineage', keyId: id, keyCheck: check };
}

async function writeKeyFile(content: string): Promise<void> {
  await mkdir(dirname(folder.options.keyFile), { recursive: true });
  await writeFile(folder.options.keyFile, content, { mode: 0o600 });
}

interface Place {
  readonly env?: Name;
  readonly old?: Name;
  readonly file?: Name;
  readonly ci?: true;
}

async function openKeyring({ env, old, file, ci }: Place): Promise<Keyring> {
  if (file !== undefined) await writeKeyFile(text(file) ?? '');
  const keys = { stateKey: text(env ?? null), oldStateKey: text(old ?? null) };
  return makeKeyring({ ...keys, ci: ci ?? false });
}

describe('E4, E5: where the keys of a move come from', () => {
  it.each<readonly [Name | null, Place, string]>([
    // Nothing is sealed yet: no key is looked for, none is made.
    [null, {}, 'no-key'],
    [null, { ci: true }, 'no-key'],
    [null, { env: 'one', old: 'two' }, 'no-key'],
    // The key that every command would use fits already.
    ['one', { env: 'one' }, 'current'],
    ['one', { file: 'one' }, 'current'],
    ['one', { env: 'one', old: 'two', file: 'three' }, 'current'],
    ['one', { env: 'one', old: 'one' }, 'current'],
    ['one', { file: 'one', ci: true }, 'current'],
    // The old key is at hand.
    ['one', { env: 'two', old: 'one' }, 'known: one to two'],
    ['one', { env: 'two', file: 'one' }, 'known: one to two'],
    ['one', { env: 'two', old: 'three', file: 'one' }, 'known: one to two'],
    ['one', { env: 'two', old: 'one', file: 'three' }, 'known: one to two'],
    ['one', { old: 'one', file: 'two' }, 'known: one to two'],
    ['one', { env: 'two', old: 'one', ci: true }, 'known: one to two'],
    ['one', { old: 'one' }, 'known: one to a new file'],
    // It is not.
    ['one', {}, 'lost: to a new file'],
    ['one', { env: 'two' }, 'lost: to two'],
    ['one', { env: 'two', old: 'three', file: 'three' }, 'lost: to two'],
    ['one', { env: 'two', old: 'two', ci: true }, 'lost: to two'],
    ['one', { file: 'two' }, 'lost: to two'],
    // There is no new key.
    ['one', { ci: true }, 'wrong_state_key'],
    ['one', { ci: true, old: 'one' }, 'wrong_state_key'],
  ])('state under %s, %j: %s', async (bound, place, expected) => {
    const keyring = await openKeyring(place);
    const had = existsSync(folder.options.keyFile);
    const told = (): string => {
      const move = keyring.forMoving(bind(bound));
      expect(existsSync(folder.options.keyFile), 'looking makes no key file').toBe(had);
      if (move.kind === 'no-key' || move.kind === 'current') return move.kind;
      const from = move.kind === 'known' && move.from.id === idOf('one') ? 'one ' : '';
      const to = move.to().id === idOf('two') ? 'two' : had ? 'another file' : 'a new file';
      return `${move.kind}: ${from}to ${to}`;
    };
    if (expected === 'wrong_state_key') expect(told).toThrow(expect.objectContaining({ code: expected }));
    else expect(told()).toBe(expected);
    const makesFile = expected.endsWith('a new file');
    expect(existsSync(folder.options.keyFile)).toBe(had || makesFile);
    expect(folder.said.map(({ code }) => code)).toEqual(makesFile ? ['state_key_created'] : []);
  });

  it('E5: a new key file is for its owner alone, and is the key from then on', async () => {
    const keyring = await openKeyring({ old: 'one' });
    const move = keyring.forMoving(bind('one'));
    expect(move.kind).toBe('known');
    if (move.kind !== 'known') return;
    const { id, check } = move.to();
    expect((await stat(folder.options.keyFile)).mode & 0o777).toBe(0o600);
    expect(keyring.forReading({ lineage: 'lineage', keyId: id, keyCheck: check })?.id).toBe(id);
    expect(JSON.stringify(folder.said)).not.toContain(
      (await readFile(folder.options.keyFile, 'utf8')).trim(),
    );
  });

  it('E5: a key file that cannot be made is no new key', () => {
    const keyFile = '/proc/nowhere/state.key';
    const keyring = makeKeyring({ stateKey: null, oldStateKey: text('one'), keyFile });
    const move = keyring.forMoving(bind('one'));
    expect(() => (move.kind === 'known' ? move.to() : null)).toThrow(
      expect.objectContaining({ code: 'wrong_state_key', message: expect.stringContaining(keyFile) }),
    );
  });

  it.each(['', 'base64:', 'fifteen letters', 'passphrase:fifteen letters', `base64:${'A'.repeat(43)}`])(
    'E5: INSTATE_STATE_KEY_OLD as %j is refused and never quoted, by a move alone',
    (oldStateKey) => {
      const keyring = makeKeyring({ stateKey: text('one'), oldStateKey });
      for (const bound of ['one', 'two', null] as const) {
        expect(keyring.status(bind(bound))).toBe(bound === 'two' ? 'other' : 'usable');
        keyring.forReading(bind(bound));
        const move = (): unknown => keyring.forMoving(bind(bound));
        expect(move).toThrow(expect.objectContaining({ code: 'bad_state_key' }));
        expect(move).toThrow('INSTATE_STATE_KEY_OLD');
        const secret = oldStateKey.replace(/^[a-z0-9]+:/, '');
        if (secret !== '') expect(move).not.toThrow(secret);
      }
    },
  );

  it('E5: passphrases fit, too', () => {
    const [oldStateKey, stateKey] = ['passphrase:the first of the two', 'passphrase:the second of two'];
    const bound = makeKeyring({ stateKey: oldStateKey }).forWriting(bind(null));
    const binding = { lineage: 'lineage', keyId: bound?.id ?? '', keyCheck: bound?.check ?? '' };
    const move = makeKeyring({ stateKey, oldStateKey }).forMoving(binding);
    expect(move.kind === 'known' && move.from.id === bound?.id && move.to().id !== bound.id).toBe(true);
  });

  it('E5: a broken key file below INSTATE_STATE_KEY is said and does not stand in the way', async () => {
    await writeKeyFile('no key at all');
    const keyring = makeKeyring({ stateKey: text('two'), oldStateKey: null });
    expect(keyring.forMoving(bind('one')).kind).toBe('lost');
    expect(folder.said).toMatchObject([{ severity: 'warning', code: 'bad_state_key' }]);
    const alone = makeKeyring({ stateKey: null, oldStateKey: text('one') });
    expect(() => alone.forMoving(bind('one'))).toThrow(expect.objectContaining({ code: 'bad_state_key' }));
  });
});
