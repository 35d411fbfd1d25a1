import { describe, expect, test } from 'vitest';
import { readMessage, UNKNOWN_ID, type Answered, type Seen, type Service } from './service-target.ts';

const MASK = '********';
/** Keys that sources show masked (docs: secrets, CH18, DP). */
const isMasked = (key: string): boolean => /(^|\.)password$|^oauth\.api\.(key|secret)$/.test(key);
const readOne = ({ body }: Answered): Seen => body as Seen;
const readIds = ({ body }: Answered): readonly number[] => (body as readonly Seen[]).map(({ id }) => id);

/** Making an instance, and what is told of it. */
export function describeCreating(service: Service): void {
  const { target, run, draft, answers, infers, make } = service;

  describe('creating', () => {
    test('answers 200 with the whole instance, which reads the same by id (docs: shape, CH18)', async () => {
      const answer = await answers(200, 'POST', '/instances', { body: draft() });
      const made = readOne(answer);
      expect(made).toMatchObject({
        name: expect.stringMatching(`^${run}`),
        tags: [run],
        element: { key: target.element },
        elementId: made.element.id,
        disabled: false,
      });
      expect(made).toMatchObject({ user: { id: expect.any(Number), emailAddress: expect.any(String) } });
      expect(made.createdDate).toMatch(/^\d{4}-\d\d-\d\dT/);
      expect(made).not.toHaveProperty('providerData');
      expect(answer.headers.get('elements-request-id')).not.toBeNull();
      const read = readOne(await answers(200, 'GET', `/instances/${made.id}`));
      expect([read.id, read.token === made.token, read.name]).toEqual([made.id, true, made.name]);
    });

    test('gives every value as a string or null, adds keys, and masks secrets (docs: shape, secrets, DP, CH18)', async () => {
      const sent = { ...target.configuration, 'event.poller.refresh_interval': 15 };
      const { configuration } = await make({ configuration: sent });
      expect(Object.keys(configuration).length).toBeGreaterThan(Object.keys(sent).length);
      expect(configuration['event.poller.refresh_interval']).toBe('15');
      const clear = Object.keys(sent).filter((key) => isMasked(key) && configuration[key] !== MASK);
      expect(clear, 'masked keys that read in clear').toEqual([]);
    });

    test('is not idempotent, and names need not be unique (docs: names, CH18)', async () => {
      const body = draft();
      const [one, two] = [
        readOne(await answers(200, 'POST', '/instances', { body })),
        readOne(await answers(200, 'POST', '/instances', { body })),
      ];
      expect(one.name).toBe(two.name);
      expect(one.id).not.toBe(two.id);
      expect(one.token === two.token).toBe(false);
    });

    test('strips markup from the name; without tags the cleaned name is the tag (docs: names, tags, CH18)', async () => {
      const { name, tags } = await make({ name: `${run}-<b>plain</b>@x`, tags: undefined });
      expect([name, tags]).toEqual([`${run}-plain@x`, [`${run}-plain@x`]]);
    });

    test('below an element needs no element in the body (docs: operations, SDK18, CE)', async () => {
      const path = `/elements/${target.element}/instances`;
      const made = readOne(await answers(200, 'POST', path, { body: draft({ element: undefined }) }));
      const own = `${path}/${made.id}`;
      expect(readOne(await answers(200, 'GET', own)).id).toBe(made.id);
      const listed = await answers(200, 'GET', path);
      // An account of more than one page may show it on another.
      if (!listed.headers.has('elements-next-page-token')) expect(readIds(listed)).toContain(made.id);
      const changed = await answers(200, 'PUT', own, { body: { name: `${run}-put`, tags: [] } });
      expect(readOne(changed)).toMatchObject({ id: made.id, name: `${run}-put`, tags: [] });
      await answers(200, 'DELETE', own);
      await infers(404, 'GET', own);
      await infers(404, 'DELETE', own);
      await infers(404, 'PUT', own, { body: { name: run } });
    });

    test('without a key that the element needs is 400 (docs: missing required key, DP)', async () => {
      for (const path of ['/instances', `/elements/${target.element}/instances`]) {
        const answer = await infers(400, 'POST', path, { body: draft({ configuration: {} }) });
        if (!target.isLive) expect(readMessage(answer)).toContain('username, password');
      }
    });

    test('of an element that does not exist is refused', async () => {
      const unknown = { body: draft({ element: { key: 'no-such-element' } }) };
      await infers(404, 'POST', '/instances', unknown);
      await infers(404, 'POST', '/elements/no-such-element/instances', unknown);
    });
  });
}

