import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { until } from '../support/binary.ts';
import { closeio, declarations, impatient, openBench, terminal, type Bench } from '../support/bench.ts';

const read = (bench: Bench, file: string) => readFileSync(bench.at(file), 'utf8');
const mistake = 'a:\n  elment: closeio';

describe('formats of a command', () => {
  it.each([
    ['markdown', /^<!-- instate:plan:crm -->\n/],
    ['html', /^<!doctype html>/i],
    ['sarif', /^\{\n {2}"\$schema"/],
    ['junit', /^<\?xml version="1.0"/],
    ['github', /^::notice file=instate\.yaml,line=4,col=3,title=instate plan%3A create a /],
    ['gitlab', /^\[\n {2}\{\n {4}"description": "create a /],
  ])('--format %s: one document on stdout, and nothing else', async (format, shape) => {
    const bench = await openBench();
    bench.write('instate.yaml', declarations(closeio('a')));
    const { code, out, err } = await bench.run(`plan --format ${format}`);
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(shape);
  });

  it.each(['markdown', 'html', 'sarif', 'junit', 'github', 'gitlab'])(
    '--format %s of files with a mistake: the mistake in it, the error on stderr, exit 1',
    async (format) => {
      const bench = await openBench();
      bench.write('instate.yaml', declarations(mistake));
      for (const command of ['plan', 'apply --yes', 'drift', 'validate']) {
        const { code, out, err } = await bench.run(`${command} --format ${format}`);
        expect([code, err], command).toEqual([1, expect.stringContaining('[invalid_declarations]')]);
        expect(out, command).toMatch(/elment/);
      }
    },
  );

  it('--report, several beside the text; each has every item', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', declarations([closeio('a'), closeio('b')].join('\n')));
    const formats = ['text', 'json', 'markdown', 'html', 'sarif', 'junit', 'github', 'gitlab'];
    const flags = formats.map((one) => `--report ${one}:r.${one}`).join(' ');
    const { code, out } = await bench.run(`apply --yes ${flags}`);
    expect([code, out]).toEqual([0, expect.stringContaining('Apply complete: 2 created')]);
    for (const format of formats) expect(read(bench, `r.${format}`), format).toMatch(/\ba\b[^]*\bb\b/);
  });

  it('a run that fails writes them too: an old report is never taken for its own', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', declarations(closeio('a')));
    const line = 'plan --report markdown:r.md --report json:r.json --report text:r.txt';
    await bench.run(line);
    bench.write('instate.yaml', declarations(mistake));
    expect((await bench.run(line)).code).toBe(1);
    expect(read(bench, 'r.md')).toMatch(/Error: .*invalid\\_declarations[^]*instate\.yaml:4/);
    expect(JSON.parse(read(bench, 'r.json')).error.code).toBe('invalid_declarations');
    expect(read(bench, 'r.txt')).toContain('[invalid_declarations]');
  });

  it('so does one that meets the account and is refused', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', declarations(closeio('a')));
    bench.env['CE_USER_SECRET'] = 'invalid';
    expect((await bench.run('drift --report sarif:r.sarif --report github:r.txt')).code).toBe(1);
    const [run] = JSON.parse(read(bench, 'r.sarif')).runs;
    expect(run.results[0].ruleId).toBe('problem/unauthorized');
    expect(run.invocations[0].executionSuccessful).toBe(false);
    expect(read(bench, 'r.txt')).toMatch(/^::error file=instate\.yaml,line=1,col=1,/);
  });

  it.each([
    ['--report pdf:x', /--report knows no format pdf/],
    ['--report mardown:x', /did you mean `markdown`/],
    ['--report json', /--report names no file/],
    ['--report json:a --report text:a', /--report and --report would both be written to a/],
    ['--report json:a --report text:./a', /would both be written to/],
    ['--report json:p.json --out p.json', /--report and --out would both be written to p\.json/],
    ['--report json:nowhere/a', /\[file_unwritable\]/],
    ['--report json:.', /\[file_unwritable\]/],
    ['--report json:-', /--report names no file/],
    ['--report json:a --report text:linked', /would both be written to/],
    ['--out loop', /\[file_unwritable\]/],
    ['--format pdf', /--format does not take pdf/],
    ['--format markdwn', /did you mean `markdown`\?/],
  ])('%s is refused before any request', async (flags, words) => {
    const bench = await openBench();
    bench.write('instate.yaml', declarations(closeio('a')));
    symlinkSync('a', bench.at('linked'));
    symlinkSync('loop', bench.at('loop'));
    const { code, err } = await bench.run(`plan ${flags}`);
    expect([code, err]).toEqual([1, expect.stringMatching(words)]);
    expect(await bench.gets()).toBe(0);
  });

  it.each([
    ['plan --out instate.yaml', 'instate.yaml'],
    ['validate --report json:instate.yaml', 'instate.yaml'],
    ['validate -f conf --report html:conf/a.yaml', 'conf/a.yaml'],
    ['plan --events ./instate.yaml', 'instate.yaml'],
    ['plan --env-file secrets --report html:secrets', 'secrets'],
    ['plan --report html:.env', '.env'],
    ['drift --report html:.instate/state.db', '.instate/state.db'],
    ['plan --events .instate/state.db', '.instate/state.db'],
    ['apply plan.json --report json:plan.json', 'plan.json'],
    ['plan --report text:link', 'instate.yaml'],
    ['plan --out db', '.instate/state.db'],
    ['plan --events env', '.env'],
  ])('%s is refused: it would overwrite what people wrote, or a state', async (line, file) => {
    const bench = await openBench();
    bench.write('instate.yaml', declarations(closeio('a')));
    bench.write('conf/a.yaml', declarations(closeio('a')));
    for (const name of ['.env', 'secrets']) bench.write(name, 'X=1\n');
    await bench.run('apply --yes');
    await bench.run('plan --out plan.json');
    for (const [link, to] of [
      ['link', 'instate.yaml'],
      ['db', '.instate/state.db'],
      ['env', '.env'],
    ] as const)
      symlinkSync(bench.at(to), bench.at(link));
    const before = readFileSync(bench.at(file));
    const { code, err } = await bench.run(line);
    expect([code, err]).toEqual([1, expect.stringMatching(/would overwrite .*\[usage\]/)]);
    expect(readFileSync(bench.at(file))).toEqual(before);
  });

  it('what an earlier run reported is gone as soon as the next begins', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', declarations(closeio('a')));
    bench.write('old.sarif', 'old');
    await bench.fault({ on: 'GET /instances', do: 'delay', ms: 300 });
    const running = bench.run('plan --report sarif:old.sarif');
    await until(() => !bench.exists('old.sarif'));
    expect((await running).code).toBe(0);
    expect(read(bench, 'old.sarif')).toMatch(/^\{/);
  });

  it('validate: invalid files are in every report, beside JSON too', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', declarations(mistake));
    const flags = ['text', 'markdown', 'sarif', 'junit'].map((one) => `--report ${one}:r.${one}`).join(' ');
    expect((await bench.run(`validate --json ${flags}`)).code).toBe(1);
    for (const format of ['text', 'markdown', 'sarif', 'junit'])
      expect(read(bench, `r.${format}`)).toContain('elment');
    const [run] = JSON.parse(read(bench, 'r.sarif')).runs;
    expect([run.results.length, run.invocations[0].executionSuccessful]).toEqual([2, true]);
  });

  it('an error of the same kind is the same alert every night, whatever the service calls the request', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', declarations(closeio('a')));
    bench.env['CE_USER_SECRET'] = 'invalid';
    const nights = [await bench.run('drift --format sarif'), await bench.run('drift --format sarif')];
    const [first, second] = nights.map(({ out }) => JSON.parse(out).runs[0].results[0]);
    expect(first.message.text).toMatch(/^request \w+$/m);
    expect(first.message.text).not.toBe(second.message.text);
    expect(first.partialFingerprints).toEqual(second.partialFingerprints);
  });

  it('an apply that somebody declines tells what it did not do, in reports and events', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', declarations([closeio('a'), closeio('b')].join('\n')));
    for (let copies = 0; copies < 2; copies += 1)
      await bench.call('POST', '/instances', {
        ...{ name: 'b', element: { key: 'closeio' } },
        configuration: { username: 'x', password: 'y' },
      });
    const line = 'apply --report junit:r.xml --report json:r.json --events e.ndjson';
    expect((await bench.run(line, terminal('no'))).code).toBe(1);
    expect(read(bench, 'r.xml')).toMatch(
      /failures="2"[^]*name="not done a [^]*message="declined"[^]*name="not done b [^]*pin the right one/,
    );
    expect(JSON.parse(read(bench, 'r.json'))).toMatchObject({
      outcome: 'declined',
      results: [
        { address: 'a', action: 'create', status: 'not-attempted', error: null },
        { address: 'b', action: 'conflict', status: 'not-attempted', error: { code: 'conflict' } },
      ],
      summary: { notAttempted: 2 },
    });
    const last = JSON.parse(read(bench, 'e.ndjson').trim().split('\n').at(-1) ?? '');
    expect(last).toMatchObject({
      '@message': 'Declined: nothing was done.',
      changes: { outcome: 'declined' },
    });
  });

  it('health and doubles point at the declaration, though nothing is to be done there', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', declarations([closeio('a'), closeio('b')].join('\n')));
    await bench.run('apply --yes');
    await bench.call('DELETE', '/instances/500002/enabled');
    const { out } = await bench.run('plan --format github');
    expect(out).toMatch(
      /^::notice file=instate\.yaml,line=9,col=3,title=instate plan%3A disabled b "b" \(closeio\) #500002::/,
    );
  });

  it('a report that fails after the answer is an error on stderr: stdout keeps its one document', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', declarations(closeio('a')));
    const { code, out, err } = await bench.run('plan --json --report markdown:/dev/full');
    expect([code, JSON.parse(out).summary.create]).toEqual([1, 1]);
    expect(err).toContain('[file_unwritable]');
  });

  it('one that cannot be written costs the others nothing', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', declarations(closeio('a')));
    expect(
      (await bench.run('plan --report json:a.json --report html:/dev/full --report text:b.txt')).code,
    ).toBe(1);
    expect(JSON.parse(read(bench, 'a.json')).summary.create).toBe(1);
    expect(read(bench, 'b.txt')).toContain('Plan: 1 to create');
  });

  it('paths are those of the checkout, also from a folder below it', async () => {
    const bench = await openBench();
    execFileSync('git', ['init', '-q', bench.folder]);
    bench.write('conf/crm/instate.yaml', declarations(closeio('a')));
    const { out } = await bench.run('plan --format github', { cwd: bench.at('conf/crm') });
    expect(out).toContain('file=conf/crm/instate.yaml,line=4');
    const bare = await openBench();
    bare.write('conf/crm/instate.yaml', declarations(closeio('a')));
    bare.env['CI_PROJECT_DIR'] = bare.at('conf');
    expect((await bare.run('plan --format github', { cwd: bare.at('conf/crm') })).out).toContain(
      'file=crm/instate.yaml,',
    );
    bare.env['CI_PROJECT_DIR'] = '/';
    expect((await bare.run('plan --format github', { cwd: bare.at('conf/crm') })).out).toContain(
      'file=instate.yaml,',
    );
  });

  it('github: the summary of the step and its outputs', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', declarations(closeio('a')));
    for (const name of ['GITHUB_OUTPUT', 'GITHUB_STEP_SUMMARY']) {
      bench.write(name, '');
      bench.env[name] = bench.at(name);
    }
    const { json } = await bench.run('plan --json --report github:r.txt');
    expect(read(bench, 'GITHUB_STEP_SUMMARY')).toMatch(/^<!-- instate:plan:crm -->/);
    const outputs = read(bench, 'GITHUB_OUTPUT');
    expect(outputs).toMatch(new RegExp(`^digest<<(instate_[\\w-]+)\n${String(json().digest)}\n\\1$`, 'm'));
    expect(outputs).toMatch(/^create<<(\S+)\n1\n\1$/m);
    expect(outputs).toMatch(/^summary<<(\S+)\nPlan: 1 to create/m);
  });

  it('E8: nothing in a name is obeyed by a runner, whatever the format on stdout', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', declarations(closeio('a')));
    await bench.run('apply --yes');
    const name = '::error::x ##vso[task.complete]y ##[error]z';
    await bench.call('PATCH', '/instances/500001', { name });
    for (const format of ['text', 'markdown', 'html', 'sarif', 'junit', 'gitlab', 'json']) {
      const { out } = await bench.run(`drift --format ${format}`);
      expect(out, format).not.toMatch(/^\s*::|##vso\[|##\[/m);
    }
    const { out } = await bench.run('drift --format github');
    for (const line of out.split('\n').filter(Boolean))
      expect(line).toMatch(/^::(error|warning|notice) file=/);
    expect(out).not.toMatch(/##vso\[|##\[/);
  });
});

