import { readFileSync, rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { closeio, declarations, openBench } from '../support/bench.ts';

const insightly = `insightly-docs:
  element: insightly
  name: API Instance
  tags: [Docs]
  configuration:
    username: "\${env:USERNAME}"
    password: "\${env:PASSWORD}"`;

describe('the main job', () => {
  it("the vendor's Insightly example: body and header exactly as documented, id and token handed out", async () => {
    const bench = await openBench();
    bench.write('instate.yaml', declarations(insightly));
    expect((await bench.run('apply --auto-approve')).code).toBe(0);
    const [post] = (await bench.requests()).filter((request) => request.method === 'POST');
    expect(JSON.stringify(post?.body)).toBe(
      '{"element":{"key":"insightly"},"configuration":{"username":"someone@example.com","password":"pass-word-1"},"tags":["Docs","instate:crm:insightly-docs"],"name":"API Instance"}',
    );
    expect(post?.headers['authorization']).toBe('User user-secret-1, Organization organization-secret-1');
    const live = (await bench.call('GET', '/instances')).body[0];
    const { outputs } = (await bench.run('output --reveal --format json')).json();
    expect(outputs).toEqual([
      {
        address: 'insightly-docs',
        element: 'insightly',
        name: 'API Instance',
        instanceId: live.id,
        token: live.token,
      },
    ]);
    expect((await bench.run('output --json')).json().outputs[0].token).toBe('(sensitive)');
  });

  it('apply twice sends each POST once', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', declarations([closeio('a'), closeio('b'), closeio('c')].join('\n')));
    const first = await bench.run('apply --yes');
    expect(first.out).toMatch(/Apply complete: 3 created, 0 adopted, 0 forgotten\.\n$/);
    const second = await bench.run('apply --yes');
    expect(second.code).toBe(0);
    expect(second.out).toContain('No changes. 3 instances are as declared.');
    expect(second.out).toMatch(/Apply complete: 0 created, 0 adopted, 0 forgotten\.\n$/);
    expect(await bench.posts()).toBe(3);
  });

  it('promise 1: plan, drift, show and validate write nothing, where there is a state and where there is none', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', declarations(closeio('a')));
    for (const command of ['plan', 'drift', 'validate', 'show a', 'state list', 'output'])
      await bench.run(command);
    expect(Object.keys(bench.snapshot())).toEqual(['instate.yaml']);
    await bench.run('apply --yes');
    const before = bench.snapshot();
    for (const command of [
      'plan',
      'drift',
      'validate',
      'show a',
      'state list',
      'state show a',
      'output --reveal',
      'plan --json',
    ])
      await bench.run(command);
    // SQLite's own side files may appear, empty; what is recorded never changes.
    const after = Object.entries(bench.snapshot()).filter(([file]) => !/-(shm|wal)$/.test(file));
    expect(Object.fromEntries(after)).toEqual(
      Object.fromEntries(Object.entries(before).filter(([file]) => !/-(shm|wal)$/.test(file))),
    );
    expect(readFileSync(bench.at('.instate/state.db-wal')).length).toBe(0);
    expect(await bench.posts()).toBe(1);
  });

  it('the state is disposable: without it, apply adopts everything that it made and sends no POST', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', declarations([closeio('a'), closeio('b')].join('\n')));
    await bench.run('apply --yes');
    const tokens = (await bench.run('output --reveal --json')).json().outputs;
    rmSync(bench.at('.instate'), { recursive: true });
    const again = await bench.run('apply --yes');
    expect(again.out).toMatch(/Apply complete: 0 created, 2 adopted, 0 forgotten\.\n$/);
    expect(await bench.posts()).toBe(2);
    expect((await bench.run('output --reveal --json')).json().outputs).toEqual(tokens);
    expect((await bench.run('plan')).out).toContain('No changes.');
  });

  it('300 declared, 100 of them live without our tag, 50 recorded: 150 POSTs exactly, and one GET for each 200 live', async () => {
    const bench = await openBench();
    const name = (n: number) => `i${String(n).padStart(3, '0')}`;
    const blocks = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, at) => closeio(name(from + at))).join('\n');
    bench.write('instate.yaml', declarations(blocks(0, 50)));
    expect((await bench.run('apply --yes')).code).toBe(0);
    for (let n = 50; n < 150; n++) {
      await bench.call('POST', '/instances', {
        name: name(n),
        element: { key: 'closeio' },
        tags: [],
        configuration: { username: 'x', password: 'y' },
      });
    }
    bench.write('instate.yaml', declarations(blocks(0, 300)));
    const [posts, gets] = [await bench.posts(), await bench.gets()];
    const plan = (await bench.run('plan --json')).json();
    expect(plan.summary).toMatchObject({ create: 150, adopt: 100, noop: 50, held: 0, conflict: 0 });
    expect(await bench.gets()).toBe(gets + 1);
    expect(plan.stats.requests).toEqual({ GET: 1, POST: 0 });
    const apply = (await bench.run('apply --yes --json')).json();
    expect(apply.summary).toEqual({
      created: 150,
      adopted: 100,
      forgotten: 0,
      failed: 0,
      uncertain: 0,
      notAttempted: 0,
    });
    expect(await bench.posts()).toBe(posts + 150);
    expect((await bench.run('plan --json')).json().stats.requests.GET).toBe(2);
  }, 60_000);

  it('two live instances with the same element and name: a conflict with both ids, and the others are done', async () => {
    const bench = await openBench();
    const twin = {
      name: 'twin',
      element: { key: 'closeio' },
      tags: [],
      configuration: { username: 'x', password: 'y' },
    };
    const ids = [
      (await bench.call('POST', '/instances', twin)).body.id,
      (await bench.call('POST', '/instances', twin)).body.id,
    ];
    bench.write('instate.yaml', declarations([closeio('twin'), closeio('other')].join('\n')));
    const plan = await bench.run('plan');
    expect(plan.code).toBe(1);
    const apply = await bench.run('apply --yes');
    expect(apply.code).toBe(1);
    for (const id of ids) expect(apply.out).toContain(`#${String(id)}`);
    expect(apply.out).toContain(`pin the right one:  id: ${String(ids[1])}`);
    expect(apply.out).toMatch(
      /Apply incomplete: 1 created, 0 adopted, 0 forgotten, 0 failed, 0 uncertain, 1 not attempted\.\n$/,
    );
  });

  it('another element is a held replace, and no POST', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', declarations(closeio('a')));
    await bench.run('apply --yes');
    bench.write('instate.yaml', declarations(closeio('a').replace('element: closeio', 'element: insightly')));
    const plan = (await bench.run('plan --json')).json();
    expect(plan.changes).toMatchObject([{ address: 'a', action: 'replace', held: true }]);
    expect((await bench.run('apply --yes')).code).toBe(0);
    expect(await bench.posts()).toBe(1);
    expect((await bench.run('plan --detailed-exitcode')).code).toBe(2);
  });

  it('a renamed address: a conflict with the hint, and with moved: nothing to do', async () => {
    const bench = await openBench();
    const block = (address: string) => closeio(address, 'name: The One');
    bench.write('instate.yaml', declarations(block('old')));
    await bench.run('apply --yes');
    bench.write('instate.yaml', declarations(block('new')));
    const renamed = await bench.run('plan');
    expect(renamed.code).toBe(1);
    expect(renamed.out).toContain('moved:  with  old: new');
    bench.write('instate.yaml', declarations(block('new'), 'moved:\n  old: new\n'));
    expect((await bench.run('plan')).out).toContain('No changes. 1 instance is as declared.');
    expect((await bench.run('apply --yes')).code).toBe(0);
    expect((await bench.run('state list')).out).toMatch(/^new /);
    expect((await bench.run('plan')).out).toContain('No changes.');
    bench.write('instate.yaml', declarations(block('new')));
    expect((await bench.run('plan')).out).toContain('No changes.');
    expect(await bench.posts()).toBe(1);
  });

  it('drift: a changed tag, a deleted, a disabled and an unmanaged instance', async () => {
    const bench = await openBench();
    bench.write(
      'instate.yaml',
      declarations(['a', 'b', 'c'].map((one) => closeio(one, 'tags: [x]')).join('\n')),
    );
    await bench.run('apply --yes');
    const ids = Object.fromEntries(
      (await bench.run('output --json'))
        .json()
        .outputs.map((one: { address: string; instanceId: number }) => [one.address, one.instanceId]),
    );
    await bench.call('PATCH', `/instances/${String(ids['a'])}`, { tags: ['x', 'y', 'instate:crm:a'] });
    await bench.call('DELETE', `/instances/${String(ids['b'])}`);
    await bench.call('DELETE', `/instances/${String(ids['c'])}/enabled`);
    await bench.call('POST', '/instances', {
      name: 'by hand',
      element: { key: 'closeio' },
      tags: [],
      configuration: { username: 'x', password: 'y' },
    });
    const drift = await bench.run('drift --json');
    expect(drift.code).toBe(2);
    const kinds = drift
      .json()
      .items.map((item: { address: string | null; kind: string }) => `${String(item.address)} ${item.kind}`);
    expect(kinds).toEqual(['a changed', 'b missing', 'c disabled', 'null unmanaged']);
    expect(drift.json().coverage).toEqual({ managed: 2, unmanaged: 1, foreign: 0, percent: 66.7 });
    expect((await bench.run('drift --fail-on disabled')).code).toBe(2);
    expect((await bench.run('drift --fail-on duplicate')).code).toBe(0);
    const apply = (await bench.run('apply --yes --json')).json();
    expect(apply).toMatchObject({ outcome: 'complete', summary: { created: 1 } });
    expect((await bench.run('plan --json')).json().changes).toMatchObject([
      { address: 'a', action: 'update', held: true },
    ]);
  });

  it('a replaced credential is one held change until it is accepted', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', declarations(closeio('a')));
    await bench.run('apply --yes');
    bench.env['PASSWORD'] = 'pass-word-2';
    const plan = await bench.run('plan --detailed-exitcode');
    expect(plan.code).toBe(2);
    expect(plan.out).toContain('1 held');
    expect(plan.out).not.toContain('pass-word');
    expect((await bench.run('drift --json')).json().items).toMatchObject([
      { address: 'a', kind: 'credential' },
    ]);
    expect((await bench.run('state accept a')).out).toBe(
      'Accepted configuration.password, configuration.username of a.\n',
    );
    expect((await bench.run('plan')).out).toContain('No changes.');
    delete bench.env['PASSWORD'];
    expect((await bench.run('plan --json')).json().notVerified).toEqual([
      { address: 'a', path: 'configuration.password' },
    ]);
  });
});
