import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readMessage, startBench, type Answered, type Bench } from './client.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.close());
beforeEach(() => bench.control('POST', '/reset'));

const app = { apiKey: 'the-key', apiSecret: 'the-secret', callbackUrl: 'https://example.com/cb?x=1' };
type Inputs = Readonly<Record<string, string>>;

/** The two forms of the same call: inputs in the query, inputs in the body. */
const forms: readonly (readonly [string, (element: string, inputs: Inputs) => Promise<Answered>])[] = [
  [
    'GET',
    (element, inputs) =>
      bench.call('GET', `/elements/${element}/oauth/url?${new URLSearchParams(inputs).toString()}`),
  ],
  ['POST', (element, inputs) => bench.call('POST', `/elements/${element}/oauth/url`, inputs)],
];
const urlOf = ({ body }: Answered): URL => new URL((body as { oauthUrl: string }).oauthUrl);
const expectRefusal = (answer: Answered, status: number, message: string): void =>
  expect([answer.status, readMessage(answer)]).toEqual([status, message]);

describe.each(forms)('%s /elements/{keyOrId}/oauth/url', (_method, ask) => {
  test('answers where a person says yes, and never shows the secret', async () => {
    const answer = await ask('sfdc', { ...app, scope: 'full api', state: 'a&b' });
    expect(answer.body).toEqual({ element: 'sfdc', oauthUrl: expect.any(String) });
    const url = urlOf(answer);
    expect(url.protocol).toBe('https:');
    expect(Object.fromEntries(url.searchParams)).toEqual({
      response_type: 'code',
      client_id: app.apiKey,
      redirect_uri: app.callbackUrl,
      scope: 'full api',
      state: 'a&b',
    });
    expect(answer.text).not.toContain(app.apiSecret);
    expect((await ask('23', { ...app, scope: 'full api', state: 'a&b' })).body).toEqual(answer.body);
  });

  test.each(['flickr', 'freshbooks', 'twitter'])(
    'of %s, which is OAuth 1, needs a request token',
    async (key) => {
      expectRefusal(await ask(key, app), 400, 'Missing required parameters: requestToken');
      const answer = await ask(key, { ...app, requestToken: 'the-token' });
      expect(Object.fromEntries(urlOf(answer).searchParams)).toEqual({ oauth_token: 'the-token' });
      expect(answer.text).not.toContain(app.apiSecret);
    },
  );

  test('names all inputs that are missing at once', async () => {
    expectRefusal(await ask('sfdc', {}), 400, 'Missing required parameters: apiKey, apiSecret, callbackUrl');
    const { apiSecret } = app;
    expectRefusal(
      await ask('sfdc', { apiSecret, apiKey: '' }),
      400,
      'Missing required parameters: apiKey, callbackUrl',
    );
    expectRefusal(
      await ask('twitter', {}),
      400,
      'Missing required parameters: apiKey, apiSecret, callbackUrl, requestToken',
    );
  });

  test('is 404 for an unknown element, 400 for one without OAuth', async () => {
    expectRefusal(await ask('nosuch', app), 404, 'No element found with key nosuch');
    expectRefusal(await ask('closeio', app), 400, 'Element closeio does not authenticate with OAuth');
  });
});

test.each(['', '[]', '{'])('POST …/oauth/url with the body "%s" is 400', async (body) => {
  expect((await bench.call('POST', '/elements/sfdc/oauth/url', body)).status).toBe(400);
});

