import { InstateError } from '../src/errors.ts';
import type { Command } from './command.ts';
import { requireRow, withLock, withState, writingGroups } from './state-common.ts';

const addressShape = /^[a-z0-9][a-z0-9._-]{0,62}$/;

/** `instate state mv`: renames a record. Its ownership tag keeps the old address, which the record remembers. */
export const stateMv: Command = {
  groups: writingGroups,
  formats: ['text', 'json'],
  build: (yargs) =>
    yargs
      .positional('from', { type: 'string', describe: 'The recorded address' })
      .positional('to', { type: 'string', describe: 'Its new name' }),
  examples: [
    [
      'instate state mv insightly-old insightly-sales',
      'follow a rename in the declarations; moved: does the same',
    ],
  ],
  run: async (run, flags) =>
    withState(run, (store) =>
      withLock(run, store, async (lock, recorded) => {
        const [from, to] = [String(flags['from']), String(flags['to'])];
        if (!addressShape.test(to)) {
          throw new InstateError('usage', `${to} is no address`, {
            hint: 'an address is made of a-z, 0-9, ".", "_" and "-", at most 63, and begins with a letter or digit',
          });
        }
        const row = requireRow(recorded, from);
        if (recorded.instances.some((one) => one.address === to)) {
          throw new InstateError('state_changed', `${to} is recorded already`, {
            hint: `instate state show ${to}`,
          });
        }
        await lock.record([{ kind: 'move', from, to, expected: row.version }]);
        await run.answer({
          text: () => `Renamed ${from} to ${to} (#${String(row.instanceId)}).\n`,
          body: { moved: { from, to, instanceId: row.instanceId } },
        });
        return 0;
      }),
    ),
};
