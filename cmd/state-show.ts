import { describeRow } from '../src/core/side-by-side.ts';
import { renderRecord } from '../src/render/text-show.ts';
import type { Command } from './command.ts';
import { requireRow, withState } from './state-common.ts';

/** `instate state show`: one record, without its token and fingerprints. */
export const stateShow: Command = {
  groups: ['files', 'looks', 'report'],
  formats: ['text', 'json'],
  build: (yargs) => yargs.positional('address', { type: 'string', describe: 'A recorded address' }),
  examples: [['instate state show insightly-sales', 'what is remembered of it']],
  run: async (run, flags) =>
    withState(run, async (store) => {
      const recorded = await store.read();
      const row = requireRow(recorded, String(flags['address']));
      run.known.project = recorded.project;
      run.known.account = recorded.account;
      const record = { address: row.address, ...describeRow(row) };
      await run.answer({ text: () => renderRecord(record), body: { instance: record } });
      return 0;
    }),
};
