import { rmSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { waysToWrite } from './canaries/control.ts';
import { exclusions, isExcluded } from './canaries/exclusions.ts';
import { listNeedles } from './canaries/forms.ts';
import { declare, furnish } from './canaries/project.ts';
import { makeSearch } from './canaries/search.ts';
import { canaries, values } from './canaries/secrets.ts';
import { openStage, type Stage } from './canaries/stage.ts';
import { createTally } from './canaries/tally.ts';
import { requireBinary } from './support/binary.ts';

beforeAll(requireBinary);

async function open(): Promise<Stage & { readonly tally: ReturnType<typeof createTally> }> {
  const tally = createTally();
  const stage = await openStage('control', tally);
  onTestFinished(() => stage.close());
  return { ...stage, tally };
}

describe('the search finds what it looks for', () => {
  const search = makeSearch(listNeedles(canaries));

  it.each(Object.entries(waysToWrite))('each secret %s, in a text', (_, write) => {
    for (const [name, secret] of Object.entries(values)) {
      const text = Buffer.concat([Buffer.from('before '), Buffer.from(write(secret)), Buffer.from(' after')]);
      expect(
        search(text).map(({ canary }) => canary),
        name,
      ).toContain(name);
    }
  });

  it('raw bytes of keys, in a file among others', () => {
    for (const { name, bytes } of canaries) {
      const file = Buffer.concat([Buffer.alloc(10_001, 'x'), bytes, Buffer.alloc(999)]);
      expect(
        search(file).map(({ canary }) => canary),
        name,
      ).toContain(name);
    }
  });

  it('and nothing where nothing is', () => {
    expect(search(Buffer.from('(sensitive) '.repeat(10_000)))).toEqual([]);
    expect(search(Buffer.alloc(3))).toEqual([]);
  });

  it('canaries are distinct: none is found in another', () => {
    for (const [name, secret] of Object.entries(values)) {
      const found = new Set(search(Buffer.from(secret)).map(({ canary }) => canary));
      expect([...found].filter((one) => !one.startsWith(name))).toEqual([]);
    }
  });
});

describe('what leaks is seen by the whole of it', () => {
  it('a file in any form, its name, and one that the test planted once it is changed', async () => {
    const stage = await open();
    for (const [way, write] of Object.entries(waysToWrite)) {
      writeFileSync(stage.at('home/leak'), write(values.password));
      const before = stage.tally.hits.length;
      await stage.run({ line: '--version', with: way });
      expect(stage.tally.hits.slice(before).join('\n'), way).toMatch(
        /--version.*: password \(.*\) in home\/leak/,
      );
    }
    rmSync(stage.at('home/leak'));
    writeFileSync(stage.at(`temp/${values['literal in a file'].replaceAll('/', '')}`), '');
    stage.plant('project/some.env', `A='${values.login}'\n`);
    const before = stage.tally.hits.length;
    await stage.run('--version');
    expect(stage.tally.hits.slice(before).join('\n')).toMatch(/literal in a file \(.*\) in names of files/);
    expect(stage.tally.hits.join('\n')).not.toContain('some.env');
    writeFileSync(stage.at('project/some.env'), `A='${values.login}'\nB=1\n`);
    await stage.run('--version');
    expect(stage.tally.hits.at(-1)).toMatch(/login \(.*\) in project\/some\.env/);
  });

  it('the product itself, told to show a secret: on its streams, in its files, in its words', async () => {
    const stage = await open();
    const name = `"${values['literal in a file']}"`;
    stage.write(
      'project/instate.yaml',
      declare(
        `\n  a:\n    element: closeio\n    name: ${name}\n    configuration:\n      username: "\${env:LOGIN}"\n`,
      ),
    );
    const running = stage.start({
      line: [
        'plan',
        '--out',
        'p.json',
        '--report',
        'text:r.txt',
        '--target',
        `*${'?'.repeat(0)}`,
        '--exclude',
        values['value of an unknown flag'],
      ],
    });
    stage.look('in the middle', running);
    await running.done;
    await stage.run('apply --yes --json');
    const seen = (what: string) => stage.tally.hits.filter((hit) => hit.endsWith(what)).length;
    for (const place of ['stdout', 'project/p.json', 'project/r.txt', 'words of a process'])
      expect(seen(place), place).toBeGreaterThan(0);
    expect(
      stage.tally.hits.filter((hit) => hit.includes('project/.instate/state.db')).length,
    ).toBeGreaterThan(0);
  });

  it('a token, and a path that shows more than it was asked for', async () => {
    const stage = await open();
    furnish(stage);
    stage.write(
      'project/instate.yaml',
      declare(
        '\n  a:\n    element: closeio\n    configuration:\n      username: "${env:LOGIN}"\n      password: "${env:PASSWORD}"\n',
      ),
    );
    await stage.run('apply --yes');
    expect(stage.tally.hits).toEqual([]);
    await stage.run('output --reveal');
    expect(stage.tally.hits.at(-1)).toMatch(/output --reveal: token of #\d+ \(.*\) in stdout/);
    await stage.run({ line: 'output a', asks: ['user secret'] });
    expect(stage.problems.at(-1)).toBe('output a: user secret was asked for, and is not shown');
    await stage.run({ line: 'plan', code: 2, says: 'Plan' });
    expect(stage.problems.at(-1)).toContain('plan: ended with 0, not as it should');
  });

  it('exclusions name places, and hold for what they say alone', () => {
    expect(exclusions.every(({ why }) => why.length > 10)).toBe(true);
    const given = { asked: [], isPlanted: false };
    expect(isExcluded('project/values.env', 'login', given)).toBe(false);
    expect(isExcluded('project/values.env', 'login', { ...given, isPlanted: true })).toBe(true);
    expect(isExcluded('stdout', 'login', { ...given, isPlanted: true })).toBe(false);
    expect(isExcluded('project/given-to-command', 'variable of the secret command', given)).toBe(true);
    expect(isExcluded('project/given-to-command', 'login', given)).toBe(false);
  });
});