describe('plan --untrusted', () => {
  const top = 'account: { userSecret: "${file:secret.txt}", organizationSecret: "${env:ORGANIZATION}" }\n';

  it('F2, F3: plans offline what the files say; no variable, no file and no secret is read', async () => {
    const bench = await openBench();
    execFileSync('git', ['init', '-q', bench.folder]);
    bench.env['REGION'] = 'a-name-of-the-inside';
    bench.write('secret.txt', 'the-secret-of-a-file');
    bench.write(
      'instate.yaml',
      declarations(`${closeio('a')}\n    base.url: "https://\${var:REGION}.example.com"`, top),
    );
    const { code, out, json } = await bench.run('plan --untrusted --json');
    expect([code, json().live, json().applyable, json().changes.length]).toEqual([0, false, false, 1]);
    expect(out).toContain('${var:REGION}');
    expect(out).not.toMatch(/a-name-of-the-inside|the-secret-of-a-file|pass-word-1/);
    expect(json().changes[0]).toMatchObject({ action: 'create', needs: [] });
    expect((await bench.stats()).requests).toEqual({});
    expect(existsSync(bench.at('.instate'))).toBe(false);
    expect(existsSync(bench.at('.config'))).toBe(false);
  });

  it('F3: follows no link of the checkout with a report', async () => {
    const bench = await openBench();
    const other = await openBench();
    other.write('profile', 'mine');
    symlinkSync(other.at('profile'), bench.at('report.md'));
    bench.write('instate.yaml', declarations(closeio('a')));
    expect((await bench.run('plan --untrusted --report markdown:report.md')).code).toBe(0);
    expect(read(other, 'profile')).toBe('mine');
    expect(read(bench, 'report.md')).toMatch(/^<!-- instate/);
  });

  it('needs no variable at all, and says what is wrong with the files', async () => {
    const bench = await openBench();
    for (const name of Object.keys(bench.env)) bench.env[name] = undefined;
    bench.write('instate.yaml', declarations(`${closeio('a')}\nb:\n  elment: x`, top));
    const { code, err } = await bench.run('plan --untrusted');
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(/instate\.yaml:11:5[^]*elment[^]*\[invalid_declarations\]/),
    ]);
  });

  it('F3: opens no declaration outside of the checkout, by no link', async () => {
    const bench = await openBench();
    const other = await openBench();
    execFileSync('git', ['init', '-q', bench.folder]);
    other.write('instate.yaml', declarations(closeio('theirs')));
    other.write('folder/x.yaml', declarations(closeio('theirs')));
    symlinkSync(other.at('instate.yaml'), bench.at('link.yaml'));
    symlinkSync(other.at('folder'), bench.at('folder'));
    bench.write('own/y.yaml', declarations(closeio('ours')));
    symlinkSync(other.at('instate.yaml'), bench.at('own/z.yaml'));
    for (const path of ['link.yaml', 'folder', other.at('instate.yaml'), 'own']) {
      const { code, out, err } = await bench.run(['plan', '--untrusted', '-f', path]);
      expect([code, err], path).toEqual([1, expect.stringContaining('lies outside of the checkout')]);
      expect(`${out}${err}`).not.toContain('theirs');
    }
  });

  it('F3: opens no state, be it in the checkout, behind a link, or a trap', async () => {
    const bench = await openBench();
    execFileSync('git', ['init', '-q', bench.folder]);
    bench.write('instate.yaml', declarations(closeio('a')));
    await bench.run('apply --yes');
    const known = (await bench.run('plan --untrusted --json')).json();
    expect(known.changes).toMatchObject([{ address: 'a', action: 'create' }]);
    expect(known.diagnostics.map((one: { code: string }) => one.code)).toEqual(['untrusted']);
    const outside = await openBench();
    outside.write('instate.yaml', declarations(closeio('a'), `state: ${bench.at('.instate/state.db')}\n`));
    bench.write('.instate/state.db', 'no database at all');
    expect((await outside.run('plan --untrusted')).code).toBe(0);
    expect((await bench.run('plan --untrusted')).code).toBe(0);
  });

  it('F3: follows no link of the checkout with events, and none on the way to a report', async () => {
    const bench = await openBench();
    const other = await openBench();
    execFileSync('git', ['init', '-q', bench.folder]);
    other.write('profile', 'mine');
    other.write('folder/x', '');
    symlinkSync(other.at('profile'), bench.at('events.ndjson'));
    symlinkSync(other.at('folder'), bench.at('reports'));
    bench.write('instate.yaml', declarations(closeio('a')));
    expect((await bench.run('plan --untrusted --events events.ndjson')).code).toBe(0);
    expect(read(other, 'profile')).toBe('mine');
    const { code, err } = await bench.run('plan --untrusted --report html:reports/plan.html');
    expect([code, err]).toEqual([1, expect.stringContaining('a link leads from the checkout')]);
    expect(other.exists('folder/plan.html')).toBe(false);
  });

  it.each(['--out plan.json', '--env-file .env', '--allow-exec'])(
    'beside %s it is a usage error',
    async (flag) => {
      const bench = await openBench();
      bench.write('instate.yaml', declarations(closeio('a')));
      bench.write('.env', 'PASSWORD=x');
      const { code, err } = await bench.run(`plan --untrusted ${flag}`);
      expect([code, err]).toEqual([1, expect.stringContaining('[usage]')]);
    },
  );

  it('F1: runs no secret command, and never asks the host that the files name', async () => {
    const bench = await openBench();
    const commands = 'secretCommands: { vault: [touch, ran] }\n';
    const account = `account: { baseUrl: "https://evil.example/elements/api-v2", userSecret: "\${exec:vault}" }\n`;
    bench.write('instate.yaml', declarations(closeio('a'), commands + account));
    expect((await bench.run('plan --untrusted')).code).toBe(0);
    expect(existsSync(bench.at('ran'))).toBe(false);
  });
});

