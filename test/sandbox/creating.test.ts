import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { closeio, readMessage, readOne, REQUEST_ID, startBench, type Bench } from './client.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench({ now: () => Date.UTC(2026, 10, 23, 9, 30) });
});
afterAll(() => bench.close());
beforeEach(() => bench.control('POST', '/reset'));

const oauth = {
  'oauth.api.key': 'k',
  'oauth.api.secret': 's',
  'oauth.callback.url': 'https://example.com/cb',
};

describe('a new instance', () => {
  test("the documentation's Insightly body answers 200 with the whole instance", async () => {
    const answer = await bench.call('POST', '/instances', {
      element: { key: 'insightly' },
      configuration: { username: 'me@example.com', password: 'api-key' },
      tags: ['Docs'],
      name: 'API Instance',
    });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toContain('application/json');
    expect(answer.headers.get('elements-request-id')).toMatch(REQUEST_ID);
    expect(answer.body).toMatchObject({
      name: 'API Instance',
      createdDate: '2026-11-23T09:30:00Z',
      element: { id: 5993, key: 'insightly', name: 'Insightly', authentication: { type: 'basic' } },
      elementId: 5993,
      tags: ['Docs'],
      provisionInteractions: [],
      valid: true,
      disabled: false,
      maxCacheSize: 0,
      cacheTimeToLive: 0,
      cachingEnabled: false,
      eventsEnabled: false,
      traceLoggingEnabled: false,
      externalAuthentication: 'none',
      user: { id: expect.any(Number), emailAddress: expect.any(String), firstName: 'Sandbox' },
    });
    const { id, token, configuration } = readOne(answer);
    expect(Number.isInteger(id)).toBe(true);
    expect(token).toMatch(/^[A-Za-z0-9+/=]{44}$/);
    expect(configuration).toMatchObject({ username: 'me@example.com', password: '********' });
    expect((await bench.call('GET', `/instances/${id}`)).body).toEqual(answer.body);
  });

  test('the same body twice makes two, with ascending ids and tokens of their own', async () => {
    const [one, two] = [await bench.create(), await bench.create()];
    expect(two.id).toBeGreaterThan(one.id);
    expect(two.token).not.toBe(one.token);
    expect(two.name).toBe(one.name);
  });

  test('about twenty keys are added; one that is sent wins', async () => {
    const { configuration } = await bench.create({
      configuration: { ...closeio.configuration, 'pagination.max': 50, 'filter.response.nulls': false },
    });
    expect(Object.keys(configuration).length).toBeGreaterThanOrEqual(20);
    expect(configuration).toMatchObject({
      'base.url': expect.stringMatching(/^https:/),
      'event.notification.enabled': 'false',
      'event.poller.refresh_interval': '15',
      'pagination.max': '50',
      'filter.response.nulls': 'false',
    });
    expect((await bench.create()).configuration['filter.response.nulls']).toBe('true');
  });

  test('every value reads as a string or null', async () => {
    const poller = { contacts: { url: '/contacts?where=x', pageSize: 500 } };
    const { configuration } = await bench.create({
      configuration: {
        ...closeio.configuration,
        'event.notification.enabled': true,
        'event.poller.refresh_interval': 15,
        'event.poller.configuration': poller,
        'event.objects': null,
        'some.unknown.key': 1.5,
      },
    });
    expect(configuration).toMatchObject({
      'event.notification.enabled': 'true',
      'event.poller.refresh_interval': '15',
      'event.poller.configuration': JSON.stringify(poller),
      'event.objects': null,
      'some.unknown.key': '1.5',
    });
    expect(Object.values(configuration).every((value) => value === null || typeof value === 'string')).toBe(
      true,
    );
  });

  test('eventsEnabled follows the configuration', async () => {
    const made = await bench.create({
      configuration: { ...closeio.configuration, 'event.notification.enabled': 'true' },
    });
    expect(made).toMatchObject({ eventsEnabled: true });
  });

  test('some secrets are masked, others are not', async () => {
    const { configuration } = await bench.create({
      element: { key: 'freshdeskv2' },
      configuration: {
        username: 'an-api-key',
        password: 'p',
        'quickbase.password': 'p',
        'oauth.api.key': 'k',
        'oauth.api.secret': 's',
        'oauth.user.refresh_token': 'r',
        'api.key': 'a',
      },
    });
    expect(configuration).toMatchObject({
      username: 'an-api-key',
      password: '********',
      'quickbase.password': '********',
      'oauth.api.key': '********',
      'oauth.api.secret': '********',
      'oauth.user.refresh_token': 'r',
      'api.key': 'a',
    });
  });
});

