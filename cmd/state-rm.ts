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
        await lock.record(steps.map(({ effect }) => effect));
        const removed = steps.map(({ effect, instanceId }) => ({ address: effect.address, instanceId }));
        await run.answer({ text: () => `${steps.map(({ text }) => text).join('\n')}\n`, body: { removed } });
        return 0;
      }),
    ),
};

interface Step {
  readonly effect: Extract<Effect, { kind: 'forget' | 'reset-absences' }>;
  readonly instanceId: number | null;
  readonly text: string;
}

/** An address without a record may still have lost creates behind it, which keep apply from making it (safety.md C3). */
function describeStep(recorded: RecordedState, address: string): Step {
  const isRecorded = recorded.instances.some((row) => row.address === address);
  if (!isRecorded && (recorded.absences.get(address) ?? 0) > 0) {
    const text = `Forgot the lost creates of ${address}: the next apply makes it again if it is missing.`;
    return { effect: { kind: 'reset-absences', address }, instanceId: null, text };
  }
  const row = requireRow(recorded, address);
  const text = `Forgot ${address} (#${String(row.instanceId)}). The instance lives on.`;
  return { effect: { kind: 'forget', address, expected: row.version }, instanceId: row.instanceId, text };
}