describe('--select-tag', () => {
  it('takes what is declared with one of the tags, defaults included', async () => {
    const bench = await openBench();
    const blocks = [closeio('a', 'tags: [emea]'), closeio('b', 'tags: [us]'), closeio('c')].join('\n');
    bench.write('instate.yaml', declarations(blocks, 'defaults: { tags: [managed] }\n'));
    const planned = async (flags: string) =>
      (await bench.run(`plan --json ${flags}`)).json().changes.map((one: { address: string }) => one.address);
    expect(await planned('--select-tag emea')).toEqual(['a']);
    expect((await bench.run('drift --exclude *')).err).toContain('filtered: 0 of 3 addresses');
    expect(await planned('--select-tag emea --select-tag us')).toEqual(['a', 'b']);
    expect(await planned('--select-tag managed --exclude c')).toEqual(['a', 'b']);
    const { code, err } = await bench.run('plan --select-tag emae');
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(/--select-tag emae: nothing is declared[^]*`emea`/),
    ]);
    expect((await bench.run('apply --yes --select-tag us')).out).toContain('Apply complete: 1 created');
  });

  it('what is no longer declared goes by its recorded tags; a saved plan keeps the choice', async () => {
    const bench = await openBench();
    bench.write(
      'instate.yaml',
      declarations([closeio('a', 'tags: [emea]'), closeio('b', 'tags: [us]')].join('\n')),
    );
    await bench.run('apply --yes');
    bench.write(
      'instate.yaml',
      declarations([closeio('b', 'tags: [us]'), closeio('c', 'tags: [us]')].join('\n')),
    );
    expect((await bench.run('plan --json --select-tag emea')).json().changes).toMatchObject([
      { address: 'a', action: 'delete' },
    ]);
    await bench.run('plan --select-tag us --out plan.json');
    expect((await bench.run('apply plan.json --select-tag us')).err).toContain('[usage]');
    expect((await bench.run('apply plan.json')).out).toContain('Apply complete: 1 created');
  });
});