describe('names and tags', () => {
  test.each([
    ['<a href="https://x.example">churros-xss</a>', 'churros-xss'],
    ['@churros-xss', '@churros-xss'],
    ['A < B > C', 'A < B > C'],
    ['a<br/>b<!-- c -->', 'ab'],
  ])('%s becomes %s, and so does the tag if none are sent', async (name, cleaned) => {
    expect(await bench.create({ name })).toMatchObject({ name: cleaned, tags: [cleaned] });
  });

  test.each([[[]], [['Docs']], [['b', 'a', 'b']]])('tags %j stay as they are sent', async (tags) => {
    expect((await bench.create({ tags })).tags).toEqual(tags);
  });
});

describe('elements', () => {
  test.each([
    [{ key: 'basecrm' }, 'basecrm'],
    [{ key: 'base' }, 'base'],
    [{ id: 23 }, 'sfdc'],
  ])('%j is known as %s', async (element, key) => {
    const made = await bench.create({ element, configuration: oauth, providerData: { code: 'c' } });
    expect(made.element.key).toBe(key);
    expect(made.elementId).toBe(made.element.id);
  });

  test.each([
    [{ key: 'nosuchelement' }, 'No element found with key nosuchelement'],
    [{ id: 999_999 }, 'No element found with ID 999999'],
  ])('%j is unknown', async (element, message) => {
    const answer = await bench.call('POST', '/instances', { ...closeio, element });
    expect([answer.status, readMessage(answer)]).toEqual([404, message]);
  });
});

describe('what is refused', () => {
  test.each([
    ['nothing', '', 'Request body is required'],
    ['broken JSON', '{"name":', 'Request body is not valid JSON'],
    ['a list', [], 'Request body must be a JSON object'],
    ['no name', { ...closeio, name: undefined }, 'name is required'],
    ['a name of markup alone', { ...closeio, name: '<b></b>' }, 'name is required'],
    ['a name that is a number', { ...closeio, name: 7 }, 'name is required'],
    ['no element', { ...closeio, element: undefined }, 'element.key or element.id is required'],
    ['no configuration', { ...closeio, configuration: undefined }, 'configuration is required'],
    ['a configuration that is a list', { ...closeio, configuration: [] }, 'configuration is required'],
    ['tags that are no list', { ...closeio, tags: 'a' }, 'tags must be a list of strings'],
    ['tags that are no strings', { ...closeio, tags: [1] }, 'tags must be a list of strings'],
    [
      'another externalAuthentication',
      { ...closeio, externalAuthentication: 'existing' },
      'externalAuthentication',
    ],
    ['provider data that is text', { ...closeio, providerData: 'code' }, 'providerData must be'],
  ])('%s', async (_what, body, message) => {
    const answer = await bench.call('POST', '/instances', body);
    expect(answer.status).toBe(400);
    expect(answer.body).toEqual({
      requestId: expect.stringMatching(REQUEST_ID),
      message: expect.any(String),
    });
    expect(readMessage(answer)).toContain(message);
  });

  test('all missing keys are named at once', async () => {
    const answer = await bench.call('POST', '/instances', {
      ...closeio,
      configuration: { username: '', other: 'x' },
    });
    expect(answer.status).toBe(400);
    expect(readMessage(answer)).toBe('Missing required configuration keys: username, password');
  });

  test('the value wrong is refused as by the vendor behind it', async () => {
    const answer = await bench.call('POST', '/instances', {
      ...closeio,
      configuration: { username: 'u', password: 'wrong' },
    });
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({
      message: expect.any(String),
      providerMessage: 'Invalid username or password',
    });
    expect((await bench.call('GET', '/instances')).status).toBe(404);
  });
});

test.each(['POST', 'PUT', 'PATCH'])(
  '%s: a body cannot pass itself off as an answer of the service',
  async (method) => {
    const { id } = await bench.create();
    const path = method === 'POST' ? '/instances' : `/instances/${id}`;
    const answer = await bench.call(method, path, {
      refused: 1,
      message: 'mine',
      headers: { 'x-mine': '1' },
    });
    expect(answer.headers.has('x-mine')).toBe(false);
    expect(answer.status).toBe(method === 'POST' ? 400 : 200);
  },
);

test.each(['<a ', '</', '<!--', '<a <'])('a name of many unclosed %j is read in one pass', async (piece) => {
  const name = piece.repeat(50_000).trim();
  expect((await bench.create({ name, tags: [] })).name).toBe(name);
  const closed = await bench.create({ name: `a${name}>b`, tags: [] });
  expect(closed.name).toBe('ab');
});

test('a value that is nested too deeply is a 400, and nothing is made', async () => {
  const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
  const text = `{"name":"Deep","element":{"key":"closeio"},"configuration":{"username":"u","password":"p","x":${deep}}}`;
  expect((await bench.callUnchecked('POST', '/instances', text)).status).toBe(400);
  expect((await bench.call('GET', '/instances')).status).toBe(404);
});
