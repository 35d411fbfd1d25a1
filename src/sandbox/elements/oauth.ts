import { createHash } from 'node:crypto';
import {
  isFilled,
  answerJson,
  isRefusal,
  readObject,
  refuse,
  type Refusal,
  type Reply,
} from '../http/answers.ts';
import type { Call } from '../http/calls.ts';
import { nameHost, type Element } from '../world/catalogue.ts';
import { findNamedElement } from './finding.ts';

type Inputs = Readonly<Record<string, unknown>>;

/** Elements of OAuth 2 that began with OAuth 1 take its tokens still (docs: configuration keys, DP: quickbooks). */
function takesFirst({ authentication, keys }: Element): boolean {
  return authentication === 'oauth1' || keys.some(({ key }) => key === 'oauth.user.token.secret');
}

const REQUIRED = ['apiKey', 'apiSecret', 'callbackUrl'];
/** `GET /elements/{keyOrId}/oauth/url`: where to send a person for a grant code; inputs in the query (docs: operations, SDK18). */
export function readOAuthUrl(call: Call): Reply {
  return answerUrl(call, Object.fromEntries(call.query));
}

/** `POST /elements/{keyOrId}/oauth/url`: the same with the inputs in the body (docs: operations, SDK18, CH18). */
export function writeOAuthUrl(call: Call): Reply {
  const body = readObject(call.text);
  return isRefusal(body) ? body : answerUrl(call, body);
}

/** `GET /elements/{keyOrId}/oauth/token`: the request token that OAuth 1 begins with (docs: operations, SDK18). */
export function readRequestToken(call: Call): Reply {
  const inputs = Object.fromEntries(call.query);
  const element = readElement(call, inputs, requestToken);
  if (isRefusal(element)) return element;
  const derive = (what: string): string =>
    createHash('sha256')
      .update(`${what} ${element.key} ${String(inputs['apiKey'])}`)
      .digest('hex')
      .slice(0, 32);
  return answerJson({ token: derive('request token'), secret: derive('request secret') });
}

/** The page is the vendor's: an address that nobody answers, with what OAuth asks for and never the app's secret. */
function answerUrl(call: Call, inputs: Inputs): Reply {
  const element = readElement(call, inputs, page);
  if (isRefusal(element)) return element;
  const { requestToken: token, apiKey, callbackUrl, scope, state } = inputs;
  const isFirst = element.authentication === 'oauth1' || (takesFirst(element) && isFilled(token));
  const url = new URL(`https://${nameHost(element)}/oauth/authorize`);
  const asked = isFirst
    ? { oauth_token: token }
    : { response_type: 'code', client_id: apiKey, redirect_uri: callbackUrl, scope, state };
  for (const [name, value] of Object.entries(asked)) {
    if (typeof value === 'string' && value !== '') url.searchParams.set(name, value);
  }
  return answerJson({ element: element.key, oauthUrl: url.href });
}

/** A step of an exchange: its name in texts, and what an element needs for it; null for one that does not go that way. */
interface Step {
  readonly name: string;
  readonly listInputs: (element: Element) => readonly string[] | null;
}

const requestToken: Step = {
  name: 'OAuth 1',
  listInputs: (element) => (takesFirst(element) ? REQUIRED : null),
};

const page: Step = {
  name: 'OAuth',
  listInputs: ({ authentication }) => {
    if (authentication === 'oauth1') return [...REQUIRED, 'requestToken'];
    return authentication === 'oauth2' ? REQUIRED : null;
  },
};

/** The element of the path, if this step is one of its; names every input that is missing. The texts are ours. */
function readElement(call: Call, inputs: Inputs, { name, listInputs }: Step): Element | Refusal {
  const element = findNamedElement(call);
  if (isRefusal(element)) return element;
  const wanted = listInputs(element);
  if (wanted === null) return refuse(400, `Element ${element.key} does not authenticate with ${name}`);
  const missing = wanted.filter((input) => !isFilled(inputs[input]));
  return missing.length === 0 ? element : refuse(400, `Missing required parameters: ${missing.join(', ')}`);
}
