import { answerEmpty, isRefusal, readObject, refuse, type Reply } from '../http/answers.ts';
import type { Call } from '../http/calls.ts';
import { storeInstance } from '../world/world.ts';
import { findTarget } from './target.ts';

/** How long tracing stays on if nothing is said, and the longest that a timer can run, minutes. */
const DEFAULT_MINUTES = 30;
const MAX_MINUTES = 24 * 60 * 20;

/** `PUT …/trace-logging`: turns itself off after `duration` minutes, 30 by default (docs: operations, SW19). */
export function startTracing(call: Call): Reply {
  const instance = findTarget(call);
  if (isRefusal(instance)) return instance;
  const body = readObject(call.text === '' ? '{}' : call.text);
  if (isRefusal(body)) return body;
  const { duration = DEFAULT_MINUTES } = body;
  if (typeof duration !== 'number' || !Number.isInteger(duration) || duration < 1 || duration > MAX_MINUTES) {
    return refuse(400, 'duration must be a whole number of minutes from 1');
  }
  const { world, account } = call;
  const ms = duration * 60_000;
  const tracedUntil = world.now() + ms;
  storeInstance(account, { ...instance, tracedUntil });
  world.timers.startTimer(ms, () => {
    const traced = account.instances.get(instance.id);
    // Whoever started it anew meanwhile has a timer of their own.
    if (traced?.tracedUntil === tracedUntil) storeInstance(account, { ...traced, tracedUntil: null });
  });
  return answerEmpty(instance.id);
}

/** `DELETE …/trace-logging` (docs: operations, SW19). */
export function stopTracing(call: Call): Reply {
  const instance = findTarget(call);
  if (isRefusal(instance)) return instance;
  storeInstance(call.account, { ...instance, tracedUntil: null });
  return answerEmpty(instance.id);
}