/** Lists, their filters and their pages. */
export function describeListing(service: Service): void {
  const { target, run, answers, infers, make } = service;

  describe('listing', () => {
    test('nothing found is 404 in words that clients know (docs: an empty result is 404, CH18, DOC)', async () => {
      for (const query of [`tags[]=${run}-none`, `searchText=${run}-none`]) {
        expect(readMessage(await answers(404, 'GET', `/instances?${query}`))).toMatch(/^No .* found$/);
      }
    });

    test('finds by tag, raw and encoded, and by name (docs: operations, what clients send, SW19)', async () => {
      const tag = `${run}:tag`;
      const { id, name } = await make({ tags: ['other', tag] });
      const encoded = encodeURIComponent(tag);
      for (const query of [`tags[]=${encoded}`, `tags%5B%5D=${encoded}`, `searchText=${name}`]) {
        expect(readIds(await answers(200, 'GET', `/instances?hydrate=true&${query}`)), query).toContain(id);
      }
    });

    test('goes page by page, with a token only while more remains (docs: response headers, CH18)', async () => {
      const tag = `${run}:pages`;
      const made: number[] = [];
      for (let count = 0; count < 3; count += 1) made.push((await make({ tags: [tag] })).id);
      const query = `/instances?hydrate=true&pageSize=2&tags[]=${tag}`;
      const first = await answers(200, 'GET', query);
      expect(first.headers.get('elements-returned-count')).toBe('2');
      expect(first.headers.get('elements-total-count')).toBe('3');
      const token = first.headers.get('elements-next-page-token') ?? '';
      expect(token).not.toBe('');
      const second = await answers(200, 'GET', `${query}&nextPage=${encodeURIComponent(token)}`);
      expect([...readIds(first), ...readIds(second)].sort()).toEqual([...made].sort());
      expect(second.headers.has('elements-next-page-token')).toBe(false);
    });

    test('shows configuration and tags with hydrate, the token either way (docs: operations, shape, SW19, OL)', async () => {
      const { id, token } = await make();
      const list = async (hydrate: string): Promise<Seen | undefined> => {
        const query = `/instances?hydrate=${hydrate}&searchText=${run}`;
        return ((await answers(200, 'GET', query)).body as readonly Seen[]).find((item) => item.id === id);
      };
      const [full, bare] = [await list('true'), await list('false')];
      expect([full?.tags, typeof full?.configuration]).toEqual([[run], 'object']);
      expect([full?.token === token, bare?.token === token]).toEqual([true, true]);
      if (!target.isLive) expect(bare).not.toHaveProperty('configuration');
    });

    test('by account (docs: operations, SDK18, CE)', async () => {
      const { id, user } = await make();
      const own = await answers(200, 'GET', '/accounts/instances');
      if (!target.isLive) {
        expect(readIds(own)).toContain(id);
        expect(readIds(await answers(200, 'GET', `/accounts/${user.id}/instances`))).toContain(id);
      }
      const unknown = await answers(404, 'GET', `/accounts/${UNKNOWN_ID}/instances`);
      expect(readMessage(unknown)).toBe(`No account found with ID ${UNKNOWN_ID}`);
    });

    test('counts in total and by element (docs: operations, CHI pull/1758)', async () => {
      await make();
      const { body } = await answers(200, 'GET', '/instances/count');
      expect((body as { totalInstances: number }).totalInstances).toBeGreaterThan(0);
    });

    test('pageSize is from 1 to 200 (docs: operations, SW19)', async () => {
      const lists = ['/instances', `/elements/${target.element}/instances`, '/accounts/instances'];
      for (const path of [...lists, '/elements', '/elements/keys']) {
        for (const size of ['0', '201', 'many']) await infers(400, 'GET', `${path}?pageSize=${size}`);
        await infers(400, 'GET', `${path}?nextPage=no-token`);
      }
    });
  });
}

/** Changing and deleting one, by id and by its token. */
export function describeChanging(service: Service): void {
  const { target, run, secrets, answers, infers, make } = service;
  const forms = [
    ['by id', ({ id }: Seen) => [`/instances/${id}`, secrets()]],
    ['by token', ({ token }: Seen) => ['/instances', secrets(token)]],
  ] as const;

  describe.each(forms)('changing %s', (_form, address) => {
    test('PATCH merges configuration and replaces tags (docs: what can change, CH18, DP)', async () => {
      const made = await make();
      const [path = '', as = ''] = address(made);
      const body = { tags: [run, 'new'], configuration: { 'event.objects': 'contacts' } };
      const changed = readOne(await answers(200, 'PATCH', path, { as, body }));
      expect([changed.id, changed.token === made.token]).toEqual([made.id, true]);
      expect(changed.tags).toEqual([run, 'new']);
      expect(changed.configuration['event.objects']).toBe('contacts');
      const kept = Object.keys(target.configuration ?? {});
      expect(kept.filter((key) => changed.configuration[key] !== made.configuration[key])).toEqual([]);
    });

    test('PUT takes a name and no tags, and clears them with [] (docs: tags, CHI pull/1638)', async () => {
      const made = await make();
      const [path = '', as = ''] = address(made);
      const named = readOne(
        await answers(200, 'PUT', path, { as, body: { name: `${run}-<i>renamed</i>`, tags: [] } }),
      );
      expect([named.name, named.tags]).toEqual([`${run}-renamed`, []]);
    });

    test('PUT takes what was read, masks and all (docs: secrets, CH18, CE)', async () => {
      const made = await make();
      const [path = '', as = ''] = address(made);
      const put = readOne(await answers(200, 'PUT', path, { as, body: { ...made, tags: [run, 'put'] } }));
      expect([put.id, put.tags]).toEqual([made.id, [run, 'put']]);
    });

    test('what is no object is 400', async () => {
      const [path = '', as = ''] = address(await make());
      for (const method of ['PUT', 'PATCH']) {
        await infers(400, method, path, { as, body: '{"name":' });
        await infers(400, method, path, { as, body: { tags: 'no list' } });
      }
    });

    test('DELETE is for good and voids the token (docs: delete, DP, CH18)', async () => {
      const made = await make();
      const [path = '', as = ''] = address(made);
      await answers(200, 'DELETE', path, { as, body: {} });
      await answers(404, 'GET', `/instances/${made.id}`);
      await infers(404, 'DELETE', `/instances/${made.id}`);
      for (const gone of ['/hubs/crm/ping', '/ping']) {
        const ping = await answers(401, 'GET', gone, { as: secrets(made.token) });
        expect(readMessage(ping)).toBe(
          'Invalid Organization or User secret, or invalid Element token provided.',
        );
      }
      for (const method of ['PUT', 'PATCH']) {
        await answers(401, method, '/instances', { as: secrets(made.token), body: { name: run } });
      }
      await answers(401, 'DELETE', '/instances', { as: secrets(made.token) });
    });
  });
}
