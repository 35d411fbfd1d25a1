import { InstateError, type ErrorCode } from '../errors.ts';
import type { ApiFailure } from '../ports.ts';
import { isHtml, readRequestId, readVendorError, type Answer } from './answers.ts';
import { faultOf, type Fault } from './faults.ts';
import type { Tried } from './retry.ts';
import type { Scrub } from './scrub.ts';

/** What failed, for messages. */
export interface Subject {
  /** With its article: `the listing`, `the read of instance 12`, `the create`. */
  readonly what: string;
  /** `host` or `host:port` of the account. */
  readonly host: string;
  readonly timeoutMs: number;
  readonly scrub: Scrub;
}

interface Words {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
}

/** The same failure as an error to throw; nothing of a foreign error is in it (safety.md E1). */
export function toError(failure: ApiFailure): InstateError {
  return new InstateError(failure.code, failure.message, {
    hint: failure.hint,
    requestId: failure.requestId,
  });
}

/** A failure without an answer; `sent` as the transport knows it. */
export function describeFault(subject: Subject, fault: Fault, sent: boolean): ApiFailure {
  const waited = fault.kind === 'timeout' && !sent;
  return {
    ...wordFault(subject, waited ? faultOf('connect-timeout') : fault),
    status: null,
    requestId: null,
  };
}

function wordFault({ what, host, timeoutMs }: Subject, fault: Fault): Words {
  const baseUrl = 'Check the base URL and the network.';
  const network = (message: string, hint = baseUrl): Words => ({ code: 'network', message, hint });
  switch (fault.kind) {
    case 'aborted':
      return { code: 'interrupted', message: `${what} was interrupted`, hint: '' };
    case 'timeout':
      return {
        code: 'timeout',
        message: `${host} did not finish its answer to ${what} within ${String(timeoutMs / 1000)} s`,
        hint: 'Try again, or allow more time with --timeout.',
      };
    case 'connect-timeout':
      return {
        code: 'timeout',
        message: `no connection to ${host} came about in time, so ${what} was not sent`,
        hint: baseUrl,
      };
    case 'too-late':
      return {
        code: 'not_sent',
        message: `${what} was not sent, since its time was over before it could leave`,
        hint: 'Try again; lower --parallelism if the machine or the network is slow.',
      };
    case 'again':
      return network(`${what} was held back, since it would have been sent twice`);
    case 'dns':
      return network(`the host ${host} was not found (DNS), so ${what} failed`);
    case 'refused':
      return network(`${host} refused the connection for ${what}`);
    case 'unreachable':
      return network(`${host} cannot be reached for ${what}`);
    case 'tls':
      return network(`no secure connection to ${host} for ${what}: ${fault.detail}`, hintTls(fault));
    case 'reset':
      return network(`the connection to ${host} was cut during ${what}`, 'Try again.');
    case 'not-http':
      return {
        code: 'bad_answer',
        message: `${host} answered ${what} with something that is not HTTP`,
        hint: baseUrl,
      };
    case 'too-big':
      return {
        code: 'bad_answer',
        message: `the answer of ${host} to ${what} is too large to be read`,
        hint: baseUrl,
      };
    case 'closed':
      return network(`${what} was not sent, since the connection to the account is closed already`, '');
    case 'bad-port':
      return network(`${host} has a port that is barred for HTTP, so ${what} failed`);
    case 'other':
      return network(`${what} failed on its way to ${host}`);
    default:
      return fault.kind satisfies never;
  }
}

function hintTls(fault: Fault): string {
  return fault.trustable
    ? 'If you trust its certificate, type: export NODE_EXTRA_CA_CERTS=/path/to/ca.pem'
    : 'Check the base URL, and the certificate of that host.';
}

/** A failure with an answer: any but the one that was hoped for. `requestId` is there whenever the service named one. */
export function describeAnswer(subject: Subject, answer: Answer): ApiFailure {
  const requestId = readRequestId(answer, subject.scrub);
  return { ...wordAnswer(subject, answer), status: answer.status, requestId };
}

const html = 'HTML, not JSON (a proxy or a wrong base URL?)';

/** As `describeAnswer`, for a success that cannot be used: it came "with" `why`, words of ours. */
export function describeBadAnswer(subject: Subject, answer: Answer, why: string): ApiFailure {
  const fault = answer.fault === null ? null : wordFault(subject, answer.fault);
  return {
    code: fault?.code ?? 'bad_answer',
    message: fault?.message ?? `${subject.host} answered ${subject.what} with ${isHtml(answer) ? html : why}`,
    hint: fault?.hint ?? 'Check the base URL, and any proxy on the way.',
    status: answer.status,
    requestId: readRequestId(answer, subject.scrub),
  };
}

