import type { ApiFailure, CreateInstances, CreateOutcome, Resolved } from '../ports.ts';
import type { Reply } from './call.ts';
import { readRequestId, readVendorError, type Answer } from './answers.ts';
import { describeAnswer, describeBadAnswer, describeFault, type Subject } from './failures.ts';
import { faultOf } from './faults.ts';
import type { Cut } from './scrub.ts';
import type { Transport } from './transport.ts';
import { listSecrets, makeSecretScrub, readInstance, readJson, writeCreate, type Reading } from './wire.ts';

export interface CreateTerms {
  readonly transport: Transport;
  readonly timeoutMs: number;
  readonly host: string;
  /** Cuts out the secrets of the account and of all else that is in play: they must not be seen in an answer either. */
  readonly cut: Cut;
  /** Wall clock and monotonic clock, ms. */
  readonly now: () => number;
  readonly monotonic: () => number;
}

const mostBytes = 8 * 1024 * 1024;
const lookAgain =
  'It is not known whether the instance exists. Apply again: instate looks for it before it creates another.';

/**
 * `POST /instances`: sent once or not at all, never retried, never redirected. It never rejects. The permit is released
 * when the call is over.
 */
export function openCreates(terms: CreateTerms): CreateInstances {
  return {
    async create(instance, { sendBy, sendByMonotonic, permit, projection }) {
      try {
        const late = (): boolean => terms.now() > sendBy || terms.monotonic() > sendByMonotonic;
        return await post(terms, instance, { late, reading: { projection, tokens: true } });
      } finally {
        permit.release();
      }
    },
  };
}

const unwritable: ApiFailure = {
  code: 'internal',
  message: 'the create was not sent, since its configuration cannot be written as JSON',
  hint: 'Look for a value in the configuration that holds itself.',
  status: null,
  requestId: null,
};

interface PostTerms {
  readonly late: () => boolean;
  readonly reading: Reading;
}

async function post(
  terms: CreateTerms,
  instance: Resolved,
  { late, reading }: PostTerms,
): Promise<CreateOutcome> {
  const { host, timeoutMs } = terms;
  const scrub = makeSecretScrub(listSecrets(instance), terms.cut);
  const subject: Subject = { what: 'the create', host, timeoutMs, scrub };
  // Without a connection being opened for it; the check that counts is made as the bytes leave (safety.md C1).
  if (late()) return { kind: 'not-sent', failure: describeFault(subject, faultOf('too-late'), false) };
  const body = writeCreate(instance);
  if (body === null) return { kind: 'not-sent', failure: unwritable };
  const reply = await terms.transport.send({
    method: 'POST',
    path: '/instances',
    body,
    timeoutMs,
    maxBytes: mostBytes,
    hold: () => (late() ? 'too-late' : null),
  });
  return classify(subject, reply, reading);
}

/** Which answers prove what (safety.md C4). Whether a created instance is the one meant is the engine's question (C5). */
function classify(subject: Subject, reply: Reply, reading: Reading): CreateOutcome {
  if (reply.status === null) {
    const failure = describeFault(subject, reply.fault, reply.sent);
    return reply.sent ? uncertain(failure, false) : { kind: 'not-sent', failure };
  }
  const { status } = reply;
  if (status === 200) return readCreated(subject, reply, reading);
  const failure = describeAnswer(subject, reply);
  if (status >= 400 && status < 500 && status !== 408 && status !== 429) return { kind: 'refused', failure };
  return uncertain(failure, status >= 500 && readVendorError(reply, subject.scrub) !== null);
}

/** A success is 200, never 201 (facts.md §1.5). */
function readCreated(subject: Subject, answer: Answer, reading: Reading): CreateOutcome {
  const read = readInstance(answer.text === null ? undefined : readJson(answer.text), reading);
  if (read.kind === 'bad') {
    return uncertain(
      describeBadAnswer(subject, answer, `something that is no instance (${read.why})`),
      false,
    );
  }
  return {
    kind: 'created',
    instance: read.instance,
    token: read.token,
    requestId: readRequestId(answer, subject.scrub),
  };
}

function uncertain(failure: ApiFailure, vendorFailed: boolean): CreateOutcome {
  // Where the vendor behind the element failed, wrong credentials are a likely cause (facts.md §2.5).
  const hint = vendorFailed ? `The credentials may be wrong. ${lookAgain}` : lookAgain;
  return { kind: 'uncertain', failure: { ...failure, hint }, vendorFailed };
}
