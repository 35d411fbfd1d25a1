import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { hasStrace } from '../../crash/strace.ts';
import { declare, flags, furnish, instances, listIds, looking, manyOf } from './project.ts';
import { values } from './secrets.ts';
import { until, type Path, type Stage } from './stage.ts';

const database = 'project/.instate/state.db';

/** States and disks that are not well. */
export async function playDamage(stage: Stage): Promise<void> {
  furnish(stage);
  await stage.run({ line: `apply --yes ${flags}`, says: '4 created' });
  await playReadOnly(stage);
  const full = ['sh', '-c', 'exec "$@" >/dev/full', 'sh'];
  await stage.run({
    line: `plan ${looking}`,
    with: 'stdout on a full disk',
    before: full,
    code: 1,
    says: '[file_unwritable]',
  });
  await stage.run({ line: `plan ${looking} --out no-such/plan.json`, code: 1, says: '[file_unwritable]' });
  await stage.run({
    line: `plan ${looking} --report json:no-such/r.json`,
    code: 1,
    says: '[file_unwritable]',
  });
  if (hasStrace()) {
    const inject = [
      '-P',
      stage.at(`${database}-wal`),
      '-e',
      'trace=pwrite64',
      '-e',
      'inject=pwrite64:error=ENOSPC:when=1+',
    ];
    const before = ['strace', '-qq', '-o', '/dev/null', ...inject];
    await stage.run({
      line: 'state rm by-part --verbose',
      with: 'on a full disk',
      before,
      code: 1,
      says: /\[state_\w+\]/,
    });
  }
  const [well, ids] = [readFileSync(stage.at(database)), await listIds(stage)];
  const db = new Database(stage.at(database));
  db.exec(
    "UPDATE instances SET token = (SELECT token FROM instances WHERE address = 'by-env') WHERE address = 'by-part'",
  );
  db.close();
  await stage.run({
    line: 'output by-part --reveal',
    with: 'a token of another',
    code: 1,
    says: '[state_corrupt]',
  });
  const lines: readonly Path[] = [
    { line: `plan ${looking}` },
    { line: `apply --yes ${flags} --json` },
    { line: 'state doctor' },
  ];
  const bent = Buffer.from(well);
  bent.fill(0x5a, 4096, 12_288);
  for (const [what, bytes] of [
    ['no database', Buffer.alloc(8192, 'x')],
    ['half a database', well.subarray(0, 6000)],
    ['bent pages', bent],
  ] as const) {
    writeFileSync(stage.at(database), bytes);
    for (const path of lines) await stage.run({ ...path, with: what, code: 'any' });
  }
  writeFileSync(stage.at(database), well);
  if (Object.keys(ids).length !== 4) stage.problems.push('not all four are recorded');
}

/** A folder that may only be read: the database is copied to the temporary folder, and is gone from there afterwards. */
async function playReadOnly(stage: Stage): Promise<void> {
  const isRoot = process.getuid?.() === 0;
  const humble = [
    'setpriv',
    '--bounding-set',
    '-dac_override,-dac_read_search',
    '--inh-caps',
    '-dac_override,-dac_read_search',
  ];
  const before = isRoot ? humble : [];
  chmodSync(stage.at('project/.instate'), 0o500);
  await stage.fault({ on: 'GET /instances', do: 'delay', ms: 500 });
  const running = stage.start({
    line: `plan ${looking} --verbose`,
    with: 'a folder that may only be read',
    before,
  });
  await until(() => running.child.exitCode !== null || stage.isCopied());
  stage.look('in the middle of a plan in a folder that may only be read', running);
  await running.done;
  await stage.fault();
  await stage.run({
    line: `state rm by-part`,
    with: 'a folder that may only be read',
    before,
    code: 1,
    says: '[state_unwritable]',
  });
  await stage.run({
    line: 'state doctor --json',
    with: 'a folder that may only be read',
    before,
    code: 'any',
  });
  chmodSync(stage.at('project/.instate'), 0o700);
}

/** What somebody else did in the account, and to the declarations. */
export async function playDrift(stage: Stage): Promise<void> {
  furnish(stage);
  await stage.run({ line: `apply --yes ${flags}`, says: '4 created' });
  const ids = await listIds(stage);
  const views = [`plan ${looking} --verbose`, `drift ${looking} --json`, `show by-env ${looking}`];
  const view = async (what: string) => {
    for (const line of views) await stage.run({ line, with: what, code: 'any', says: 'by-env' });
  };
  // The service shows user names in clear: what was sensitive when it was applied is declared in clear now.
  stage.write(
    'project/instate.yaml',
    declare(
      instances
        .replace('username: "${env:LOGIN}"', 'username: someone')
        .replace('"${exec:vault}"', '"${env:PASSWORD}"'),
    ),
  );
  await view('a secret that is declared in clear now');
  furnish(stage);
  await stage.call('PATCH', `/instances/${String(ids['by-env'])}`, {
    name: 'renamed',
    configuration: { username: 'someone else' },
  });
  await view('a user name that was changed in the account');
  await stage.fault({ on: 'GET /instances', do: 'clone', id: ids['by-env'] });
  await stage.run({ line: `drift ${looking} --json`, with: 'a duplicate', code: 'any' });
  await stage.fault();
  await stage.run({ line: `apply --yes ${flags}`, with: 'a duplicate', code: 1, says: '[duplicate]' });
  for (const id of Object.values(ids)) await stage.call('DELETE', `/instances/${String(id)}`);
  await view('all of them are gone');
  await stage.run({
    line: `apply --yes ${flags} --json`,
    with: 'all of them are gone',
    code: 1,
    says: 'mass_missing',
  });
  await stage.run({
    line: `apply --yes ${flags} --expect-digest sha256:0`,
    with: 'another digest',
    code: 1,
    says: /\[\w+\]/,
  });
  await stage.run({
    line: `apply --yes ${flags} --max-creates 1 --expect-missing 4`,
    code: 1,
    says: /\[\w+\]/,
  });
  const wrong = { PASSWORD: 'wrong', LOGIN: values.login };
  stage.write('project/instate.yaml', declare(manyOf(2)));
  await stage.run({
    line: 'apply --yes --state wrong.db --verbose',
    with: 'a wrong password',
    env: wrong,
    code: 1,
    says: 'failed',
  });
}

/** The sandbox as a process of its own, with an account in it; its page shows no secret. */
export async function playSandbox(stage: Stage): Promise<void> {
  furnish(stage);
  const running = stage.start({ line: 'sandbox --port 0 --seed 3 --json', code: 'any' });
  await until(() => running.said().includes('"url"') || running.child.exitCode !== null);
  const url = /http:[^"]+/.exec(running.said())?.[0] ?? '';
  const env = { INSTATE_BASE_URL: url };
  await stage.run({ line: `apply --yes ${flags}`, with: 'a sandbox of its own', env, says: '4 created' });
  const tokens = (await stage.run({ line: 'output --json', with: 'a sandbox of its own', env })).length;
  const page = await fetch(new URL('/', url));
  stage.examine("the sandbox's page", [{ name: 'page', bytes: Buffer.from(await page.arrayBuffer()) }], []);
  if (page.status !== 200 || tokens === 0) stage.problems.push('the page does not answer');
  stage.look('while the sandbox serves', running);
  running.child.kill('SIGTERM');
  await running.done;
}