describe('GET /elements/{keyOrId}/oauth/token', () => {
  const ask = (element: string, inputs: Inputs): Promise<Answered> =>
    bench.call('GET', `/elements/${element}/oauth/token?${new URLSearchParams(inputs).toString()}`);

  test.each(['flickr', 'freshbooks', 'twitter'])('gives %s a token and its secret', async (key) => {
    const answer = await ask(key, app);
    expect(answer.body).toEqual({ token: expect.stringMatching(/\S/), secret: expect.stringMatching(/\S/) });
    const { token, secret } = answer.body as { token: string; secret: string };
    expect(token).not.toBe(secret);
    expect(answer.text).not.toContain(app.apiSecret);
    const next = await bench.call('POST', `/elements/${key}/oauth/url`, { ...app, requestToken: token });
    expect(urlOf(next).searchParams.get('oauth_token')).toBe(token);
  });

  test('names all that is missing; OAuth 2 and unknown elements have none', async () => {
    expectRefusal(
      await ask('twitter', {}),
      400,
      'Missing required parameters: apiKey, apiSecret, callbackUrl',
    );
    expectRefusal(await ask('sfdc', app), 400, 'Element sfdc does not authenticate with OAuth 1');
    expectRefusal(await ask('nosuch', app), 404, 'No element found with key nosuch');
  });
});

test('quickbooks, once OAuth 1 and now OAuth 2, takes either (docs: configuration keys, DP)', async () => {
  const query = 'apiKey=k&apiSecret=s&callbackUrl=https%3A%2F%2Fexample.com';
  const { status, body } = await bench.call('GET', `/elements/quickbooks/oauth/token?${query}`);
  expect(status).toBe(200);
  const { token } = body as { token: string };
  const first = await bench.call('GET', `/elements/quickbooks/oauth/url?${query}&requestToken=${token}`);
  expect(urlOf(first).searchParams.get('oauth_token')).toBe(token);
  const second = await bench.call('GET', `/elements/quickbooks/oauth/url?${query}`);
  expect(urlOf(second).searchParams.get('response_type')).toBe('code');
});

describe('a grant code', () => {
  const configuration = {
    'oauth.api.key': 'k',
    'oauth.api.secret': 's',
    'oauth.callback.url': 'https://example.com/cb',
  };
  const zendesk = { name: 'Desk', element: { key: 'zendesk' }, configuration };
  const spent = { message: 'The OAuth code has been used already', providerMessage: 'invalid_grant' };
  const count = async (): Promise<unknown> =>
    ((await bench.call('GET', '/instances/count')).body as { totalInstances: number }).totalInstances;

  test.each([
    ['code', { code: 'once' }],
    ['oauth_verifier', { oauth_verifier: 'once', oauth_token: 't', secret: 's' }],
  ])('is good for one instance: %s', async (_what, providerData) => {
    const body = { ...zendesk, providerData };
    expect((await bench.call('POST', '/instances', body)).status).toBe(200);
    for (const path of ['/instances', '/elements/zendesk/instances']) {
      const answer = await bench.call('POST', path, body);
      expect(answer).toMatchObject({ status: 400, body: spent });
    }
    expect(await count()).toBe(1);
  });

  test.each(['PUT', 'PATCH'])('is spent by %s as well', async (method) => {
    const { id } = await bench.create({ ...zendesk, providerData: { code: 'first' } });
    const again = await bench.call(method, `/instances/${id}`, { providerData: { code: 'first' } });
    expect(again).toMatchObject({ status: 400, body: spent });
    const fresh = await bench.call(method, `/instances/${id}`, { providerData: { code: 'second' } });
    expect([fresh.status, fresh.text.includes('second')]).toEqual([200, false]);
    const made = await bench.call('POST', '/instances', { ...zendesk, providerData: { code: 'second' } });
    expect(made.status).toBe(400);
    expect(await count()).toBe(1);
  });

  test('is not spent by a create that was refused, nor by another account', async () => {
    const body = { ...zendesk, providerData: { code: 'kept' } };
    const refused = await bench.call('POST', '/instances', { ...body, configuration: {} });
    expect(refused.status).toBe(400);
    const other = await bench.call('POST', '/instances', body, 'User another, Organization another');
    expect(other.status).toBe(200);
    expect((await bench.call('POST', '/instances', body)).status).toBe(200);
  });
});
