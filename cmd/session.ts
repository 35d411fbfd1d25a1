import { resolve } from 'node:path';
import { makeReferences } from '../src/config/references.ts';
import { describeHolder } from '../src/core/holder.ts';
import type { Declarations, Holder } from '../src/core/model.ts';
import { InstateError } from '../src/errors.ts';
import type { Lock, References, StateStore } from '../src/ports.ts';
import { countDiagnostics } from '../src/render/text-diagnostics.ts';
import type { Api } from './context.ts';
import { connect, resolveAccount, type AccountSecrets } from './account.ts';
import { readFiles, type Files } from './files.ts';
import { refuseUnset } from './unset.ts';
import { findKeyFile, type Run } from './run.ts';
import { openCommands } from './secret-commands.ts';

/** Declarations without errors, and the ports that a command asked for. */
export interface Session {
  readonly declarations: Declarations;
  readonly references: References;
  readonly store: StateStore;
  /** Opens the account; refuses hosts that nobody trusted and secrets that are unset, before any request. */
  readonly openApi: () => Promise<Api>;
  /** The account's two secrets, for its own host alone: refuses as `openApi` does, and opens nothing. */
  readonly openSecrets: () => Promise<AccountSecrets>;
  /** Runs the secret commands of these names that were not run yet, with `--allow-exec`. */
  readonly runCommands: (names: readonly string[]) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Declarations that can be worked with, or one error that names every problem. */
export function requireValid(run: Run, { loaded }: Pick<Files, 'loaded'>): Declarations {
  const { declarations, diagnostics } = loaded;
  if (declarations === null) {
    const summary = `${countDiagnostics(diagnostics)} in ${loaded.files.join(', ') || 'the declarations'}`;
    throw new InstateError('invalid_declarations', summary, {
      hint: 'nothing was read or written',
      diagnostics,
    });
  }
  for (const warning of diagnostics) run.note(warning);
  run.known.declared = new Map(declarations.instances.map((one) => [one.address, one]));
  run.known.project = declarations.project;
  run.known.account = { baseUrl: declarations.account.baseUrl, user: declarations.account.user };
  return declarations;
}

/**
 * Opens what most commands need: valid declarations and their state. No request is made, nothing is written. With `--allow-exec`
 * secret commands are run: all of them `now`, or those of the account, the rest `later`, when somebody knows which are needed.
 */
export async function openSession(run: Run, when: 'now' | 'later' = 'now'): Promise<Session> {
  return openSessionOf(run, await readFiles(run), when);
}

/** A command that the account's secrets need is needed before anything else. */
function listAccountCommands({ account }: Declarations): readonly string[] {
  return [account.userSecret, account.organizationSecret].flatMap(({ references }) =>
    references.flatMap(({ scheme, name }) => (scheme === 'exec' ? [name] : [])),
  );
}

async function openSessionOf(run: Run, files: Files, when: 'now' | 'later' = 'now'): Promise<Session> {
  const declarations = requireValid(run, files);
  refuseUnset(files.loaded.unset.filter((one) => one.role === 'variable'));
  const commands = openCommands(run, files, declarations.commands);
  await commands.run(
    when === 'now' ? declarations.commands.map(({ name }) => name) : listAccountCommands(declarations),
  );
  const references = makeReferences(files.loaded.read, commands.readings);
  const store = await openStore(run, files.loaded.baseFolder, declarations.state);
  let api: Api | null = null;
  const openSecrets = () => resolveAccount(run, declarations, references, files.loaded.unset);
  return {
    declarations,
    references,
    store,
    openSecrets,
    runCommands: async (names) => {
      await commands.run(names);
      api?.learn();
    },
    openApi: async () => {
      api ??= await connect(run, declarations, references, await openSecrets());
      return api;
    },
    close: async () => {
      await api?.close();
      await store.close();
    },
  };
}

/** What a command can work with that makes more of declarations, and does without: `session` is null where there are none. */
export async function openDeclared(
  run: Run,
): Promise<Pick<Session, 'store' | 'close'> & { readonly session: Session | null }> {
  const files = await readFiles(run);
  if (!isUndeclared(run, files)) {
    const session = await openSessionOf(run, files);
    return { session, store: session.store, close: session.close };
  }
  const store = await openStore(run, run.context.cwd, null);
  return { session: null, store, close: () => store.close() };
}

/** Nobody named a file, and none lies here. */
function isUndeclared({ options }: Run, { loaded }: Files): boolean {
  return options.files.length === 0 && loaded.diagnostics.some((one) => one.code === 'file_missing');
}

/** The state of a run that needs no declarations: by flag, by variable, else as the files say, else the default place. */
export async function openStateOnly(run: Run): Promise<StateStore> {
  return (await openStateOf(run)).store;
}

/** The state by flag, by variable, else in the default place; no declarations are looked for. */
export function openStateAlone(run: Run): Promise<StateStore> {
  return openStore(run, run.context.cwd, null);
}

/** The same, with the declarations that named it; null where none did, or where not all of them can be told here. */
export async function openStateOf(
  run: Run,
): Promise<{ readonly store: StateStore; readonly declarations: Declarations | null }> {
  const { options, context } = run;
  const alone = async () => ({ store: await openStore(run, context.cwd, null), declarations: null });
  if (options.state !== null) return alone();
  const files = await readFiles(run);
  if (isUndeclared(run, files)) return alone();
  const declarations = requireValid(run, files);
  const unset = files.loaded.unset.filter((one) => one.role === 'variable');
  // Only where the state lies matters here: what else is unset is not needed.
  refuseUnset(unset.filter((one) => one.path === 'state'));
  const store = await openStore(run, files.loaded.baseFolder, declarations.state);
  return { store, declarations: unset.length === 0 ? declarations : null };
}

/** Takes the lock, saying for whom it waits. */
export async function takeLock(run: Run, store: StateStore): Promise<Lock> {
  const name = (by: Holder | null) => (by === null ? '' : `: held by ${describeHolder(by)}`);
  const onWait = (by: Holder | null) => run.say(`waiting for the state lock${name(by)}`);
  const stop = run.stopper.signal;
  return store.lock(nameOurselves(run), { timeoutMs: run.options.lockTimeoutMs, onWait, stop });
}

/** Flag names only, never values (safety.md E6). */
function nameOurselves({ command, context }: Run): Holder {
  const { env, who, now } = context;
  const gitlab = env['CI_JOB_URL'];
  const github =
    env['GITHUB_RUN_ID'] === undefined
      ? undefined
      : `${env['GITHUB_SERVER_URL'] ?? ''}/${env['GITHUB_REPOSITORY'] ?? ''}/actions/runs/${env['GITHUB_RUN_ID']}`;
  return {
    ...who,
    command: `instate ${command}`,
    since: new Date(now()).toISOString(),
    ciUrl: gitlab ?? github ?? null,
  };
}

/** By flag or variable (from here), else as the files say (from their folder), else `.instate/state.db` beside them. */
function openStore(run: Run, folder: string, declared: string | null): Promise<StateStore> {
  const { context, options } = run;
  const isUrl = (place: string) => /^[a-z][a-z0-9+.-]+:\/\//i.test(place);
  const from = (base: string, place: string) => (isUrl(place) ? place : resolve(base, place));
  const location =
    options.state === null ? from(folder, declared ?? '.instate/state.db') : from(context.cwd, options.state);
  return context.openState({
    location,
    stateKey: context.sealedEnv.get('INSTATE_STATE_KEY') ?? null,
    oldStateKey: context.sealedEnv.get('INSTATE_STATE_KEY_OLD') ?? null,
    keyFile: findKeyFile(context),
    ci: !['', '0', 'false'].includes((context.env['CI'] ?? '').toLowerCase()),
    tempFolder: context.tempFolder,
    toolVersion: context.version,
    now: context.now,
    newId: context.newId,
    notify: run.note,
  });
}
