import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdirSync, symlinkSync } from 'node:fs';
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
