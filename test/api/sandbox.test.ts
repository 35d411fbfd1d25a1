import { describe, expect, it } from 'vitest';
import type { Api } from '../../src/api/instances.ts';
import { Sensitive } from '../../src/core/sensitive.ts';
import { startSandbox } from '../../src/sandbox/server.ts';
import { atEnd, open, reading, resolved, terms } from './support.ts';

/** An account of its own in a sandbox with these faults. */
async function account(seed: number, faults: readonly unknown[] = [], timeoutMs = 10_000): Promise<Api> {
  const sandbox = await startSandbox({ seed, faults, now: () => Date.now() });
  atEnd(() => sandbox.close());
  return open(sandbox.url, { timeouts: { getMs: timeoutMs, postMs: timeoutMs } });
}

const list = 'GET /instances';
const post = 'POST /instances';

describe('against the sandbox', () => {
  it('creates an instance, and finds it by list and by id, tags and all', async () => {
    const api = await account(0);
    expect(await api.read.list(reading)).toMatchObject({ complete: true, note: null, instances: [] });
    const projection = new Map([
      [
        'insightly',
        new Map([
          ['username', 'plain' as const],
          ['password', 'sensitive' as const],
        ]),
      ],
    ]);
    const outcome = await api.create.create(resolved, { ...terms, projection });
    if (outcome.kind !== 'created') throw new Error(outcome.failure.message);
    const { instance, token } = outcome;
    expect(instance).toMatchObject({
      element: 'insightly',
      name: 'API Instance',
      tags: resolved.tags,
      valid: true,
    });
    expect(instance.configuration).toEqual({ username: 'me@example.com', password: '********' });
    expect(token).toBeInstanceOf(Sensitive);
    const listing = await api.read.list({ projection, tokens: true });
    expect(listing).toMatchObject({ complete: true, note: null, instances: [instance] });
    expect(listing.tokens.get(instance.id)?.equals(token ?? '')).toBe(true);
    expect(await api.read.get(instance.id, { projection, tokens: false })).toEqual({
      kind: 'live',
      instance,
      token: null,
    });
    expect(await api.read.get(instance.id + 1000, reading)).toEqual({ kind: 'missing' });
  });

  it('A3: lists 450 instances in three requests', async () => {
    const api = await account(450);
    const { complete, note, instances } = await api.read.list(reading);
    expect({ complete, note, count: instances.length }).toEqual({ complete: true, note: null, count: 450 });
    expect(api.stats().requests.GET).toBe(3);
  });

  it("C4: refused credentials are a refusal with the vendor's words and without the value", async () => {
    const api = await account(0);
    const wrong = { ...resolved, configuration: { username: 'u', password: new Sensitive('wrong') } };
    const outcome = await api.create.create(wrong, terms);
    expect(outcome).toMatchObject({ kind: 'refused', failure: { code: 'refused', status: 400 } });
    const message = outcome.kind === 'refused' ? outcome.failure.message : '';
    expect(message).toMatch(/^the service refused the create: .+ \(vendor: .+\)$/);
  });

  it('401 for secrets that the account does not know', async () => {
    const sandbox = await startSandbox({ now: () => Date.now() });
    atEnd(() => sandbox.close());
    const api = open(sandbox.url, { userSecret: new Sensitive('invalid') });
    await expect(api.read.list(reading)).rejects.toMatchObject({
      code: 'unauthorized',
      requestId: expect.any(String) as string,
    });
    expect(await api.create.create(resolved, terms)).toMatchObject({
      kind: 'refused',
      failure: { code: 'unauthorized' },
    });
    expect(await api.read.get(1, reading)).toMatchObject({ kind: 'unknown' });
  });

  const creates: readonly [string, Record<string, unknown>, string, number][] = [
    ['drop', {}, 'uncertain', 0],
    ['commit-then-drop', {}, 'uncertain', 1],
    ['commit-then-status', { code: 500 }, 'uncertain', 1],
    ['status', { code: 503 }, 'uncertain', 0],
    ['status', { code: 403 }, 'refused', 0],
    ['truncate', {}, 'uncertain', 1],
    ['garbage', {}, 'uncertain', 1],
    ['stall', {}, 'uncertain', 1],
  ];
  it.each(creates)('C4: %s %j: %s', async (fault, more, kind, live) => {
    const api = await account(0, [{ on: post, do: fault, ...more }], 1_000);
    expect((await api.create.create(resolved, terms)).kind).toBe(kind);
    expect(api.stats().requests.POST).toBe(1);
    const { complete, instances } = await api.read.list(reading);
    expect({ complete, live: instances.length }).toEqual({ complete: true, live });
  });

  const lists: readonly [string, Record<string, unknown>][] = [
    ['status', { code: 503 }],
    ['drop', {}],
    ['stall', {}],
    ['truncate', {}],
    ['repeat-page', {}],
    ['drift-pages', {}],
  ];
  it.each(lists)('A3: a list is complete in spite of one %s %j', async (fault, more) => {
    const api = await account(450, [{ on: list, do: fault, ...more }], 2_000);
    const { complete, instances } = await api.read.list(reading);
    expect(complete).toBe(true);
    expect(instances.length).toBe(450);
  });

  it('A3: a page that comes twice in the place of another, in every listing, is incomplete', async () => {
    const api = await account(450, [{ on: list, do: 'repeat-page', times: 9 }]);
    expect(await api.read.list(reading)).toMatchObject({
      complete: false,
      note: expect.stringContaining('counts 450') as string,
    });
  });

  it('A2: a list that is HTML is a bad answer', async () => {
    const api = await account(3, [{ on: list, do: 'garbage' }]);
    await expect(api.read.list(reading)).rejects.toMatchObject({ code: 'bad_answer' });
  });
});
