import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Holder, Intent, KnownIds } from '../../src/core/model.ts';
import { Sensitive } from '../../src/core/sensitive.ts';
import type { Diagnostic } from '../../src/diagnostics.ts';
import type { BoundInstance, Lock, StateStore } from '../../src/ports.ts';
import { openState, type OpenStateOptions } from '../../state/open.ts';

/** The wall clock of all state tests, ms. */
export const sampleTime = Date.UTC(2026, 0, 2, 3, 4, 5);
export const sampleKey = `base64:${Buffer.alloc(32, 7).toString('base64')}`;
export const otherKey = `base64:${Buffer.alloc(32, 8).toString('base64')}`;

export const sampleHolder: Holder = {
  pid: 4711,
  host: 'build-7',
  user: 'ada',
  command: 'apply --auto-approve',
  since: '2026-01-02T03:04:05.000Z',
  ciUrl: null,
};

export const noWait = { timeoutMs: 0, onWait: (): void => undefined };

export function takeLock(store: StateStore): Promise<Lock> {
  return store.lock(sampleHolder, noWait);
}

export function sampleIntent(address: string, fields: Partial<Intent> = {}): Intent {
  return {
    id: randomUUID(),
    address,
    row: randomUUID(),
    element: 'insightly',
    name: `Name of ${address}`,
    tags: ['crm', `instate:shop:${address}`],
    configuration: { 'base.url': 'https://eu.example.com', region: null },
    tag: `instate:shop:${address}`,
    openedAt: sampleTime,
    sendBy: sampleTime + 5000,
    resolveAfter: sampleTime + 185_000,
    serviceAhead: 250,
    knownIds: knownIds(11, 12),
    ...fields,
  };
}

export function knownIds(...ids: readonly number[]): KnownIds {
  return { ids };
}

export function sampleInstance(instanceId: number, fields: Partial<BoundInstance> = {}): BoundInstance {
  return {
    instanceId,
    element: 'insightly',
    name: `Instance ${instanceId.toString()}`,
    tags: ['crm'],
    configuration: { 'base.url': 'https://eu.example.com' },
    tag: null,
    user: null,
    ...fields,
  };
}

/** Opens an intent and settles it as created, as apply does; answers the intent. */
export async function createRecorded(
  lock: Lock,
  address: string,
  instanceId: number,
  secrets: { readonly credentials?: Readonly<Record<string, string>>; readonly token?: string } = {},
): Promise<Intent> {
  const intent = sampleIntent(address);
  const entries = Object.entries(secrets.credentials ?? {});
  const credentials = Object.fromEntries(entries.map(([path, value]) => [path, new Sensitive(value)]));
  await lock.openIntent(intent, null, credentials);
  await lock.settle(intent.id, {
    kind: 'created',
    instance: sampleInstance(instanceId),
    token: secrets.token === undefined ? null : new Sensitive(secrets.token),
    tagProven: false,
  });
  return intent;
}

type Overrides = Partial<Omit<OpenStateOptions, 'stateKey' | 'oldStateKey'>> & KeyTexts;

/** State keys as text. */
export interface KeyTexts {
  readonly stateKey?: string | null;
  readonly oldStateKey?: string | null;
}

/** State keys as a store takes them; what is left out stays out. */
export function wrapKeys(keys: KeyTexts): Partial<Pick<OpenStateOptions, 'stateKey' | 'oldStateKey'>> {
  const wrap = (text: string | null): Sensitive | null => (text === null ? null : new Sensitive(text));
  const { stateKey, oldStateKey } = keys;
  return {
    ...(stateKey === undefined ? {} : { stateKey: wrap(stateKey) }),
    ...(oldStateKey === undefined ? {} : { oldStateKey: wrap(oldStateKey) }),
  };
}

/** A folder of one test; `dispose` removes it. */
export interface StateFolder {
  readonly path: string;
  readonly location: string;
  readonly options: OpenStateOptions;
  /** What the stores of this folder have said. */
  readonly said: readonly Diagnostic[];
  /** The keys as text. */
  open(overrides?: Overrides): StateStore;
  dispose(): Promise<void>;
}

/** The state lies in a folder that does not exist as yet; the key file would lie in another one. */
export async function makeStateFolder(): Promise<StateFolder> {
  const path = await mkdtemp(join(tmpdir(), 'instate-test-'));
  const said: Diagnostic[] = [];
  const location = join(path, '.instate', 'state.db');
  const options: OpenStateOptions = {
    location,
    stateKey: new Sensitive(sampleKey),
    oldStateKey: null,
    keyFile: join(path, 'config', 'instate', 'state.key'),
    ci: false,
    tempFolder: path,
    toolVersion: '0.1.0',
    now: () => sampleTime,
    newId: randomUUID,
    notify: (diagnostic) => {
      said.push(diagnostic);
    },
  };
  return {
    path,
    location,
    options,
    said,
    open: ({ stateKey, oldStateKey, ...rest }: Overrides = {}) => {
      const keys = {
        ...(stateKey === undefined ? {} : { stateKey }),
        ...(oldStateKey === undefined ? {} : { oldStateKey }),
      };
      return openState({ ...options, ...rest, ...wrapKeys(keys) });
    },
    dispose: () => rm(path, { recursive: true, force: true }),
  };
}
