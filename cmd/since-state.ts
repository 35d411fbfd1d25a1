import { defaultBaseUrl } from '../src/config/load.ts';
import { defaultAccountSecrets } from '../src/config/account.ts';
import { makeReader, makeReferences } from '../src/config/references.ts';
import { listUnset } from '../src/config/unset.ts';
import { declareRecorded } from '../src/core/since-state.ts';
import { InstateError } from '../src/errors.ts';
import { connect, resolveAccount } from './account.ts';
import type { Api } from './context.ts';
import { readRunVariables } from './files.ts';
import type { Run } from './run.ts';
import { openStateAlone, type Session } from './session.ts';

/**
 * A session without files: what is recorded stands for what is declared. The account is the state's, or the one of `--base-url`; its
 * secrets come from the usual two variables.
 */
export async function openSinceState(run: Run): Promise<Session> {
  const { options } = run;
  if (options.files.length > 0)
    throw new InstateError('usage', '--since-state reads no declarations', {
      hint: 'leave -f or --since-state out',
    });
  const store = await openStateAlone(run);
  const recorded = await store.read();
  if (recorded.lineage === null) {
    await store.close();
    throw new InstateError('state_missing', 'there is no state to compare with', {
      hint: 'name it with --state, or run this where .instate/state.db lies',
    });
  }
  if (options.project !== null && options.project !== recorded.project) {
    await store.close();
    const message = `the state is of the project ${recorded.project ?? 'without a name'}, not of ${options.project}`;
    throw new InstateError('wrong_state', message, { hint: 'name another state with --state' });
  }
  const baseUrl = options.baseUrl ?? recorded.account?.baseUrl ?? defaultBaseUrl;
  const declarations = declareRecorded(recorded, { baseUrl, ...defaultAccountSecrets });
  run.known.project = recorded.project;
  run.known.account = { baseUrl, user: declarations.account.user };
  const variables = await readRunVariables(run);
  const read = makeReader({ variables, fileRoots: [] });
  const references = makeReferences(read);
  const unset = listUnset([], { account: declarations.account, replaced: [], read, order: [] });
  const openSecrets = () => resolveAccount(run, declarations, references, unset);
  let api: Api | null = null;
  return {
    ...{ declarations, references, store, openSecrets },
    runCommands: () => Promise.resolve(),
    openApi: async () => (api ??= await connect(run, declarations, references, await openSecrets())),
    close: async () => {
      await api?.close();
      await store.close();
    },
  };
}
