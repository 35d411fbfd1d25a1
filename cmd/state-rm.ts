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
        const rows = readAddresses(flags['address']).map((address) => requireRow(recorded, address));
        await lock.record(
          rows.map((row) => ({ kind: 'forget', address: row.address, expected: row.version })),
        );
        const lines = rows.map(
          (row) => `Forgot ${row.address} (#${String(row.instanceId)}). The instance lives on.`,
        );
        const removed = rows.map(({ address, instanceId }) => ({ address, instanceId }));
        await run.answer({ text: () => `${lines.join('\n')}\n`, body: { removed } });
        return 0;
      }),
    ),
};
