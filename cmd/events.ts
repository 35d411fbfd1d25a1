import { closeSync, openSync, writeSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Address } from '../src/core/model.ts';
import type { Plan } from '../src/core/plan.ts';
import type { Result } from '../src/core/result.ts';
import type { ApplyEvents } from '../src/engine/run.ts';
import { InstateError } from '../src/errors.ts';
import {
  describeEnd,
  describePlannedChange,
  describeStart,
  describeVersion,
  renderEvent,
  summarisePlan,
  type Event,
} from '../src/render/events.ts';
import type { Context } from './context.ts';

/** Where events go, each at once: after a kill the stream is whole up to its last full line. */
export interface EventStream {
  readonly emit: (event: Event) => void;
  readonly close: () => void;
}

/**
 * Opens `--events FILE` (emptied first) or `-` (stdout), and says who writes. Throws `file_unwritable`. A stream that cannot be written
 * later ends there, and says so once by `onFailure`: what the run does is worth more.
 */
export function openEvents(target: string, context: Context, onFailure: () => void): EventStream {
  const file = target === '-' ? null : openFile(resolve(context.cwd, target), target);
  let broken = false;
  const emit = (event: Event): void => {
    if (broken) return;
    const line = renderEvent(event, new Date(context.now()).toISOString());
    try {
      if (file === null) context.stdout.write(line);
      else writeWhole(file, line);
    } catch {
      broken = true;
      onFailure();
    }
  };
  emit(describeVersion(context.version));
  return {
    emit,
    close: () => {
      if (file !== null) closeSync(file);
    },
  };
}

function openFile(path: string, named: string): number {
  try {
    return openSync(path, 'w', 0o644);
  } catch {
    throw new InstateError('file_unwritable', `the events cannot be written to ${named}`, {
      hint: 'check that its folder exists and may be written',
    });
  }
}

/** A pipe may take less than all at once. */
function writeWhole(file: number, line: string): void {
  const bytes = Buffer.from(line);
  for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
}

/** Tells what is planned, if anybody listens. */
export function tellPlan(stream: EventStream | null, plan: Plan): void {
  if (stream === null) return;
  for (const change of plan.changes) stream.emit(describePlannedChange(change));
  stream.emit(summarisePlan(plan));
}

/** Tells how an apply goes, change by change, beside whatever else listens. */
export interface Follower extends ApplyEvents {
  /** Results of which nothing, or something else, was told as they came about. */
  readonly finish: (results: readonly Result[]) => void;
}

/** Follows an apply of a plan; `listener` hears everything first. */
export function followApply(
  stream: EventStream | null,
  plan: Plan,
  monotonic: () => number,
  listener: ApplyEvents,
): Follower {
  if (stream === null) return { ...listener, finish: () => undefined };
  const changes = new Map(plan.changes.map((change) => [change.address, change]));
  const started = new Map<Address, number>();
  const told = new Map<Address, Result['status']>();
  const end = (result: Result): void => {
    const change = changes.get(result.address);
    if (change === undefined) return;
    const since = started.get(result.address);
    if (since === undefined && result.status === 'done') stream.emit(describeStart(change, result.action));
    const seconds = since === undefined ? 0 : Math.round(monotonic() - since) / 1000;
    stream.emit(describeEnd(change, result, seconds));
    told.set(result.address, result.status);
  };
  return {
    ...listener,
    onCreate: (address) => {
      listener.onCreate(address);
      const change = changes.get(address);
      started.set(address, monotonic());
      if (change !== undefined) stream.emit(describeStart(change, 'create'));
    },
    onResult: (result) => {
      listener.onResult(result);
      end(result);
    },
    finish: (results) => {
      for (const result of results) if (told.get(result.address) !== result.status) end(result);
    },
  };
}
