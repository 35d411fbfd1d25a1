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
          rows.map(({ address, version }) => ({ kind: 'forget', address, expected: version })),
        );
        const removed = rows.map(({ address, instanceId }) => ({ address, instanceId }));
        const lines = removed.map(
          ({ address, instanceId }) =>
            `Forgot ${address} (#${String(instanceId)}). If the instance lives, it lives on.\n`,
        );
        await run.answer({ text: () => lines.join(''), body: { removed } });
        return 0;
      }),
    ),
};
