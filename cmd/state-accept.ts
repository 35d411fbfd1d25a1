import { joinAddresses } from '../src/core/observation.ts';
import type { Declaration } from '../src/core/model.ts';
import type { Sensitive } from '../src/core/sensitive.ts';
import { hintOfMissing } from '../src/engine/resolve.ts';
import { InstateError, stateKeyHint } from '../src/errors.ts';
import type { Effect, References } from '../src/ports.ts';
import type { Command } from './command.ts';
import { refuseUnrecorded } from './scope.ts';
import { openSession } from './session.ts';
import { readAddresses, withLock, writingGroups } from './state-common.ts';

/** `instate state accept`: the declared credentials are in place already; they count as applied from now on. */
export const stateAccept: Command = {
  groups: [...writingGroups, 'exec'],
  formats: ['text', 'json'],
  build: (yargs) =>
    yargs.positional('address', { type: 'string', array: true, describe: 'Declared and recorded addresses' }),
  examples: [['instate state accept closeio-us', 'after the password was changed in the account by hand']],
  run: async (run, flags) => {
    const session = await openSession(run);
    const { store, declarations, references } = session;
    try {
      return await withLock(run, store, async (lock, recorded) => {
        if (store.keyStatus() !== 'usable') {
          throw new InstateError(
            'wrong_state_key',
            'credentials cannot be recorded: the key of this state is not at hand',
            { hint: stateKeyHint },
          );
        }
        const { declared, rows } = joinAddresses(declarations, recorded);
        const effects = readAddresses(flags['address']).map(
          (address): Extract<Effect, { kind: 'accept' }> => {
            const [declaration, row] = [declared.get(address), rows.get(address)];
            if (declaration === undefined || row === undefined)
              throw refuseUnrecorded(address, [...rows.keys()]);
            const credentials = resolveAll(declaration, references);
            return {
              kind: 'accept',
              address: row.address,
              expected: row.version,
              credentials,
              at: run.context.now(),
            };
          },
        );
        await lock.record(effects);
        const accepted = effects.map(({ address, credentials }) => ({
          address,
          paths: Object.keys(credentials).sort(),
        }));
        const lines = accepted.map(
          ({ address, paths }) =>
            `Accepted ${paths.length === 0 ? 'nothing' : paths.join(', ')} of ${address}.`,
        );
        await run.answer({ text: () => `${lines.join('\n')}\n`, body: { accepted } });
        return 0;
      });
    } finally {
      await session.close();
    }
  },
};

function resolveAll(
  { address, configuration }: Declaration,
  references: References,
): Readonly<Record<string, Sensitive>> {
  const found = Object.entries(configuration).flatMap(([key, value]) => {
    if (value.kind === 'plain') return [];
    const resolved = references.resolve(value);
    if ('missing' in resolved) {
      throw new InstateError(
        'missing_reference',
        `not set, or empty: ${resolved.missing.join(', ')} (for ${address})`,
        {
          hint: hintOfMissing(resolved.missing),
        },
      );
    }
    return [[`configuration.${key}`, resolved.value] as const];
  });
  return Object.fromEntries(found);
}
