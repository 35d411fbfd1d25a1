import { describeAddress } from '../src/core/side-by-side.ts';
import { renderShow } from '../src/render/text-show.ts';
import type { Command } from './command.ts';
import { readFlag } from './options.ts';
import { planReadOnly } from './planning.ts';
import { refuseUnknown } from './scope.ts';
import { openSession } from './session.ts';

/** `instate show`: one address in its three readings. */
export const show: Command = {
  groups: ['files', 'looks', 'exec', 'network'],
  formats: ['text', 'json'],
  build: (yargs) =>
    yargs
      .positional('address', { type: 'string', describe: 'A declared or recorded address' })
      .options({ offline: { type: 'boolean', describe: 'Make no request: declared and recorded only' } }),
  examples: [
    ['instate show insightly-sales', 'declared, recorded, live'],
    ['instate show insightly-sales --json', 'the same for a script'],
  ],
  run: async (run, flags) => {
    const address = String(flags['address']);
    const session = await openSession(run);
    try {
      const planning = await planReadOnly(run, session, { offline: readFlag(flags, 'offline') });
      const instance = describeAddress(planning, address);
      if (instance === null) throw refuseUnknown(address, [...planning.decisions.keys()]);
      await run.answer({ text: (look) => renderShow(instance, look), body: { instance } });
      return 0;
    } finally {
      await session.close();
    }
  },
};
