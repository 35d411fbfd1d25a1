import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdirSync, symlinkSync } from 'node:fs';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { closeio, declarations, openBench, type Bench } from '../support/bench.ts';

/** A server that counts what reaches it; nothing may. */
async function listen(
  host: string,
  answer: RequestListener = (_, to) => void to.end('[]'),
): Promise<{ readonly port: number; readonly heard: () => number }> {
  let heard = 0;
  const server = createServer(answer);
  server.on('connection', () => heard++);
  await new Promise<void>((done) => server.listen(0, host, done));
  onTestFinished(() => void server.close());
  return { port: (server.address() as AddressInfo).port, heard: () => heard };
}

async function applied(): Promise<Bench> {
  const bench = await openBench();
  bench.write('instate.yaml', declarations(closeio('a')));
  expect((await bench.run('apply --yes')).code).toBe(0);
  return bench;
}

describe("a stranger's change of the files learns nothing", () => {
  it.each([
    ['another host', (port: number) => `https://evil.example:${String(port)}/elements/api-v2`],
    [
      'the vendor as a user name',
      (port: number) => `https://api.cloud-elements.com@127.0.0.2:${String(port)}`,
    ],
    ['the vendor as a part of the name', () => 'https://api.cloud-elements.com.evil.example/elements/api-v2'],
    ['plain http to a name', (port: number) => `http://evil.example:${String(port)}/elements/api-v2`],
    [
      'an address that only looks like loopback',
      (port: number) => `http://127.0.0.1.evil.example:${String(port)}`,
    ],
  ])('F1: baseUrl as %s: refused before any request, by every command that would ask', async (_, url) => {
    const bench = await applied();
    const { port, heard } = await listen('127.0.0.2');
    delete bench.env['INSTATE_BASE_URL'];
    bench.write('instate.yaml', declarations(closeio('a'), `account: { baseUrl: "${url(port)}" }\n`));
    for (const line of ['plan', 'apply --yes', 'drift', 'show a', 'recover', 'output --reveal --refresh']) {
      const { code, err, out } = await bench.run(line);
      expect([line, code]).toEqual([line, 1]);
      expect(err).toMatch(/\[(untrusted_host|wrong_account|invalid_declarations)\]/);
      expect(err + out).not.toMatch(/user-secret-1|organization-secret-1|pass-word-1/);
    }
    expect(heard()).toBe(0);
  });

  it.each([
    ['name: "${env:CE_USER_SECRET}"', 'misplaced_reference|is sensitive'],
    ['name: "${var:CE_USER_SECRET}"', 'is refused'],
    ['name: "${file:secret}"', 'is sensitive'],
    ['name: "${exec:x}"', 'is sensitive'],
    ['tags: ["${var:INSTATE_STATE_KEY}"]', 'is refused'],
    ['element: "${env:PASSWORD}"', 'is sensitive'],
    ['ignore: ["${env:PASSWORD}"]', 'is sensitive'],
  ])('F2: %s: refused, and its value is not shown', async (line, words) => {
    const bench = await openBench();
    bench.env['INSTATE_STATE_KEY'] = 'passphrase:sesame open this vault';
    const block = `a:\n  ${line.startsWith('element') ? line : `element: closeio\n  ${line}`}\n  configuration: {}`;
    bench.write('instate.yaml', declarations(block, 'secretCommands: { x: [ "true" ] }\n'));
    const { code, err } = await bench.run('validate');
    expect(code).toBe(1);
    expect(err).toMatch(new RegExp(words));
    expect(err).not.toMatch(/user-secret-1|pass-word-1|sesame/);
  });

  it.each(['curl', 'header', 'postman', 'dotenv --full', 'github --full'])(
    'F1: output --format %s hands nothing over for a host that nobody trusts, stored token or not',
    async (format) => {
      const bench = await applied();
      delete bench.env['INSTATE_BASE_URL'];
      bench.env['GITHUB_OUTPUT'] = bench.at('gh');
      const url = bench.sandbox.url.replace('127.0.0.1', 'evil.example').replace('http:', 'https:');
      bench.write('instate.yaml', declarations(closeio('a'), `account: { baseUrl: "${url}" }\n`));
      for (const more of ['', ` --state ${bench.at('.instate/state.db')}`]) {
        const { code, out, err } = await bench.run(`output a --reveal --format ${format}${more}`);
        expect([code, out]).toEqual([1, '']);
        expect(err).toMatch(/\[(untrusted_host|wrong_account)\]/);
      }
    },
  );

  it.each(['curl', 'header', 'postman', 'dotenv --full', 'github --full'])(
    'E7: a line break in a secret of the account ends no here-document, header or entry: %s',
    async (format) => {
      const bench = await applied();
      bench.env['GITHUB_ENV'] = bench.at('gh');
      const secret = '"${env:CE_USER_SECRET}\\nEND\\nid > pwned"';
      bench.write('instate.yaml', declarations(closeio('a'), `account: { userSecret: ${secret} }\n`));
      const { code, out, err } = await bench.run(`output a --reveal --format ${format}`);
      expect([code, out.includes('pwned')]).toEqual([1, false]);
      expect(err).toContain('[unauthorized]');
      expect(bench.exists('gh')).toBe(false);
    },
  );

  it('a database that somebody else made: an address that a shell would obey is no record', async () => {
    const bench = await applied();
    const db = new Database(bench.at('.instate/state.db'));
    db.prepare('UPDATE instances SET address = ?').run('x\ntouch pwned\n#');
    db.close();
    for (const line of ['output --reveal --format curl', 'state list', 'plan']) {
      const { code, out, err } = await bench.run(line);
      expect([line, code, out.includes('pwned')]).toEqual([line, 1, false]);
      expect(err).toContain('[state_corrupt]');
    }
  });

  it('A4, C5: a token of another account, or of another instance, is not handed out under our address', async () => {
    const [bench, other] = [await applied(), await openBench()];
    await other.call('POST', '/instances', {
      ...{ name: 'x', element: { key: 'stripe' }, tags: [] },
      configuration: { username: 'x', password: 'y' },
    });
    const foreign = await bench.run(`output a --reveal --refresh --base-url ${other.sandbox.url}`);
    expect([foreign.code, foreign.err.includes('[wrong_account]')]).toEqual([1, true]);
    expect((await bench.run('output a --reveal --refresh --project other')).err).toContain('[wrong_state]');
    bench.env['CE_USER_SECRET'] = 'of-another-tenant';
    await bench.call('POST', '/instances', {
      ...{ name: 'x', element: { key: 'closeio' }, tags: [] },
      configuration: { username: 'x', password: 'y' },
    });
    expect((await bench.run('output a --reveal --refresh')).err).toContain('[no_token]');
  });

  it.each([
    ['.git/config', 'it lies in .git'],
    ['.instate/state.db.lock', 'it lies in .instate'],
    ['.env', 'it is an env file'],
    ['.env.production', 'it is an env file'],
  ])('F3: ${file:%s} is refused', async (path, why) => {
    const bench = await applied();
    bench.write(path, 'a-token');
    bench.write('instate.yaml', declarations(closeio('a').replace('${env:PASSWORD}', `\${file:${path}}`)));
    const { code, err } = await bench.run('validate');
    expect([code, err.includes(why)]).toEqual([1, true]);
  });

  it.each([
    'DB_PASS',
    'PGPWD',
    'GITHUB_PAT',
    'DEPLOY_KEY',
    'SENTRY_DSN',
    'BASIC_AUTH',
    'INSTATE_STATE',
    'SLACK_WEBHOOK',
  ])('F2: ${var:%s} is refused: its name says that it is none to show', async (name) => {
    const bench = await openBench();
    bench.env[name] = 'canary-of-a-variable';
    bench.write('instate.yaml', declarations(closeio('a', `name: "x \${var:${name}}"`)));
    const { code, err, out } = await bench.run('plan');
    expect([code, /refused/.test(err), (err + out).includes('canary')]).toEqual([1, true, false]);
  });

  it('F2: ${var:} of an address with a password is refused; a region, an author, a host are not', async () => {
    const bench = await openBench();
    bench.env['PLACE'] = 'https://user:canary@proxy.example';
    bench.write('instate.yaml', declarations(closeio('a', 'name: "${var:PLACE}"')));
    expect((await bench.run('validate')).err).toMatch(/its value is an address with a password/);
    Object.assign(bench.env, { REGION: 'eu', AUTHOR: 'ada', VENDOR_HOST: 'https://x.example/a:b' });
    bench.write(
      'instate.yaml',
      declarations(closeio('a', 'name: "${var:REGION} ${var:AUTHOR} ${var:VENDOR_HOST}"')),
    );
    expect((await bench.run('validate')).code).toBe(0);
  });

  it('F3: a plan file takes no env file from elsewhere, unless it is given again', async () => {
    const bench = await openBench();
    bench.write('inside/instate.yaml', declarations(closeio('a')));
    bench.write('outside.env', 'SOMETHING=x\n');
    await bench.run('plan -f inside --env-file outside.env --out inside/plan.json');
    const apply = await bench.run('apply inside/plan.json');
    expect([apply.code, apply.err.includes('[bad_plan_file]')]).toEqual([1, true]);
    expect(await bench.posts()).toBe(0);
    expect((await bench.run('apply inside/plan.json --env-file outside.env')).code).toBe(0);
  });

  it('F5: the digest binds the references of the account and the words of commands', async () => {
    const bench = await openBench();
    const digests = new Set<string>();
    for (const top of [
      '',
      'account: { userSecret: "${env:PASSWORD}" }\n',
      'secretCommands: { k: [op, read, a] }\n',
      'secretCommands: { k: [op, read, b] }\n',
      'secretCommands: { k: { command: [op, read, b], env: [X] } }\n',
    ]) {
      const block = top.startsWith('secret') ? closeio('a').replace('env:PASSWORD', 'exec:k') : closeio('a');
      bench.write('instate.yaml', declarations(block, top));
      const plan = await bench.run('plan --json');
      digests.add(String(plan.json().digest));
    }
    expect(digests.size).toBe(5);
    bench.write('instate.yaml', declarations(closeio('a'), 'account: { userSecret: "${env:PASSWORD}" }\n'));
    expect((await bench.run('plan')).out).toContain(
      "The account's secrets come from env:PASSWORD, env:CE_ORGANIZATION_SECRET.",
    );
  });

  it('F2: an address is shown to its end, however long', async () => {
    const bench = await openBench();
    const url = `https://api.insightly.com-${'a'.repeat(60)}.${'b'.repeat(60)}.evil.example/`;
    bench.write(
      'instate.yaml',
      declarations(closeio('a').replace('    username', `    base.url: "${url}"\n    username`)),
    );
    expect((await bench.run('plan')).out).toContain(url);
  });

  it('F2: a plan names what a create reads and where that goes; of an update it shows every change of a host', async () => {
    const bench = await applied();
    bench.env['ROOT_PASSWORD'] = 'r00t-of-all';
    const stranger = [
      'evil:',
      '  element: closeio',
      '  configuration:',
      '    base.url: "https://evil.example"',
      '    username: "x-${env:ROOT_PASSWORD}"',
      '    password: "${env:PASSWORD}"',
    ].join('\n');
    bench.write(
      'instate.yaml',
      declarations(`${closeio('a')}\n    base.url: "https://evil.example"\n${stranger}`),
    );
    const { out } = await bench.run('plan');
    expect(out).toMatch(
      /\+ evil[^]*reads env:PASSWORD, env:ROOT_PASSWORD\n +configuration\.base\.url: https:\/\/evil\.example/,
    );
    expect(out).toMatch(/~ a[^]*configuration\.base\.url +https:\/\/evil\.example +live:/);
    expect(out).not.toContain('r00t-of-all');
  });

  it('D2: .instate as a link, which a checkout may bring along, is refused for reading and writing', async () => {
    const bench = await applied();
    mkdirSync(bench.at('checkout'));
    bench.write('checkout/instate.yaml', declarations(closeio('a')));
    symlinkSync(bench.at('.instate'), bench.at('checkout/.instate'));
    for (const line of ['plan', 'apply --yes', 'state list', 'output --reveal', 'state doctor']) {
      const { code, err } = await bench.run(`${line} -f checkout/instate.yaml`);
      expect([line, code]).toEqual([line, 1]);
      expect(err).toMatch(/is a symbolic link.*(\[state_unsupported\])?/);
    }
    const named = await bench.run(`state list --state ${bench.at('.instate/state.db')}`);
    expect(named.out).toMatch(/^a /);
  });
});