describe('a plan that waits for an unclear create', () => {
  it.each([
    [
      'tags',
      'configuration: { username: u, password: "${env:PASSWORD}" }\n  tags: [reviewed]',
      'configuration: { username: u, password: "${env:PASSWORD}" }\n  tags: [unreviewed]',
    ],
    [
      'a host',
      'configuration: { username: u, password: "${env:PASSWORD}", base.url: "https://good.example" }',
      'configuration: { username: u, password: "${env:PASSWORD}", base.url: "https://evil.example" }',
    ],
    [
      'text around a reference',
      'configuration: { username: u, password: "${env:PASSWORD}" }',
      'configuration: { username: u, password: "x${env:PASSWORD}" }',
    ],
  ])('F5: nothing is created that was not reviewed: %s', async (_, reviewed, changed) => {
    const bench = await openBench();
    const write = (line: string) =>
      bench.write('instate.yaml', declarations(`a:\n  element: closeio\n  ${line}`));
    write(reviewed);
    await bench.fault({ on: 'POST /instances', do: 'drop' });
    expect((await bench.run('apply --yes --grace 1 --timeout 1', impatient)).code).toBe(1);
    const { digest } = (await bench.run('plan --json')).json();
    write(changed);
    const posts = await bench.posts();
    const { code, err } = await bench.run(`apply --yes --grace 1 --expect-digest ${String(digest)}`);
    expect([code, err, await bench.posts()]).toEqual([1, expect.stringContaining('[stale_plan]'), posts]);
    write(reviewed);
    expect(
      (await bench.run(`apply --yes --grace 1 --timeout 1 --expect-digest ${String(digest)}`)).code,
    ).toBe(0);
  });
});

