import { listLeftovers, wantsPerson } from '../src/core/leftovers.ts';
import type { Planning } from '../src/core/plan.ts';
import { InstateError } from '../src/errors.ts';
import { recover as settle, settleByHand, type RecoverRun, type Verdict } from '../src/engine/recover.ts';
import type { Lock } from '../src/ports.ts';
import { renderRecover, type SettledRow } from '../src/render/text-recover.ts';
import type { Command } from './command.ts';
import { readFlag, readNumber, type Flags } from './options.ts';
import { finishPlanning, openEyes, planReadOnly } from './planning.ts';
import { showProgress } from './progress.ts';
import type { Run } from './run.ts';
import { choosePolicy } from './scope.ts';
import { openSession, takeLock, type Session } from './session.ts';

/** What was typed: look only, settle what can be settled, or settle one address as a person says. */
interface Order {
  readonly list: boolean;
  readonly wait: boolean;
  readonly byHand: { readonly address: string; readonly verdict: Verdict } | null;
}

/** `instate recover`: open creates, lost ones, strays; settles what a crash left. Sends nothing but GET. */
export const recover: Command = {
  groups: ['files', 'looks', 'exec', 'scope', 'network', 'locking', 'report'],
  formats: ['text', 'json'],
  build: (yargs) =>
    yargs
      .positional('address', { type: 'string', describe: 'Settle the open create of this address by hand' })
      .options({
        list: { type: 'boolean', describe: 'Only look: take no lock, write nothing' },
        wait: { type: 'boolean', describe: 'Wait until every open create can be decided' },
        found: { type: 'string', requiresArg: true, describe: 'With ADDRESS: this instance is what it made' },
        absent: { type: 'boolean', describe: 'With ADDRESS: you have looked, and it made nothing' },
      }),
  examples: [
    ['instate recover', 'settle what a crash or a lost answer left, and show the rest'],
    ['instate recover --list', 'only look'],
    ['instate recover --wait', 'wait for what may still arrive'],
    ['instate recover insightly-sales --found 12345', 'you have looked: this is what it made'],
  ],
  run: async (run, flags) => {
    const order = readOrder(flags);
    const session = await openSession(run);
    try {
      const isNew = (await session.store.read()).lineage === null;
      if (order.byHand === null && (order.list || isNew)) {
        return await finish(run, [], await planReadOnly(run, session, {}));
      }
      const lock = await takeLock(run, session.store);
      try {
        return await settleUnderLock(run, session, lock, order);
      } finally {
        await lock.release();
      }
    } finally {
      await session.close();
    }
  },
};

function readOrder(flags: Flags): Order {
  const [list, wait, absent] = [readFlag(flags, 'list'), readFlag(flags, 'wait'), readFlag(flags, 'absent')];
  const id = readNumber(
    flags,
    {},
    { name: 'found', variable: null, least: 1, most: 2 ** 53 - 1, whole: true },
  );
  const address = flags['address'] === undefined ? null : String(flags['address']);
  const usage = (message: string, hint: string) => new InstateError('usage', message, { hint });
  if (address === null) {
    if (absent || id !== null)
      throw usage(`--${absent ? 'absent' : 'found'} wants an address`, 'instate recover ADDRESS --absent');
    if (list && wait) throw usage('--list looks once, --wait settles', 'leave one of them out');
    return { list, wait, byHand: null };
  }
  if (list || wait)
    throw usage('--list and --wait take no address', 'instate recover --target ADDRESS --wait');
  if (absent === (id !== null)) {
    throw usage(
      `what became of ${address} must be said once`,
      `instate recover ${address} --found ID  or  --absent`,
    );
  }
  const verdict: Verdict = id === null ? { kind: 'absent' } : { kind: 'found', id };
  return { list, wait, byHand: { address, verdict } };
}

async function settleUnderLock(run: Run, session: Session, lock: Lock, order: Order): Promise<number> {
  const { context, stopper } = run;
  const { declarations } = session;
  const api = await session.openApi();
  stopper.onStop(() => api.abort());
  const progress = showProgress(run);
  const work: RecoverRun = {
    declarations,
    policy: choosePolicy(run.options, declarations, await lock.read()),
    eyes: openEyes(run, session, api),
    lock,
    clock: { now: context.now, monotonic: context.monotonic, wait: context.wait },
    stop: stopper.signal,
    onWait: progress.onWait,
  };
  const { settled, planning } =
    order.byHand === null
      ? await settle(work, order.wait)
      : await settleByHand(work, order.byHand.address, order.byHand.verdict);
  progress.clear();
  return finish(run, settled, planning);
}

async function finish(run: Run, settled: readonly SettledRow[], planning: Planning): Promise<number> {
  const left = listLeftovers(finishPlanning(run, planning));
  await run.answer({
    text: (look) => renderRecover(settled, left, look),
    body: { settled, ...left },
  });
  return wantsPerson(left) ? 1 : 0;
}
