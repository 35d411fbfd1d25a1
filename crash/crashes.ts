import { statSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Crash, Since } from './history.ts';
import { countPosts, type Sandbox } from './sandbox.ts';
import { injectInto, nameFirstFailure } from './disk.ts';
import { loseUnsynced, openPowerCut } from './power.ts';
import { pause, start, type Ended, type Place, type Running } from './processes.ts';
import { judgeEnd } from './ending.ts';
import { nameLastStep, readEntries, traceInto } from './strace.ts';

/** What a crash came to. */
export interface Struck {
  /** Where it struck: a step, or the kind of instant; null if the run had ended before. */
  readonly step: string | null;
  readonly ended: Ended;
  /** What is wrong with the end of a run that was not killed. */
  readonly problems: readonly string[];
}

/** How long one may wait for a run to come as far as an instant counts from, ms. */
const patienceMs = 5_000;

/** Whom a crash strikes: a command, where it runs, whom it calls, and the name of its output's files. */
export interface Run {
  readonly command: readonly string[];
  readonly place: Place;
  readonly sandbox: Sandbox;
  readonly name: string;
}

/** Starts an apply and ends it as the crash says. Afterwards no process of it is alive. */
export async function crashRun(run: Run, crash: Crash): Promise<Struck> {
  switch (crash.kind) {
    case 'step':
    case 'torn':
      return crashAtPoint(run, crash);
    case 'disk':
      return failDisk(run, crash);
    case 'power':
      return cutPower(run, crash);
    default:
      return sendSignals(run, crash);
  }
}

async function crashAtPoint(
  { command, place, name }: Run,
  crash: Extract<Crash, { kind: 'step' | 'torn' }>,
): Promise<Struck> {
  const log = join(place.folder, `${name}.strace`);
  const ended = await start([...traceInto(log, crash.point), ...command], place, name).ended;
  if (ended.signal !== 'SIGKILL') return { step: null, ended, problems: [] };
  const entries = readEntries(readFileSync(log, 'utf8'));
  if (crash.kind === 'torn') {
    const cut = openPowerCut(place.folder);
    cut.copy();
    loseUnsynced(cut.stateFolder, entries, crash.loss, crash.seed);
    cut.putBack();
  }
  return { step: nameLastStep(entries), ended, problems: [] };
}

/** A copy of files that are being written is no instant of them, so the process stands still while it is made. */
async function cutPower(run: Run, crash: Extract<Crash, { kind: 'power' }>): Promise<Struck> {
  const running = await startUntil(run, crash.since);
  await pause(crash.afterMs);
  const struck = running.send('SIGSTOP');
  const cut = openPowerCut(run.place.folder);
  if (struck) cut.copy();
  running.send('SIGKILL');
  const ended = await running.ended;
  if (ended.signal === null) return { step: null, ended, problems: [] };
  cut.putBack();
  return { step: `after the ${crash.since}`, ended, problems: [] };
}

/** The run meets a disk that fails, and has to end by itself, with a cause that can be read. */
async function failDisk(
  { command, place, name }: Run,
  crash: Extract<Crash, { kind: 'disk' }>,
): Promise<Struck> {
  const log = join(place.folder, `${name}.strace`);
  const ended = await start([...injectInto(log, place.folder, crash), ...command, '--json'], place, name)
    .ended;
  const step = nameFirstFailure(readEntries(readFileSync(log, 'utf8')));
  return { step, ended, problems: (await judgeEnd(ended, place)).map((one) => `unclear: ${one}`) };
}

async function sendSignals(
  run: Run,
  crash: Extract<Crash, { kind: 'instant' | 'signals' }>,
): Promise<Struck> {
  const running = await startUntil(run, crash.since);
  let sent = false;
  for (const { signal, afterMs } of crash.signals) {
    await Promise.race([pause(afterMs), running.ended]);
    sent = running.send(signal) || sent;
  }
  const ended = await running.ended;
  const names = crash.signals.map(({ signal }) => signal).join(' ');
  return { step: sent ? names : null, ended, problems: [] };
}

/** `lock`: until it has written its note, which it does as soon as it has the lock. */
async function startUntil({ command, place, sandbox, name }: Run, since: Since): Promise<Running> {
  const note = join(place.folder, '.instate', 'state.db.lock.json');
  const identify = {
    start: () => Promise.resolve(null),
    lock: () => Promise.resolve(statSync(note, { throwIfNoEntry: false })?.ino ?? null),
    create: () => countPosts(sandbox),
  }[since];
  const left = await identify();
  const running = start(command, place, name);
  if (since === 'start') return running;
  for (let waited = 0; waited < patienceMs && !running.hasEnded(); waited += 4) {
    const now = await identify();
    if (now !== null && now !== left) break;
    await pause(4);
  }
  return running;
}
