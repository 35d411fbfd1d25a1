import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readMessage, startBench, type Bench } from './client.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.close());
beforeEach(() => bench.control('POST', '/reset'));

const oauth = {
  'oauth.api.key': 'k',
  'oauth.api.secret': 's',
  'oauth.callback.url': 'https://example.com/cb',
};
const zendesk = { name: 'Desk', element: { key: 'zendesk' }, configuration: oauth };
const NO_CODE = 'You must provide an OAuth code in order to create an instance of this element';

describe('OAuth elements', () => {
  test('need a grant code', async () => {
    const answer = await bench.call('POST', '/instances', zendesk);
    expect([answer.status, readMessage(answer)]).toEqual([400, NO_CODE]);
  });

  test('take a code, and never show it', async () => {
    const answer = await bench.call('POST', '/instances', { ...zendesk, providerData: { code: 'the-code' } });
    expect(answer.status).toBe(200);
    expect(answer.text).not.toContain('the-code');
    expect(answer.body).not.toHaveProperty('providerData');
  });

  test('take a refresh token with externalAuthentication, without a callback URL', async () => {
    const configuration = { 'oauth.api.key': 'k', 'oauth.api.secret': 's', 'oauth.user.refresh_token': 'r' };
    expect((await bench.call('POST', '/instances', { ...zendesk, configuration })).status).toBe(400);
    const body = { ...zendesk, configuration, externalAuthentication: 'initial' };
    expect(await bench.call('POST', '/instances', body)).toMatchObject({
      status: 200,
      body: { externalAuthentication: 'none' },
    });
    const bare = await bench.call('POST', '/instances', {
      ...body,
      configuration: { 'oauth.user.refresh_token': 'r' },
    });
    expect(readMessage(bare)).toBe('Missing required configuration keys: oauth.api.key, oauth.api.secret');
  });

  test('quickbooks takes OAuth 1 tokens', async () => {
    const configuration = {
      ...oauth,
      'oauth.user.token': 't',
      'oauth.user.token.secret': 's',
      'quickbooks.realm.id': '1',
    };
    expect((await bench.create({ element: { key: 'quickbooks' }, configuration })).element.key).toBe(
      'quickbooks',
    );
  });

  test('hubspot with an API key needs no code, without one it does', async () => {
    const element = { key: 'hubspot' };
    const configuration = { 'authentication.type': 'apiKey', 'hubspot.authorization.apikey': 'k' };
    expect((await bench.create({ element, configuration })).configuration).toMatchObject(configuration);
    const answer = await bench.call('POST', '/instances', {
      name: 'H',
      element,
      configuration: { ...oauth, 'authentication.type': 'oauth2' },
    });
    expect(readMessage(answer)).toBe(NO_CODE);
  });
});
