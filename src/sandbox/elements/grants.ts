import { isFilled, isPlainObject, refuse, type Refusal } from '../http/answers.ts';
import type { Element } from '../world/catalogue.ts';
import type { Account, Configuration } from '../world/model.ts';

type Body = Readonly<Record<string, unknown>>;

/**
 * OAuth elements take a grant code, a refresh token with `externalAuthentication: initial`, or (OAuth 1) a token and its
 * secret (docs: OAuth without a person, CE, CH18, DP). Another `authentication.type` than OAuth needs none of them.
 */
export function refuseGrant(element: Element, configuration: Configuration, body: Body): Refusal | null {
  if (!element.grant || !usesOAuth(configuration)) return null;
  const hasRefresh =
    body['externalAuthentication'] === 'initial' && isFilled(configuration['oauth.user.refresh_token']);
  const hasToken =
    isFilled(configuration['oauth.user.token']) && isFilled(configuration['oauth.user.token.secret']);
  if (readCode(body) !== null || hasRefresh || hasToken) return null;
  // Word for word (docs: known texts, CHI issues/658).
  return refuse(400, 'You must provide an OAuth code in order to create an instance of this element');
}

/** A grant code is good for one instance (docs: OAuth without a person, CE; the text is ours). */
export function refuseSpent({ spentCodes }: Account, body: Body): Refusal | null {
  const code = readCode(body);
  if (code === null || !spentCodes.has(code)) return null;
  return refuse(400, 'The OAuth code has been used already', 'invalid_grant');
}

/** Remembers the grant code of a body; whether there was one. */
export function spendCode({ spentCodes }: Account, body: Body): boolean {
  const code = readCode(body);
  if (code === null) return false;
  spentCodes.add(code);
  return true;
}

/** Whether the keys of OAuth count: `authentication.type` is left out, or names it. */
export function usesOAuth(configuration: Configuration): boolean {
  const type = configuration['authentication.type'] ?? '';
  return type === '' || /oauth/i.test(type);
}

/** The code of OAuth 2, or the verifier that OAuth 1 has in its place. */
function readCode({ providerData }: Body): string | null {
  if (!isPlainObject(providerData)) return null;
  const { code, oauth_verifier: verifier } = providerData;
  return [code, verifier].find(isFilled) ?? null;
}