/** A wait that the service asks for and that is too long. */
export function describeLongWait(subject: Subject, answer: Answer, askedMs: number): ApiFailure {
  const seconds = Math.ceil(askedMs / 1000);
  return {
    ...describeAnswer(subject, answer),
    code: 'rate_limited',
    message: `the service answered ${subject.what} with ${String(answer.status)} and asks to wait ${String(seconds)} s`,
    hint: `Try again in ${String(seconds)} s.`,
  };
}

/** The failure that a GET ended with, whatever it was; `why` as for `describeBadAnswer`, for a success. */
export function describeTried(subject: Subject, tried: Tried, why: string): ApiFailure {
  const { reply, attempts } = tried;
  const failure = describeReply(subject, tried, why);
  const again = attempts > 1 && reply.fault?.kind !== 'aborted' ? ` (${String(attempts)} attempts)` : '';
  return { ...failure, message: `${failure.message}${again}` };
}

function describeReply(subject: Subject, { reply, askedMs }: Tried, why: string): ApiFailure {
  if (reply.status === null) return describeFault(subject, reply.fault, reply.sent);
  if (reply.fault?.kind === 'aborted') return describeFault(subject, reply.fault, true);
  // A 404 whose body did not come says nothing yet: it may be the empty list's.
  if (reply.status === 404 && reply.fault !== null) return describeFault(subject, reply.fault, true);
  if (askedMs !== null) return describeLongWait(subject, reply, askedMs);
  return reply.status === 200 ? describeBadAnswer(subject, reply, why) : describeAnswer(subject, reply);
}

function wordAnswer(subject: Subject, answer: Answer): Words {
  if (answer.status >= 300 && answer.status < 400) return wordRedirect(subject, answer);
  const { code, verb, hint } = wordStatus(answer);
  const error = readVendorError(answer, subject.scrub);
  const status = String(answer.status);
  if (error !== null) {
    const provider = error.providerMessage === null ? '' : ` (vendor: ${error.providerMessage})`;
    return { code, message: `the service ${verb} ${subject.what}: ${error.message}${provider}`, hint };
  }
  if (isHtml(answer)) {
    return { code, message: `${subject.host} answered ${subject.what} with ${status} and ${html}`, hint };
  }
  return { code, message: `the service ${verb} ${subject.what} with ${status}, without a word of why`, hint };
}

interface StatusWords {
  readonly code: ErrorCode;
  readonly verb: string;
  readonly hint: string;
}

const words = (code: ErrorCode, verb: string, hint: string): StatusWords => ({ code, verb, hint });

const byStatus: Readonly<Record<number, StatusWords>> = {
  401: words(
    'unauthorized',
    'did not accept the secrets for',
    'Check CE_USER_SECRET and CE_ORGANIZATION_SECRET, and that the base URL is the one of this account.',
  ),
  403: words('forbidden', 'forbade', 'Ask the administrator of the account for the right to do this.'),
  408: words('timeout', 'gave up on', 'Try again.'),
  413: words('refused', 'refused', 'Make the configuration smaller: the service takes 8 MB at most.'),
  429: words('rate_limited', 'limits the rate and turned away', 'Wait a minute, or lower --parallelism.'),
};

function wordStatus(answer: Answer): StatusWords {
  const { status } = answer;
  const own = byStatus[status];
  if (own !== undefined) return own;
  if (isHtml(answer)) return words('bad_answer', 'answered', 'Check the base URL, and any proxy on the way.');
  if (status >= 500) {
    return words('vendor_error', 'failed at', 'Try again later; name the request id to the support.');
  }
  if (status === 404) {
    return words(
      'bad_answer',
      'found nothing for',
      'Check what it names, and the base URL: it ends in /elements/api-v2.',
    );
  }
  if (status >= 400) return words('refused', 'refused', 'Correct what it names, then plan again.');
  return words('bad_answer', 'answered', 'Check the base URL.');
}

/** The target's host alone: its path or query may repeat what was sent (safety.md A6). */
function wordRedirect(subject: Subject, answer: Answer): Words {
  const location = answer.header('location') ?? '';
  const base = `https://${subject.host}`;
  const host = URL.canParse(location, base) ? new URL(location, base).host : '';
  const named = /^[a-z0-9.:_[\]-]{1,253}$/.test(host) && subject.scrub(host) === host;
  return {
    code: 'redirect',
    message: `the service answered ${subject.what} with ${String(answer.status)}, a redirect to ${named ? host : 'another place'}`,
    hint: 'Check the base URL: no redirect is followed, since the secrets would go with it.',
  };
}
