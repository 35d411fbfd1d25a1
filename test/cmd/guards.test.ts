import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { closeio, declarations, openBench, terminal, type Bench } from '../support/bench.ts';

const three = declarations(['a', 'b', 'c'].map((one) => closeio(one)).join('\n'));

/** A bench whose three instances are applied. */
async function applied(): Promise<Bench> {
  const bench = await openBench();
  bench.write('instate.yaml', three);
  expect((await bench.run('apply --yes')).code).toBe(0);
  return bench;
}

/** Everything live is gone; the state still knows three. */
async function emptied(): Promise<Bench> {
  const bench = await applied();
  for (const { id } of (await bench.call('GET', '/instances')).body)
    await bench.call('DELETE', `/instances/${String(id)}`);
  return bench;
}

/** Answers every request the same way, and counts the POSTs. */
async function serve(
  status: number,
  type: string,
  body: string,
): Promise<{ url: string; posts: () => number }> {
  let posts = 0;
  const server: Server = createServer((request, response) => {
    if (request.method === 'POST') posts++;
    response.writeHead(status, { 'content-type': type }).end(body);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => void server.close());
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/elements/api-v2`,
    posts: () => posts,
  };
}

describe('an account that is not as it was', () => {
  it('A5: a list that suddenly answers empty, and GETs that agree: no POST, exit 1, the cause named', async () => {
    const bench = await emptied();
    const apply = await bench.run('apply --yes');
    expect(apply.code).toBe(1);
    expect(apply.err).toContain(
      'The account looks empty: none of 3 recorded instances is live. Nothing was created or forgotten.',
    );
    expect(apply.err).toContain('[mass_missing]');
    expect(apply.err).toContain('--expect-missing 3');
    expect(await bench.posts()).toBe(3);
    const plan = await bench.run('plan');
    expect(plan.out).toContain('instate apply --expect-missing 3');
    expect((await bench.run('drift')).out).toContain('The account looks empty');
  });

  it('A1: a list that answers empty while the instances live is no reason to create', async () => {
    const bench = await applied();
    await bench.fault({ on: 'GET /instances', do: 'empty-404', times: 9 });
    const apply = await bench.run('apply --yes', { now: () => Date.now() + 3_600_000 });
    expect(apply.code).toBe(1);
    expect(apply.err).toMatch(
      /the list of instances is empty, while 3 recorded instances live.*\[incomplete_list\]/,
    );
    expect(await bench.posts()).toBe(3);
  });

  it('A1: a list that is empty once is asked again', async () => {
    const bench = await applied();
    await bench.fault({ on: 'GET /instances', do: 'empty-404' });
    expect((await bench.run('apply --yes')).out).toContain('No changes. 3 instances are as declared.');
  });

  it('A1: nothing is created from a list that hides what lives, also what the state has forgotten', async () => {
    const bench = await applied();
    await bench.run('state rm c');
    const ids = (await bench.call('GET', '/instances')).body.map((one: { id: number }) => one.id);
    const hide = (id: number) => ({ on: 'GET /instances', do: 'hide-from-list', id, ms: 60_000 });
    await bench.fault(hide(ids[1]), hide(ids[2]));
    await bench.call('GET', '/instances');
    const apply = await bench.run('apply --yes --json', { now: () => Date.now() + 3_600_000 });
    expect(apply.code).toBe(1);
    expect(apply.json().results).toMatchObject([
      {
        address: 'c',
        status: 'not-attempted',
        error: { message: expect.stringContaining('lacks') as string },
      },
    ]);
    expect(await bench.posts()).toBe(3);
  });

  it('A5: only the exact number releases it; --auto-approve does not', async () => {
    const bench = await emptied();
    expect((await bench.run('apply --yes --expect-missing 2')).code).toBe(1);
    expect((await bench.run(['apply', '--yes'], {})).err).toContain('[mass_missing]');
    expect((await bench.run('apply --yes --expect-missing 3')).out).toMatch(/Apply complete: 3 created/);
  });

  it('A5: a matching digest releases it', async () => {
    const bench = await emptied();
    const { digest } = (await bench.run('plan --json')).json();
    expect((await bench.run(`apply --yes --expect-digest ${String(digest)}`)).out).toMatch(
      /Apply complete: 3 created/,
    );
  });

  it('A5: the digest of a plan that showed no guard releases none', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', three);
    await bench.run('plan --out plan.json');
    expect((await bench.run('apply plan.json')).code).toBe(0);
    for (const { id } of (await bench.call('GET', '/instances')).body)
      await bench.call('DELETE', `/instances/${String(id)}`);
    expect((await bench.run('apply plan.json')).err).toContain('[stale_plan]');
    expect(await bench.posts()).toBe(3);
  });

  it('A5: at a terminal the number is typed', async () => {
    const bench = await emptied();
    const wrong = terminal('2', 'yes');
    expect((await bench.run('apply', wrong)).out).toMatch(/Declined: nothing was done\.\n$/);
    const right = terminal('3', 'yes');
    expect((await bench.run('apply', right)).code).toBe(0);
    expect(right.asked[0]).toContain('Type 3 if so many recorded instances are really gone');
  });

  it('A5: with nothing recorded, an empty account is asked twice', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', three);
    expect((await bench.run('plan --json')).json().stats.requests).toEqual({ GET: 2, POST: 0 });
  });

  it.each([
    ['a 404 page from a proxy', 404, 'text/html', '<html>not here</html>', 'bad_answer'],
    ['a 404 in another shape', 404, 'application/json', '{"error":"no route"}', 'bad_answer'],
    ['HTML with status 200', 200, 'text/html', '<html>sign in</html>', 'bad_answer'],
    ['an object instead of a list', 200, 'application/json', '{}', 'bad_answer'],
    ['A6: a redirect', 302, 'text/plain', '', 'redirect'],
    ['403', 403, 'application/json', '{"message":"no","requestId":"5b0437c6e4b07731ae39b533"}', 'forbidden'],
  ])('A2: %s: no POST, exit 1, the cause named', async (_name, status, type, body, code) => {
    const bench = await applied();
    const { url, posts } = await serve(status, type, body);
    bench.env['INSTATE_BASE_URL'] = url;
    const apply = await bench.run(['apply', '--yes', '--state', bench.at('other.db')]);
    expect(apply.code).toBe(1);
    expect(apply.err).toContain(`[${code}]`);
    expect(posts()).toBe(0);
  });

  it("A4: another user's secrets: no POST, exit 1, the cause named", async () => {
    const bench = await applied();
    bench.env['CE_USER_SECRET'] = 'somebody-else';
    const apply = await bench.run('apply --yes');
    expect(apply.code).toBe(1);
    expect(apply.err).toContain('[mass_missing]');
    expect((await bench.run('plan')).out).toContain("Usually this is another user's secret");
    expect(await bench.posts()).toBe(3);
  });

  it('A4: an account.user that is not the one whose instances are recorded', async () => {
    const bench = await applied();
    bench.write('instate.yaml', three.replace('instances:', 'account:\n  user: 99\ninstances:'));
    const apply = await bench.run('apply --yes');
    expect(apply).toMatchObject({ code: 1 });
    expect(apply.err).toMatch(/account\.user is 99, the state has seen \d+ \[wrong_account\]/);
  });

  it('A4: a state of another base URL', async () => {
    const bench = await applied();
    const other = await openBench();
    bench.env['INSTATE_BASE_URL'] = other.sandbox.url;
    expect((await bench.run('apply --yes')).err).toContain('[wrong_account]');
    expect(await other.posts()).toBe(0);
  });

  it('A3: a page missing in the middle: no POST, exit 1, the cause named', async () => {
    const bench = await openBench({ seed: 450 });
    bench.write('instate.yaml', three);
    await bench.fault({ on: 'GET /instances', nth: 2, times: 100, do: 'repeat-page' });
    const apply = await bench.run('apply --yes');
    expect(apply.code).toBe(1);
    expect(apply.err).toContain('[incomplete_list]');
    expect(await bench.posts()).toBe(0);
    expect((await bench.run('plan')).code).toBe(1);
  });

  it('A1: a recorded instance that cannot be read is neither created nor forgotten', async () => {
    const bench = await applied();
    await bench.fault(
      { on: 'GET /instances', do: 'empty-404', times: 2 },
      { on: 'GET /instances/{id}', do: 'status', code: 403, times: 3 },
    );
    const apply = await bench.run('apply --yes');
    expect(apply.code).toBe(1);
    expect(apply.out).toMatch(/0 created, .* 3 not attempted\.\n$/);
    expect(await bench.posts()).toBe(3);
  });

  it('E8: a credential that the service echoes in the answer to a GET is not shown', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', three);
    const body = {
      requestId: '5b0437c6e4b07731ae39b533',
      message: 'bad value pass-word-1 / someone%40example.com',
    };
    await bench.fault({ on: 'GET /instances', do: 'status', code: 400, body });
    const plan = await bench.run('plan --verbose');
    expect(plan.err).toContain('bad value (sensitive) / (sensitive)');
  });

  it('wrong secrets: exit 1, and what to check', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', three);
    bench.env['CE_USER_SECRET'] = 'invalid';
    const plan = await bench.run('plan');
    expect(plan.err).toMatch(/Invalid Organization or User secret.*\[unauthorized\]/s);
    expect(plan.err).toContain('CE_USER_SECRET');
  });
});
