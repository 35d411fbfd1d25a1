import { statSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Crash, Since } from './history.ts';
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

/** How long one may wait for a run to take the lock, ms. */
const lockPatienceMs = 5_000;

/** Starts an apply and ends it as the crash says. Afterwards no process of it is alive. */
export async function crashRun(
  command: readonly string[],
  place: Place,
  crash: Crash,
  name: string,
): Promise<Struck> {
  switch (crash.kind) {
    case 'step':
    case 'torn':
      return crashAtPoint(command, place, crash, name);
    case 'disk':
      return failDisk(command, place, crash, name);
    case 'power':
      return cutPower(command, place, crash, name);
    default:
      return sendSignals(command, place, crash, name);
  }
}

async function crashAtPoint(
  command: readonly string[],
  place: Place,
  crash: Extract<Crash, { kind: 'step' | 'torn' }>,
  name: string,
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
async function cutPower(
  command: readonly string[],
  place: Place,
  crash: Extract<Crash, { kind: 'power' }>,
  name: string,
): Promise<Struck> {
  const running = await startUntil(command, place, crash.since, name);
  await pause(crash.afterMs);
  const struck = running.send('SIGSTOP');
  const cut = openPowerCut(place.folder);
  if (struck) cut.copy();
  running.send('SIGKILL');
  const ended = await running.ended;
  if (ended.signal === null) return { step: null, ended, problems: [] };
  cut.putBack();
  return { step: `after the ${crash.since}`, ended, problems: [] };
}

/** The run meets a disk that fails, and has to end by itself, with a cause that can be read. */
async function failDisk(
  command: readonly string[],
  place: Place,
  crash: Extract<Crash, { kind: 'disk' }>,
  name: string,
): Promise<Struck> {
  const log = join(place.folder, `${name}.strace`);
  const ended = await start([...injectInto(log, place.folder, crash), ...command, '--json'], place, name)
    .ended;
  const step = nameFirstFailure(readEntries(readFileSync(log, 'utf8')));
  return { step, ended, problems: (await judgeEnd(ended, place)).map((one) => `unclear: ${one}`) };
}

async function sendSignals(
  command: readonly string[],
  place: Place,
  crash: Extract<Crash, { kind: 'instant' | 'signals' }>,
  name: string,
): Promise<Struck> {
  const running = await startUntil(command, place, crash.since, name);
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
async function startUntil(
  command: readonly string[],
  place: Place,
  since: Since,
  name: string,
): Promise<Running> {
  const note = join(place.folder, '.instate', 'state.db.lock.json');
  const identify = () => statSync(note, { throwIfNoEntry: false })?.ino;
  const left = identify();
  const running = start(command, place, name);
  if (since === 'start') return running;
  for (let waited = 0; waited < lockPatienceMs && !running.hasEnded(); waited += 4) {
    const now = identify();
    if (now !== undefined && now !== left) break;
    await pause(4);
  }
  return running;
}
