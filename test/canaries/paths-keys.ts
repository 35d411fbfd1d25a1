import { readFileSync, rmSync } from 'node:fs';
import { hasStrace } from '../../crash/strace.ts';
import { flags, furnish, listIds, looking } from './project.ts';
import { makeCanary, values } from './secrets.ts';
import type { Path, Stage } from './stage.ts';

const keyFile = 'config/instate/state.key';
const none = { INSTATE_STATE_KEY: undefined };
const use = (key: string, old?: string) => ({ INSTATE_STATE_KEY: key, INSTATE_STATE_KEY_OLD: old });
const [first, second, third] = [values['state key'], values.passphrase, values['old state key']];

/** The state's key: from a file, moved, wrong, mistyped, lost, made. */
export async function playKeys(stage: Stage): Promise<void> {
  furnish(stage);
  stage.plant(keyFile, `${values['key file']}\n`, 0o644);
  await stage.run({
    line: `apply --yes ${flags} --verbose`,
    with: 'a key file that others may read',
    env: none,
    says: 'chmod 600',
  });
  stage.plant(keyFile, `${values['key file']}\n`);
  const tokens = Object.values(await listIds(stage)).map((id) => `token of #${String(id)}`);
  const reveal: Path = { line: 'output --reveal --json', asks: tokens };
  await stage.run({ ...reveal, with: 'the key file', env: none });
  const paths: readonly Path[] = [
    { line: `plan ${looking} --verbose`, with: 'another key', env: use(first), says: 'not verified' },
    { line: 'output --reveal', with: 'another key', env: use(first), code: 1, says: '[wrong_state_key]' },
    { line: `apply --yes ${flags} --json`, with: 'another key', env: use(first) },
    {
      line: `state accept by-env ${flags}`,
      with: 'another key',
      env: use(first),
      code: 1,
      says: '[wrong_state_key]',
    },
    { line: 'state doctor --json --verbose', with: 'another key', env: use(first), code: 'any' },
    { line: `state rekey ${flags} --verbose`, with: 'from the key file', env: use(first), says: 'Rekeyed' },
    { ...reveal, with: 'the new key', env: use(first) },
    {
      line: `state rekey ${flags} --json --verbose`,
      with: 'to a passphrase',
      env: use(second, first),
      says: '"moved"',
    },
    { ...reveal, with: 'the passphrase', env: use(second, first) },
    {
      line: 'state rekey',
      with: 'a wrong old key',
      env: use(third, first),
      code: 1,
      says: '[wrong_state_key]',
    },
    {
      line: 'state rekey --json',
      with: 'a wrong old key',
      env: use(third, first),
      code: 1,
      says: '"wrong_state_key"',
    },
    {
      line: 'state rekey',
      with: 'a mistyped old key',
      env: use(third, values['mistyped state key']),
      code: 1,
      says: '[bad_state_key]',
    },
    { line: `state rekey --lost ${looking} --verbose`, with: 'a lost key', env: use(third), says: 'token' },
    { ...reveal, with: 'after a lost key', env: use(third) },
    {
      line: 'state list',
      with: 'a mistyped key',
      env: use(values['mistyped state key']),
      code: 1,
      says: '[bad_state_key]',
    },
    {
      line: `apply --yes ${flags} --json --verbose`,
      with: 'a mistyped key',
      env: use(`base64:${values['mistyped state key']}`),
      code: 1,
      says: '"bad_state_key"',
    },
    {
      line: 'plan --verbose',
      with: 'a passphrase that is too short',
      env: use('passphrase:short'),
      code: 1,
      says: '[bad_state_key]',
    },
  ];
  for (const path of paths) await stage.run(path);
  stage.plant(keyFile, `${values['mistyped state key']}\n`);
  await stage.run({
    line: `plan ${looking}`,
    with: 'a key file that is none',
    env: none,
    code: 1,
    says: '[bad_state_key]',
  });
  rmSync(stage.at(keyFile));
  await playMadeKey(stage);
}

async function playMadeKey(stage: Stage): Promise<void> {
  const elsewhere = `--state elsewhere.db`;
  const ci = { ...none, CI: 'true' };
  await stage.run({
    line: `apply --yes ${flags} ${elsewhere}`,
    with: 'no key in CI',
    env: ci,
    says: 'not stored',
  });
  await stage.run({
    line: `apply --yes ${flags} --state made.db --verbose`,
    with: 'no key yet',
    env: none,
    says: 'was made',
  });
  const text = readFileSync(stage.at(keyFile), 'utf8').trim();
  stage.learn(makeCanary('key file that was made', Buffer.from(text)));
  stage.learn(makeCanary('key file that was made, bytes', Buffer.from(text, 'base64')));
  for (const line of ['state doctor --state made.db --json', `plan ${looking} --state made.db --verbose`])
    await stage.run({ line, with: 'the key that was made', env: none });
  await stage.run({
    line: 'state rekey --state made.db --drop',
    with: 'from the key that was made',
    env: use(first),
    says: 'Rekeyed',
  });
}

/** A rekey that is killed at one of its steps, and the next one, which ends it. */
export async function playKilledRekeys(stage: Stage): Promise<void> {
  furnish(stage);
  await stage.run({ line: `apply --yes ${flags}`, says: '4 created' });
  if (!hasStrace()) return;
  let [key, old]: readonly [string, string] = [third, first];
  for (const [call, nth] of [
    ['pwrite64', 2],
    ['pwrite64', 6],
    ['fdatasync', 2],
    ['ftruncate', 1],
  ] as const) {
    const inject = ['-e', `trace=${call}`, '-e', `inject=${call}:signal=KILL:when=${String(nth)}`];
    const before = ['strace', '-qq', '-o', '/dev/null', '-e', 'signal=none', ...inject];
    const line = `state rekey ${flags}`;
    await stage.run({
      line,
      with: `killed at ${call} ${String(nth)}`,
      before,
      env: use(key, old),
      code: 'any',
    });
    await stage.run({ line, with: `after a kill at ${call} ${String(nth)}`, env: use(key, old) });
    [key, old] = [old, key];
  }
}
