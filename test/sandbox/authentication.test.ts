import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readMessage, REQUEST_ID, startBench, type Answered, type Bench } from './client.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.close());

const UNAUTHORIZED = 'Invalid Organization or User secret, or invalid Element token provided.';
const anna = { username: 'anna@example.com', password: 'a password' };

const logIn = async (login: unknown): Promise<Answered> => bench.call('POST', '/authentication', login, '');
const readSecrets = (authorization: string): Promise<Answered> =>
  bench.call('GET', '/authentication/secrets', undefined, authorization);
const secretsOf = async (login: unknown): Promise<Record<'userSecret' | 'organizationSecret', string>> => {
  const { token } = (await logIn(login)).body as { token: string };
  return (await readSecrets(`Bearer ${token}`)).body as Awaited<ReturnType<typeof secretsOf>>;
};

test('a login leads to secrets, which then work on every call', async () => {
  const answer = await logIn(anna);
  expect(answer.status).toBe(200);
  expect(answer.body).toEqual({ token: expect.stringMatching(/^\S{20,}$/) });
  const { userSecret, organizationSecret } = await secretsOf(anna);
  const authorization = `User ${userSecret}, Organization ${organizationSecret}`;
  expect((await bench.call('GET', '/elements', undefined, authorization)).status).toBe(200);
  expect((await bench.call('GET', '/instances', undefined, authorization)).status).toBe(404);
});

test('the same pair has the same secrets, also after a reset; another pair has others', async () => {
  const before = await secretsOf(anna);
  await bench.control('POST', '/reset');
  expect(await secretsOf(anna)).toEqual(before);
  for (const other of [
    { ...anna, password: 'another' },
    { ...anna, username: 'ben@example.com' },
    { username: anna.password, password: anna.username },
  ]) {
    const secrets = await secretsOf(other);
    expect(secrets.userSecret).not.toBe(before.userSecret);
    expect(secrets.organizationSecret).not.toBe(before.organizationSecret);
  }
});

test('no answer echoes the password', async () => {
  const { text } = await logIn(anna);
  expect(text).not.toContain(anna.password);
  expect(JSON.stringify(await secretsOf(anna))).not.toContain(anna.password);
});

test.each([
  {},
  { username: 'u' },
  { password: 'p' },
  { username: '', password: 'p' },
  { ...anna, password: 1 },
])('a login of %j names both fields', async (login) => {
  const answer = await logIn(login);
  expect([answer.status, readMessage(answer)]).toEqual([400, 'username and password are required']);
});

describe("401 in the vendor's words", () => {
  test.each([
    { ...anna, username: 'invalid' },
    { ...anna, password: 'invalid' },
  ])('for a login of %j', async (login) => {
    const answer = await logIn(login);
    expect(answer.status).toBe(401);
    expect(answer.body).toEqual({ requestId: expect.stringMatching(REQUEST_ID), message: UNAUTHORIZED });
  });

  test.each(['', 'Bearer', 'Bearer unknown', `Bearer ${'0'.repeat(80)}`, 'User u, Organization o'])(
    'for secrets with "%s"',
    async (authorization) => {
      const answer = await readSecrets(authorization);
      expect([answer.status, readMessage(answer)]).toEqual([401, UNAUTHORIZED]);
    },
  );

  test('for a token that was changed', async () => {
    const { token } = (await logIn(anna)).body as { token: string };
    const changed = `${token.startsWith('0') ? '1' : '0'}${token.slice(1)}`;
    expect((await readSecrets(`Bearer ${changed}`)).status).toBe(401);
  });
});
