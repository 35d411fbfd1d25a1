import { describeHolder } from '../src/core/holder.ts';
import type { Command } from './command.ts';
import { withState } from './state-common.ts';

/**
 * `instate state unlock`: explains itself. The lock is the kernel's and ends with its process (safety.md D2), so there is
 * never one to break; a lock that could be broken by hand would let two runs write.
 */
export const stateUnlock: Command = {
  groups: ['files', 'looks'],
  formats: ['text', 'json'],
  examples: [['instate state unlock', 'who holds it, and what ends it']],
  run: async (run) =>
    withState(run, async (store) => {
      const { heldBy } = await store.read();
      const text =
        heldBy === null
          ? 'The state is not locked. A lock ends with the process that holds it, so none is ever left to break.'
          : [
              `The state is locked by ${describeHolder(heldBy)}.`,
              'It cannot be broken by hand: two runs that write at once would lose or double instances.',
              `It ends with that process. Let it finish, or end it on ${heldBy.host}:  kill ${String(heldBy.pid)}`,
              'Its creates in flight then settle, or are found by the next apply.',
            ].join('\n');
      await run.answer({ text: () => `${text}\n`, body: { heldBy } });
      return heldBy === null ? 0 : 1;
    }),
};
