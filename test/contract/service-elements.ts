import { describe, expect, test } from 'vitest';
import { readMessage, UNKNOWN_ID, type Service } from './service-target.ts';

const app = { apiKey: 'key', apiSecret: 'secret', callbackUrl: 'https://example.com/callback' };
const query = new URLSearchParams(app).toString();

/** The catalogue, and what an exchange of OAuth begins with. */
export function describeElements(service: Service): void {
  const { target, answers, infers } = service;
  const own = `/elements/${target.element}`;

  describe('elements', () => {
    test('are listed page by page, whole and as keys (docs: operations, SAP, SDK18, CH18)', async () => {
      const whole = await answers(200, 'GET', '/elements?pageSize=3');
      expect((whole.body as readonly unknown[]).length).toBeLessThanOrEqual(3);
      const keys = await answers(200, 'GET', '/elements/keys?pageSize=3');
      if (target.isLive) return;
      expect((whole.body as readonly { key: string }[]).map(({ key }) => key)).toEqual(keys.body);
      const token = whole.headers.get('elements-next-page-token') ?? '';
      const next = await answers(200, 'GET', `/elements?pageSize=3&nextPage=${token}`);
      expect(next.body).toHaveLength(3);
    });

    test('read the same by key and by id (docs: operations, CH18)', async () => {
      const { body } = await answers(200, 'GET', own);
      const { id, key } = body as { id: number; key: string };
      expect(key).toBe(target.element);
      expect((await answers(200, 'GET', `/elements/${id}`)).body).toMatchObject({ id, key });
      const metadata = await answers(200, 'GET', `/elements/${id}/metadata`);
      expect(metadata.body).toMatchObject({ id, key });
      await answers(200, 'GET', `/elements/${id}/metadata?expand=true`);
    });

    test('tell the keys that an instance takes (docs: operations, SDK18)', async () => {
      const { body } = await answers(200, 'GET', `${own}/configuration`);
      const { configuration } = body as { configuration: readonly { key: string }[] };
      const known = configuration.map(({ key }) => key);
      expect(Object.keys(target.configuration ?? {}).filter((key) => !known.includes(key))).toEqual([]);
    });

    test('that do not exist are 404 (docs: operations, CH18)', async () => {
      for (const rest of ['', '/configuration', '/instances']) {
        await infers(404, 'GET', `/elements/no-such-element${rest}`);
      }
      await infers(404, 'GET', `/elements/no-such-element/oauth/url?${query}`);
      await infers(404, 'GET', `/elements/no-such-element/oauth/token?${query}`);
      await infers(404, 'POST', '/elements/no-such-element/oauth/url', { body: app });
      await answers(404, 'GET', `/elements/${UNKNOWN_ID}/metadata`);
    });

    test('without an instance list as 404 (docs: an empty result is 404, OL)', async ({ skip }) => {
      if (target.isLive) skip('which elements have none is not known of a tenant');
      expect(readMessage(await answers(404, 'GET', '/elements/twitter/instances'))).toMatch(/^No .* found$/);
    });

    test('name the address that a person authorises at (docs: operations, SDK18, CH18)', async () => {
      const path = '/elements/zendesk/oauth/url';
      for (const answer of [
        await infers(200, 'GET', `${path}?${query}&state=s&scope=read`),
        await infers(200, 'POST', path, { body: { ...app, state: 's', scope: 'read' } }),
      ]) {
        if (answer.status !== 200) continue;
        const { element, oauthUrl } = answer.body as { element: string; oauthUrl: string };
        expect(element).toBe('zendesk');
        expect(new URL(oauthUrl).protocol).toBe('https:');
        expect(oauthUrl).not.toContain(app.apiSecret);
      }
      await infers(400, 'GET', path);
      await infers(400, 'POST', path, { body: {} });
    });

    test('of OAuth 1 give a request token (docs: operations, SDK18)', async ({ skip }) => {
      await infers(400, 'GET', '/elements/twitter/oauth/token');
      if (target.isLive) skip('a tenant would ask the vendor behind the element');
      const { body } = await answers(200, 'GET', `/elements/twitter/oauth/token?${query}`);
      expect(body).toEqual({ token: expect.any(String), secret: expect.any(String) });
    });

    test('of OAuth 2 need a code, in words that clients know (docs: known texts, CHI issues/658)', async ({
      skip,
    }) => {
      if (target.isLive) skip('it might make an instance');
      const configuration = {
        'oauth.api.key': 'k',
        'oauth.api.secret': 's',
        'oauth.callback.url': app.callbackUrl,
      };
      const body = service.draft({ element: { key: 'zendesk' }, configuration });
      const text = 'You must provide an OAuth code in order to create an instance of this element';
      expect(readMessage(await answers(400, 'POST', '/instances', { body }))).toBe(text);
      const initial = { ...configuration, 'oauth.user.refresh_token': 'r' };
      const external = { ...body, configuration: initial, externalAuthentication: 'initial' };
      await answers(200, 'POST', '/instances', { body: external });
    });
  });
}