describe('a stale plan', () => {
  it('F5: says what changed in between', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', declarations([closeio('a'), closeio('b'), closeio('c')].join('\n')));
    await bench.run('plan --out plan.json');
    await bench.run('apply --yes --target b');
    bench.write(
      'instate.yaml',
      declarations([closeio('a', 'tags: [x]'), closeio('b'), closeio('c'), closeio('d')].join('\n')),
    );
    const posts = await bench.posts();
    const { code, err } = await bench.run('apply plan.json --report github:r.txt');
    const annotations = read(bench, 'r.txt');
    expect([code, err]).toEqual([1, expect.stringContaining('[stale_plan]')]);
    expect(err).toContain('a: create, with other fields now');
    expect(err).toContain('b: was create closeio "b", nothing is to be done now');
    expect(err).toContain('d: nothing was planned, now create closeio "d"');
    expect(annotations).toMatch(
      /^::notice file=instate\.yaml,line=\d\d,col=3,title=[^\n]*::d: nothing was planned/m,
    );
    expect(err).not.toContain('c:');
    expect(await bench.posts()).toBe(posts);
  });
});

describe('completion', () => {
  const complete = async (...words: readonly string[]) => {
    const bench = await openBench();
    return (await bench.run(['--complete', ...words])).out.split('\n').filter(Boolean);
  };

  it('commands, flags, and the values of flags', async () => {
    expect(await complete('pl')).toEqual(['plan']);
    expect(await complete('state', 'r')).toEqual(['rm', 'rekey']);
    expect(await complete('plan', '--unt')).toEqual(['--untrusted']);
    expect(await complete('plan', '--json', '--js')).toEqual([]);
    expect(await complete('plan', '--format', 'ma')).toEqual(['markdown']);
    expect(await complete('drift', '--fail-on', 'he')).toEqual(['health']);
    expect(await complete('apply', 'pl')).toEqual([]);
    expect(await complete('nonsense', '')).toEqual([]);
  });

  it('the script of bash completes', async () => {
    const bench = await openBench();
    const { out } = await bench.run('completion bash');
    const script = `${out}\ninstate() { printf 'plan\\nplanet\\n'; }\nCOMP_WORDS=(instate pl); COMP_CWORD=1; _instate; echo "\${COMPREPLY[@]}"`;
    expect(execFileSync('bash', ['-c', script], { encoding: 'utf8' })).toBe('plan planet\n');
    expect((await bench.run('completion')).err + (await bench.run('completion ksh')).err).toMatch(
      /\[usage\][^]*\[usage\]/,
    );
  });
});
