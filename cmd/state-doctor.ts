import type { RecordedState } from '../src/core/model.ts';
import type { Diagnostic } from '../src/diagnostics.ts';
import { InstateError, stateKeyHint } from '../src/errors.ts';
import type { StateStore } from '../src/ports.ts';
import { count } from '../src/render/screen.ts';
import type { Command } from './command.ts';
import { describeHolder } from '../src/core/holder.ts';
import { withState } from './state-common.ts';

/** `instate state doctor`: looks the state over and says what to do; changes nothing, and asks the account nothing. */
export const stateDoctor: Command = {
  groups: ['files', 'looks', 'report'],
  formats: ['text', 'json'],
  examples: [
    ['instate state doctor', 'is it sound, who holds it, does the key fit'],
    ['instate state doctor --state /tmp/restored.db', 'look at a backup before you use it'],
  ],
  run: async (run) =>
    withState(run, async (store) => {
      const found = [...(await store.examine())];
      if (!hasErrors(found)) found.push(...(await examineRecord(store)));
      for (const finding of found) run.note(finding);
      const problems = found.filter(({ severity }) => severity !== 'info').length;
      const sound = !hasErrors(found);
      const has = (...codes: readonly string[]) => found.some(({ code }) => codes.includes(code));
      const writable = sound && !has('state_unwritable');
      const warned = problems === 0 ? '' : `, with ${count(problems, 'warning')}`;
      const last = !sound
        ? 'The state is not sound.'
        : `${has('state_missing') ? 'There is nothing to look at yet' : 'The state is sound'}${warned}${writable ? '' : '; an apply would not get far here'}.`;
      await run.answer({ text: () => `${last}\n`, body: { sound, writable } });
      return sound ? 0 : 1;
    }),
};

/** What the record itself says: who holds it, whether the key fits, what was left open. */
async function examineRecord(store: StateStore): Promise<readonly Diagnostic[]> {
  let recorded: RecordedState;
  try {
    recorded = await store.read();
  } catch (error) {
    if (!(error instanceof InstateError)) throw error;
    return [{ severity: 'error', code: error.code, summary: error.message, detail: error.hint }];
  }
  if (recorded.lineage === null) return [];
  const { instances, intents, absences, heldBy, project, account, serial } = recorded;
  const open = intents.length + [...absences.values()].filter((lost) => lost > 0).length;
  const info = (code: string, summary: string, detail: string): Diagnostic => ({
    ...{ severity: 'info', code, summary, detail },
  });
  return [
    info(
      'state_content',
      `${count(instances.length, 'instance')} of project ${project ?? '-'} on ${account?.baseUrl ?? 'no account yet'}, serial ${String(serial)}`,
      '',
    ),
    ...(heldBy === null
      ? []
      : [info('state_locked', `the lock is held by ${describeHolder(heldBy)}`, 'wait for it')]),
    ...(open === 0 || heldBy !== null
      ? []
      : [info('pending', `${count(open, 'create')} left open or lost`, 'instate recover')]),
    ...examineKey(store),
  ];
}

function examineKey(store: StateStore): readonly Diagnostic[] {
  switch (store.keyStatus()) {
    case 'usable':
      return [];
    case 'none':
    case 'lost':
      return [
        {
          severity: 'warning',
          code: 'no_state_key',
          summary: 'there is no state key here, so no token can be read or stored',
          detail: `run where the key file is, or ${stateKeyHint}`,
        },
      ];
    case 'other':
      return [
        {
          severity: 'warning',
          code: 'wrong_state_key',
          summary: 'the state was written under another key, so its tokens cannot be opened',
          detail: stateKeyHint,
        },
      ];
    default:
      return [];
  }
}

function hasErrors(found: readonly Diagnostic[]): boolean {
  return found.some(({ severity }) => severity === 'error');
}
