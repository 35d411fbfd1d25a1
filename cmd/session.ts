import { resolve } from 'node:path';
import { makeReferences } from '../src/config/references.ts';
import { writeReference } from '../src/config/template.ts';
import type { UnsetReference } from '../src/config/load.ts';
import { describeHolder } from '../src/core/holder.ts';
import type { Declarations, Holder } from '../src/core/model.ts';
import type { Sensitive } from '../src/core/sensitive.ts';
import type { Diagnostic } from '../src/diagnostics.ts';
import { hintOfMissing } from '../src/engine/resolve.ts';
import { InstateError } from '../src/errors.ts';
import type { Lock, References, StateStore } from '../src/ports.ts';
import { countDiagnostics } from '../src/render/text-diagnostics.ts';
import type { Api } from './context.ts';
import { readFiles, type Files } from './files.ts';
import { findKeyFile, type Run } from './run.ts';
import { runCommands } from './secret-commands.ts';

/** Declarations without errors, and the ports that a command asked for. */
export interface Session {
  readonly declarations: Declarations;
  readonly references: References;
  readonly store: StateStore;
  /** Opens the account; refuses hosts that nobody trusted and secrets that are unset, before any request. */
  readonly openApi: () => Promise<Api>;
  readonly close: () => Promise<void>;
}

/** Declarations that can be worked with, or one error that names every problem. */
function requireValid(run: Run, { loaded }: Files): Declarations {
  const { declarations, diagnostics } = loaded;
  if (declarations === null) {
    const summary = `${countDiagnostics(diagnostics)} in ${loaded.files.join(', ') || 'the declarations'}`;
    throw new InstateError('invalid_declarations', summary, {
      hint: 'nothing was read or written',
      diagnostics,
    });
  }
  for (const warning of diagnostics) run.note(warning);
  run.known.project = declarations.project;
  run.known.account = { baseUrl: declarations.account.baseUrl, user: declarations.account.user };
  return declarations;
}

/** Opens what most commands need: valid declarations and their state. No request is made, nothing is written. */
export async function openSession(run: Run): Promise<Session> {
  return openSessionOf(run, await readFiles(run));
}

async function openSessionOf(run: Run, files: Files): Promise<Session> {
  const declarations = requireValid(run, files);
  refuseUnset(files.loaded.unset.filter((one) => one.role === 'variable'));
  const references = makeReferences({ ...files, commands: await runCommands(run, files) });
  const store = await openStore(run, files.loaded.baseFolder, declarations.state);
  let api: Api | null = null;
  return {
    declarations,
    references,
    store,
    openApi: async () => {
      api ??= await connect(run, declarations, references, files.loaded.unset);
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
  const { options, context } = run;
  if (options.state !== null) return openStore(run, context.cwd, null);
  const files = await readFiles(run);
  if (isUndeclared(run, files)) return openStore(run, context.cwd, null);
  const { state } = requireValid(run, files);
  // Only where the state lies matters here: what else is unset is not needed.
  refuseUnset(files.loaded.unset.filter((one) => one.role === 'variable' && one.path === 'state'));
  return openStore(run, files.loaded.baseFolder, state);
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
async function openStore(run: Run, folder: string, declared: string | null): Promise<StateStore> {
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

async function connect(
  run: Run,
  declarations: Declarations,
  references: References,
  unset: readonly UnsetReference[],
): Promise<Api> {
  const { context, options } = run;
  const { account } = declarations;
  if (context.env['NODE_TLS_REJECT_UNAUTHORIZED'] === '0') {
    throw new InstateError('insecure_tls', 'NODE_TLS_REJECT_UNAUTHORIZED=0 switches certificate checks off', {
      hint: 'unset it; for a certificate of your own, set NODE_EXTRA_CA_CERTS to its file',
    });
  }
  refuseUnset(unset.filter((one) => one.role === 'account'));
  const [user, organization] = [
    references.resolve(account.userSecret),
    references.resolve(account.organizationSecret),
  ];
  if (!('value' in user) || !('value' in organization)) throw refuseUnread(user, organization);
  const trust = { named: options.trustBaseUrl, allowHosts: context.env['INSTATE_ALLOW_HOSTS'] || null };
  const api = await context.openApi(
    {
      baseUrl: account.baseUrl,
      userSecret: user.value,
      organizationSecret: organization.value,
      secrets: listSecrets(declarations, references),
      parallelism: options.parallelism,
      timeouts: { getMs: options.timeoutMs ?? 30_000, postMs: options.timeoutMs ?? 120_000 },
      userAgent: `instate/${context.version}`,
      now: context.now,
      monotonic: context.monotonic,
      random: context.random,
      delay: context.wait,
    },
    trust,
  );
  run.known.stats = api.stats;
  return api;
}

type Resolution = ReturnType<References['resolve']>;

/** What is missing here was not run: what is merely unset was refused before. */
function refuseUnread(...resolutions: readonly Resolution[]): InstateError {
  const names = [...new Set(resolutions.flatMap((one) => ('missing' in one ? one.missing : [])))];
  return new InstateError(
    'missing_reference',
    `the account's secrets need ${names.join(', ')}, which gave nothing`,
    {
      hint: hintOfMissing(names),
    },
  );
}

/** Every declared credential that is at hand, and each reference in it: none of them may come back in a message. */
function listSecrets({ account, instances }: Declarations, references: References): readonly Sensitive[] {
  const declared = instances.flatMap(({ configuration }) => Object.values(configuration));
  const whole = [account.userSecret, account.organizationSecret, ...declared].flatMap((value) =>
    value.kind === 'sensitive' ? [value] : [],
  );
  // The service may name the user of an address, or one line of a JSON text, alone.
  const parts = whole.flatMap((value) =>
    value.references.map((reference) => ({
      ...{ ...value, template: writeReference(reference), references: [reference] },
    })),
  );
  return [...whole, ...parts].flatMap((value) => {
    const resolved = references.resolve(value);
    return 'value' in resolved ? [resolved.value] : [];
  });
}

function refuseUnset(unset: readonly UnsetReference[]): void {
  if (unset.length === 0) return;
  const names = [...new Set(unset.map((one) => one.reference.name))].sort();
  const diagnostics = unset.map(({ reference, path, address, source }): Diagnostic => ({
    ...{ severity: 'error', code: 'missing_reference', summary: `${reference.name} is not set, or empty` },
    ...{ detail: `${path} needs it`, path, ...(address === null ? {} : { address }), ...source },
  }));
  throw new InstateError('missing_reference', `not set, or empty: ${names.join(', ')}`, {
    hint: hintOfMissing(names),
    diagnostics,
  });
}
