/**
 * The other process of the state tests: does what its one argument orders and says so line by line.
 * Built and started by child-process.ts.
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { writeSync } from 'node:fs';
import Database from 'better-sqlite3';
import { Sensitive } from '../../src/core/sensitive.ts';
import { InstateError } from '../../src/errors.ts';
import { openState } from '../../state/open.ts';
import {
  createRecorded,
  knownIds,
  otherKey,
  sampleHolder,
  sampleInstance,
  sampleIntent,
  sampleKey,
  sampleTime,
} from './state-samples.ts';

export interface ChildOrder {
  readonly do: 'hold' | 'flood' | 'leave-wal' | 'read' | 'take-turns' | 'rekey';
  readonly location: string;
  readonly tempFolder: string;
  /** Runs with this user's rights, once everything is loaded. */
  readonly uid?: number;
  readonly timeoutMs?: number;
  readonly times?: number;
  /** Of `rekey`: the process dies as this SQL is about to run. */
  readonly killAt?: string;
}

const order = JSON.parse(process.argv[2] ?? '{}') as ChildOrder;
if (order.uid !== undefined) {
  // The native part loads with the first database, and may lie where that user cannot look.
  new Database(':memory:').close();
  process.setgroups?.([order.uid]);
  process.setgid?.(order.uid);
  process.setuid?.(order.uid);
}
const store = openState({
  location: order.location,
  stateKey: new Sensitive(order.do === 'rekey' ? otherKey : sampleKey),
  oldStateKey: new Sensitive(sampleKey),
  keyFile: '/nonexistent/state.key',
  ci: true,
  tempFolder: order.tempFolder,
  toolVersion: '0.1.0',
  now: () => sampleTime,
  newId: randomUUID,
  notify: (diagnostic) => {
    say(`notice ${diagnostic.code}`);
  },
});
const holder = { ...sampleHolder, pid: process.pid };
const wait = { timeoutMs: order.timeoutMs ?? 0, onWait: (): void => undefined };

/** Written at once, so that a kill cannot lose it. */
function say(line: string): void {
  writeSync(1, `${line}\n`);
}

async function hold(): Promise<void> {
  const lock = await store.lock(holder, wait);
  await lock.openIntent(sampleIntent('held'), null, {});
  say('held');
  process.stdin.resume();
  await once(process.stdin, 'end');
  await lock.release();
  say('released');
}

/** Opens and settles without end, and says each intent once it is promised to be durable. */
async function flood(): Promise<void> {
  const lock = await store.lock(holder, wait);
  const known = knownIds(...Array.from({ length: 200 }, (_, index) => index));
  for (let turn = 0; ; turn += 1) {
    const names = Array.from({ length: 20 }, (_, index) => `i${turn.toString()}-${index.toString()}`);
    await Promise.all(
      names.map(async (address, index) => {
        const intent = sampleIntent(address, { knownIds: known });
        await lock.openIntent(intent, null, { 'configuration.password': new Sensitive('canary') });
        say(`open ${address}`);
        if (index % 2 === 0) return;
        const instance = sampleInstance(turn * 100 + index + 1);
        await lock.settle(intent.id, {
          kind: 'created',
          instance,
          token: new Sensitive('canary'),
          tagProven: true,
        });
        say(`done ${address}`);
      }),
    );
  }
}

async function leaveWal(): Promise<void> {
  const lock = await store.lock(holder, wait);
  await createRecorded(lock, 'a', 1, { credentials: { p: 'v' }, token: 'tok' });
  await lock.openIntent(sampleIntent('left-open'), null, {});
  say('written');
  process.kill(process.pid, 'SIGKILL');
}

async function read(): Promise<void> {
  const state = await store.read();
  say(JSON.stringify({ ...state, absences: [...state.absences] }));
}

/** Takes and gives back the lock, with a write in between that only one at a time can do without a clash. */
async function takeTurns(): Promise<void> {
  for (let turn = 0; turn < (order.times ?? 0); turn += 1) {
    const lock = await store.lock(holder, wait);
    const row = (await lock.read()).instances[0];
    const instance = sampleInstance((row?.instanceId ?? 0) + 1);
    await lock.record([
      { kind: 'adopt', address: 'counter', expected: row?.version ?? null, instance, token: null },
    ]);
    await lock.release();
  }
  say('turns done');
}

/** Moves the state to the other key, and dies on the way. */
async function rekey(): Promise<void> {
  const lock = await store.lock(holder, wait);
  const { exec, pragma } = Database.prototype;
  const dieAt = (sql: string): void => {
    if (order.killAt !== undefined && sql.startsWith(order.killAt)) process.kill(process.pid, 'SIGKILL');
  };
  Database.prototype.exec = function (sql) {
    dieAt(sql);
    return exec.call(this, sql);
  };
  Database.prototype.pragma = function (sql, options) {
    dieAt(sql);
    return pragma.call(this, sql, options);
  };
  const done = await lock.rekey({ kind: 'known', drop: true, credentials: new Map() });
  const left = done.outcome === 'no-key' ? null : done.remains.leftover;
  say(`rekeyed ${done.outcome}${left === null ? '' : `, but ${left.why} ${left.hint}`}`);
  await lock.release();
}

const work = { hold, flood, 'leave-wal': leaveWal, read, 'take-turns': takeTurns, rekey }[order.do];
work().catch((error: unknown) => {
  say(error instanceof InstateError ? `failed ${error.code}: ${error.message}` : `crashed ${String(error)}`);
  process.exitCode = 1;
});
