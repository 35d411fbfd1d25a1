import { judgeAnswer, type Asked } from '../core/answer.ts';
import type { Intent, KnownIds, LiveInstance, Projection, RecordedInstance } from '../core/model.ts';
import { InstateError, type ErrorCode } from '../errors.ts';
import type { CreateInstances, CreateOutcome, Gate, Lock, Permit, ReadInstances } from '../ports.ts';
import type { ResolvedCreate } from './resolve.ts';
import type { Result, ResultError } from '../core/result.ts';
import { describeError, describeFailure } from './results.ts';

/** The clock of one machine. `now` is wall clock, `monotonic` never runs backwards; both ms. */
export interface Clock {
  readonly now: () => number;
  readonly monotonic: () => number;
  /** Resolves after `ms`, or at once when `signal` fires. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** What creating needs. */
export interface Hands {
  readonly lock: Lock;
  readonly read: ReadInstances;
  readonly create: CreateInstances;
  readonly gate: Gate;
  readonly clock: Clock;
  readonly newId: () => string;
  /** Fires when a signal ends the run. */
  readonly stop: AbortSignal;
  /** One POST, ms. */
  readonly timeoutMs: number;
  /** How long after a timed-out create an instance may still appear in the list, ms. */
  readonly graceMs: number;
}

/** What all creates of one round share. */
export interface Round {
  readonly projection: Projection;
  readonly knownIds: KnownIds;
  readonly serviceAhead: number | null;
  readonly isKnown: (id: number) => boolean;
  /** Called with the slot in hand, before anything is written or sent. */
  readonly started: (address: string) => void;
  /** Called before the slot is free again, so that what stops the run stops the next create too. */
  readonly settled: (result: Result) => void;
}

/** A create that was ready too late is opened again this many times. */
const mostOpenings = 3;

/** One create: slot, durable intent, POST, settlement (architecture.md §6). Never throws; says what became of it. */
export async function createInstance(
  create: ResolvedCreate,
  row: RecordedInstance | null,
  hands: Hands,
  round: Round,
): Promise<Result> {
  const { address } = create.declaration;
  for (let opening = 1; ; opening++) {
    const permit = await hands.gate.acquire().catch(describeError);
    if ('code' in permit) return describeStop(address, permit, hands.stop.aborted);
    try {
      if (hands.stop.aborted) return describeStop(address, describeError(stopped()), true);
      if (opening === 1) round.started(address);
      const made = await createOnce(create, row, hands, round);
      if (made === 'too-late' && opening < mostOpenings) continue;
      const result =
        made === 'too-late'
          ? fail(address, 'not_sent', 'was ready to send too late, several times; nothing was sent')
          : made;
      round.settled(result);
      return result;
    } finally {
      permit.release();
    }
  }
}

/** The gate is closed: by a signal, or because another create has ended the run. */
function describeStop(address: string, error: ResultError, isSignal: boolean): Result {
  const message = 'not attempted: another create has ended the run';
  const shown = isSignal ? error : { ...error, code: 'not_sent', message };
  return { address, action: 'create', status: 'not-attempted', instanceId: null, error: shown };
}

function stopped(): InstateError {
  return new InstateError('interrupted', 'not attempted: the run was stopped');
}

/** The slot is held over the settlement too, so the call does not give it back. */
const held: Permit = { release: () => undefined };

async function createOnce(
  create: ResolvedCreate,
  row: RecordedInstance | null,
  hands: Hands,
  round: Round,
): Promise<Result | 'too-late'> {
  const { address } = create.declaration;
  const intent = openFor(create, hands, round);
  const sendByMonotonic = hands.clock.monotonic() + (intent.sendBy - intent.openedAt);
  try {
    await hands.lock.openIntent(intent, row?.version ?? null, create.credentials);
  } catch (error) {
    stopIfBroken(error, hands.gate);
    return { address, action: 'create', status: 'failed', instanceId: null, error: describeError(error) };
  }
  if (hands.stop.aborted) {
    await hands.lock.settle(intent.id, { kind: 'not-sent' });
    return describeStop(address, describeError(stopped()), true);
  }
  const { projection } = round;
  const terms = { sendBy: intent.sendBy, sendByMonotonic, permit: held, projection };
  const outcome = await hands.create.create(create.request, terms);
  try {
    return await settle(outcome, intent, hands, round);
  } catch (error) {
    // The POST was answered, and the answer could not be written: the open intent stays, and the next run finds it.
    hands.gate.stop();
    const instanceId = outcome.kind === 'created' ? outcome.instance.id : null;
    return { address, action: 'create', status: 'uncertain', instanceId, error: describeError(error) };
  }
}

/** C1: opened with the slot in hand, to be sent soon or not at all. */
function openFor(create: ResolvedCreate, hands: Hands, { knownIds, serviceAhead }: Round): Intent {
  const openedAt = hands.clock.now();
  const sendBy = openedAt + Math.min(5_000, Math.max(hands.timeoutMs / 4, 250));
  const { address, element, name } = create.declaration;
  return {
    id: hands.newId(),
    row: hands.newId(),
    ...{ address, element, name, knownIds, serviceAhead, openedAt, sendBy },
    tags: create.declaration.tags ?? [],
    configuration: create.configuration,
    tag: create.tag,
    resolveAfter: sendBy + hands.timeoutMs + hands.graceMs,
  };
}

async function settle(
  outcome: CreateOutcome,
  intent: Intent,
  hands: Hands,
  round: Round,
): Promise<Result | 'too-late'> {
  const base = { address: intent.address, action: 'create' as const, instanceId: null };
  switch (outcome.kind) {
    case 'created':
      return settleCreated(outcome, intent, hands, round);
    case 'refused':
      await hands.lock.settle(intent.id, { kind: 'refused' });
      return { ...base, status: 'failed', error: describeFailure(outcome.failure) };
    case 'not-sent':
      await hands.lock.settle(intent.id, { kind: 'not-sent' });
      if (outcome.failure.code === 'not_sent') return 'too-late';
      return { ...base, status: 'failed', error: describeFailure(outcome.failure) };
    case 'uncertain':
      if (outcome.vendorFailed) await hands.lock.record([{ kind: 'vendor-failed', intentId: intent.id }]);
      return { ...base, status: 'uncertain', error: describeFailure(outcome.failure) };
    default:
      return outcome satisfies never;
  }
}

async function settleCreated(
  outcome: Extract<CreateOutcome, { kind: 'created' }>,
  intent: Intent,
  hands: Hands,
  round: Round,
): Promise<Result> {
  const { address } = intent;
  const asked = { ...intent, isKnown: round.isKnown };
  const verdict = judgeAnswer(outcome.instance, asked);
  const tag = verdict === 'untagged' ? await findTag(outcome.instance, asked, hands, round) : verdict;
  if (tag === 'other') {
    const message = `the answer to the create speaks of another instance (#${String(outcome.instance.id)})`;
    const hint = 'the next apply looks for it by its ownership tag';
    const error = { code: 'uncertain' as const, message, hint, requestId: outcome.requestId };
    return { address, action: 'create', status: 'uncertain', instanceId: null, error };
  }
  const kept = tag === 'ours';
  const { id, element, name, user } = outcome.instance;
  const bound = {
    instanceId: id,
    element,
    name,
    user,
    tags: intent.tags,
    configuration: intent.configuration,
    tag: kept ? intent.tag : null,
  };
  const tagProven = kept && intent.tag !== null;
  await hands.lock.settle(intent.id, { kind: 'created', instance: bound, token: outcome.token, tagProven });
  if (kept) return { address, action: 'create', status: 'done', instanceId: id, error: null };
  hands.gate.stop();
  const error = {
    code: 'tag_not_kept' as const,
    message: `#${String(id)} was created and recorded, but the service did not keep its ownership tag; nothing more is created`,
    hint: 'without the tag a cut-off create cannot be found again; look at the tags of that instance, or declare  ownership: none  to go on without',
    requestId: outcome.requestId,
  };
  return { address, action: 'create', status: 'failed', instanceId: id, error };
}

/**
 * B4: the answer lacked the tag; a GET may still show it. Only an instance that is read, and is nobody's, has lost it: whatever else
 * the answer spoke of, nothing is known of ours.
 */
async function findTag(
  instance: LiveInstance,
  asked: Asked,
  hands: Hands,
  round: Round,
): Promise<'ours' | 'untagged' | 'other'> {
  const probe = await hands.read.get(instance.id, { projection: round.projection, tokens: false });
  if (probe.kind !== 'live' || probe.instance.tags === null) return 'other';
  return judgeAnswer(probe.instance, asked);
}

/** A state that cannot be written any more: nothing may be sent. */
function stopIfBroken(error: unknown, gate: Gate): void {
  if (error instanceof InstateError && error.code === 'state_changed') return;
  gate.stop();
}

function fail(address: string, code: ErrorCode, message: string): Result {
  return {
    address,
    action: 'create',
    status: 'failed',
    instanceId: null,
    error: { code, message, hint: '', requestId: null },
  };
}