describe('names and answers from outside', () => {
  const escape = '\u001b]0;owned\u0007\u001b[31m\u202egnol\u2028::error::x';

  it('E8: control sequences in live names and tags never reach a screen, in any text that shows them', async () => {
    const bench = await applied();
    const { id } = (await bench.call('GET', '/instances')).body[0];
    await bench.call('PATCH', `/instances/${String(id)}`, { name: escape, tags: [escape, 'instate:crm:a'] });
    await bench.call('POST', '/instances', {
      ...{ name: escape, element: { key: 'closeio' }, tags: ['instate:crm:b'] },
      configuration: { username: 'x', password: 'y' },
    });
    bench.write('instate.yaml', declarations(closeio('a', 'tags: [x]')));
    for (const line of [
      'plan',
      'plan --verbose',
      'drift',
      'show a',
      'recover --list',
      'apply --yes',
      'state show a',
    ]) {
      const { out, err } = await bench.run(line);
      expect([line, /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e\u2028]/.test(out + err)]).toEqual([
        line,
        false,
      ]);
      expect([line, /^\s*::error::/m.test(out + err)]).toEqual([line, false]);
    }
    expect((await bench.run('plan')).out).toContain('\\u{1b}]0;owned');
  });

  it('__proto__ and its like in files and answers change nothing but what they name', async () => {
    const bench = await openBench();
    bench.write(
      'instate.yaml',
      declarations(`${closeio('a')}\n    event.poller.configuration: { "__proto__": { "polluted": 1 } }`),
    );
    expect((await bench.run('validate')).err).toMatch(/`__proto__` cannot be a configuration key/);
    bench.write('instate.yaml', declarations(`${closeio('a')}\n    __proto__: { polluted: 1 }`));
    expect((await bench.run('validate')).code).toBe(1);
    bench.write('instate.yaml', declarations(closeio('a')));
    const body =
      '[{"id":7,"name":"x","element":{"key":"closeio","__proto__":{"polluted":1}},"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"token":"t","tags":["instate:crm:a"],"valid":true,"configuration":{"__proto__":"p","username":"u"}}]';
    await bench.fault({
      on: 'GET /instances',
      do: 'status',
      code: 200,
      body,
      headers: { 'content-type': 'application/json' },
      times: 3,
    });
    const plan = await bench.run('plan --json');
    expect(plan.json().changes).toMatchObject([{ action: 'adopt', instanceId: 7 }]);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('a giant answer is given up on, and says so', async () => {
    const bench = await applied();
    const item = Buffer.from(`${'{"id":1},'.repeat(100_000)}`);
    const { port } = await listen('127.0.0.1', (_, answer) => {
      answer.writeHead(200, { 'content-type': 'application/json' });
      answer.write('[');
      let left = 90;
      const more = (): void => {
        while (left-- > 0) if (!answer.write(item)) return void answer.once('drain', more);
        answer.end('{"id":1}]');
      };
      more();
    });
    bench.env['INSTATE_BASE_URL'] = `http://127.0.0.1:${String(port)}/elements/api-v2`;
    const plan = await bench.run('plan --state other.db');
    expect(plan.code).toBe(1);
    expect(plan.err).toMatch(/more than|larger|too (big|large|much)/i);
  });

  it('A6, F1: a redirect is not followed, and gets no secret', async () => {
    const bench = await applied();
    const { port, heard } = await listen('127.0.0.1');
    const headers = { location: `http://127.0.0.1:${String(port)}/elements/api-v2/instances` };
    bench.write('instate.yaml', declarations(closeio('a') + '\n' + closeio('b')));
    for (const code of [301, 302, 303, 307, 308]) {
      await bench.fault({ on: 'POST /instances', do: 'status', code, headers });
      const { code: exit, out } = await bench.run('apply --yes --timeout 0.2 --grace 0.1');
      expect([exit, out.includes('Apply incomplete')]).toEqual([1, true]);
    }
    await bench.fault({ on: 'GET /instances', do: 'status', code: 302, headers, times: 9 });
    expect((await bench.run('plan')).err).toContain('[redirect]');
    expect(heard()).toBe(0);
  });
});
