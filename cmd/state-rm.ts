import type { RecordedState } from '../src/core/model.ts';
import type { Effect } from '../src/ports.ts';
import type { Command } from './command.ts';
import { readAddresses, requireRow, withLock, withState, writingGroups } from './state-common.ts';

/** `instate state rm`: forgets records, all or none; nothing is asked of the account. */
export const stateRm: Command = {
  groups: writingGroups,
  formats: ['text', 'json'],
  build: (yargs) =>
    yargs.positional('address', { type: 'string', array: true, describe: 'Recorded addresses' }),
  examples: [['instate state rm insightly-old', 'forget it; the instance lives on']],
  run: async (run, flags) =>
    withState(run, (store) =>
      withLock(run, store, async (lock, recorded) => {
        const steps = readAddresses(flags['address']).map((address) => describeStep(recorded, address));
        await lock.record(steps.flatMap(({ effects }) => effects));
        const removed = steps.map(({ address, instanceId }) => ({ address, instanceId }));
        await run.answer({ text: () => `${steps.map(({ text }) => text).join('\n')}\n`, body: { removed } });
        return 0;
      }),
    ),
};

interface Step {
  readonly address: string;
  readonly effects: readonly Effect[];
  readonly instanceId: number | null;
  readonly text: string;
}

/** Lost creates behind an address keep apply from making it (safety.md C3): they are forgotten with or without a record. */
function describeStep(recorded: RecordedState, address: string): Step {
  const lost = (recorded.absences.get(address) ?? 0) > 0;
  const resets: readonly Effect[] = lost ? [{ kind: 'reset-absences', address }] : [];
  if (lost && !recorded.instances.some((row) => row.address === address)) {
    const text = `Forgot the lost creates of ${address}: the next apply makes it again if it is missing.`;
    return { address, effects: resets, instanceId: null, text };
  }
  const row = requireRow(recorded, address);
  const text = `Forgot ${address} (#${String(row.instanceId)}). If the instance lives, it lives on.`;
  const forget: Effect = { kind: 'forget', address, expected: row.version };
  return { address, effects: [forget, ...resets], instanceId: row.instanceId, text };
}
