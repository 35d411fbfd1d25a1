import { createHash } from 'node:crypto';
import { isFilled, answerJson, isRefusal, readObject, refuse, type Reply } from '../http/answers.ts';
import type { OpenCall } from '../http/calls.ts';
import { INVALID, unauthorized } from '../http/credentials.ts';

/**
 * `POST /authentication`: a token for a user name and password (docs: authentication, CH18). Any pair will do, and is a
 * user and an organization of its own; `invalid` stands for what is wrong.
 */
export function logIn({ text }: OpenCall): Reply {
  const body = readObject(text);
  if (isRefusal(body)) return body;
  const { username, password } = body;
  if (!isFilled(username) || !isFilled(password)) {
    return refuse(400, 'username and password are required');
  }
  if (username === INVALID || password === INVALID) return unauthorized;
  const login = hash('hex', JSON.stringify([username, password]));
  return answerJson({ token: `${login}${seal(login)}` });
}

/** `GET /authentication/secrets` with that token as Bearer: the secrets of the pair, the same each time (docs: authentication, CH18). */
export function readSecrets({ headers }: OpenCall): Reply {
  const [, login, sealed] =
    /^bearer\s+([0-9a-f]{64})([0-9a-f]{16})\s*$/i.exec(headers.authorization ?? '') ?? [];
  if (login === undefined || sealed !== seal(login)) return unauthorized;
  return answerJson({
    userSecret: hash('base64', `user ${login}`),
    organizationSecret: hash('base64', `organization ${login}`),
  });
}

/** The end of a token, by which it is known without being kept. It tells words from tokens, and guards nothing. */
function seal(login: string): string {
  return hash('hex', `token ${login}`).slice(0, 16);
}

function hash(encoding: 'hex' | 'base64', text: string): string {
  return createHash('sha256').update(text).digest(encoding);
}
