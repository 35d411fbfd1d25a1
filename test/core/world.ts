import type {
  Holder,
  Declaration,
  Declarations,
  DeclaredValue,
  Listing,
  LiveInstance,
  OpenIntent,
  Probe,
  RecordedInstance,
  RecordedState,
  SensitiveTemplate,
} from '../../src/core/model.ts';
import type { CredentialReading, Observation } from '../../src/core/observation.ts';
import { Sensitive } from '../../src/core/sensitive.ts';

/** Builders for the three readings; every test says only what it is about. */
const source = { file: 'instate.yaml', line: 1, column: 1 };

export function secret(...names: readonly string[]): SensitiveTemplate {
  const references = names.map((name) => ({ scheme: 'env' as const, name }));
  return { kind: 'sensitive', template: names.map((name) => `\${env:${name}}`).join(''), references, source };
}

export function plain(value: Extract<DeclaredValue, { kind: 'plain' }>['value']): DeclaredValue {
  return { kind: 'plain', value };
}

export function declare(address: string, given: Partial<Declaration> = {}): Declaration {
  return {
    address,
    element: 'insightly',
    name: address,
    tags: null,
    configuration: {},
    externalAuthentication: null,
    id: null,
    protect: false,
    ignore: [],
    source,
    ...given,
  };
}

export function live(id: number, given: Partial<LiveInstance> = {}): LiveInstance {
  return {
    id,
    element: 'insightly',
    name: `i${String(id)}`,
    tags: [],
    configuration: {},
    disabled: false,
    valid: true,
    retired: false,
    user: 7,
    createdDate: '2026-01-02T03:04:05Z',
    ...given,
  };
}

export function row(
  address: string,
  instanceId: number,
  given: Partial<RecordedInstance> = {},
): RecordedInstance {
  return {
    address,
    row: `row-${address}`,
    version: 1,
    instanceId,
    element: 'insightly',
    name: address,
    tags: null,
    configuration: {},
    credentials: {},
    tag: `instate:crm:${address}`,
    origin: 'created',
    recordedAt: '2026-01-02T03:04:05.000Z',
    tokenStored: true,
    ...given,
  };
}

export function intent(address: string, given: Partial<OpenIntent> = {}): OpenIntent {
  return {
    id: `intent-${address}`,
    address,
    row: `row-${address}`,
    element: 'insightly',
    name: address,
    tags: [],
    configuration: {},
    tag: `instate:crm:${address}`,
    openedAt: 1_000,
    sendBy: 2_000,
    resolveAfter: 100_000,
    serviceAhead: null,
    knownIds: { ids: [] },
    attempt: 1,
    vendorFailed: false,
    ...given,
  };
}

export interface World {
  readonly declared?: readonly Declaration[];
  readonly moved?: Readonly<Record<string, string>>;
  readonly user?: number;
  readonly baseUrl?: string;
  readonly ownership?: 'tag' | 'none';
  readonly recorded?: readonly RecordedInstance[];
  readonly state?: Partial<RecordedState>;
  /** null: offline. */
  readonly live?: readonly LiveInstance[] | null;
  readonly listing?: Partial<Listing>;
  readonly probes?: Readonly<Record<number, Probe>>;
  readonly credentials?: Readonly<Record<string, Readonly<Record<string, Partial<CredentialReading>>>>>;
  readonly waitedFor?: readonly string[];
  readonly fresh?: readonly number[];
}

/** An observation of the project `crm`; ids that are recorded or pinned and not live are proven missing unless said otherwise. */
export function observed(world: World): Observation {
  const declarations: Declarations = {
    project: 'crm',
    ownership: world.ownership ?? 'tag',
    account: {
      baseUrl: world.baseUrl ?? 'https://api.cloud-elements.com/elements/api-v2',
      user: world.user ?? null,
      userSecret: secret('CE_USER_SECRET'),
      organizationSecret: secret('CE_ORGANIZATION_SECRET'),
    },
    state: null,
    instances: [...(world.declared ?? [])].sort((a, b) => (a.address < b.address ? -1 : 1)),
    commands: [],
    moved: Object.entries(world.moved ?? {}).map(([from, to]) => ({ from, to, source })),
    files: ['instate.yaml'],
  };
  const recorded: RecordedState = {
    lineage: 'lineage',
    serial: 1,
    project: 'crm',
    account: null,
    instances: world.recorded ?? [],
    intents: [],
    tombstones: [],
    absences: new Map(),
    tagProven: false,
    lastApply: null,
    heldBy: null,
    ...world.state,
  };
  const listed = world.live ?? [];
  const ids = new Set(listed.map((one) => one.id));
  const wanted = [
    ...recorded.instances.map((one) => one.instanceId),
    ...declarations.instances.flatMap((one) => one.id ?? []),
  ];
  const proven = wanted.filter((id) => !ids.has(id)).map((id): [number, Probe] => [id, { kind: 'missing' }]);
  const given = Object.entries(world.probes ?? {}).map(([id, probe]): [number, Probe] => [Number(id), probe]);
  return {
    declarations,
    recorded,
    listing:
      world.live === null
        ? null
        : {
            complete: true,
            note: null,
            startedAt: 50_000,
            serviceAhead: null,
            instances: listed,
            tokens: new Map(),
            ...world.listing,
          },
    probes: new Map([...proven, ...given]),
    credentials: new Map(
      Object.entries(world.credentials ?? {}).map(([address, keys]) => [
        address,
        new Map(
          Object.entries(keys).map(([key, reading]) => [
            key,
            { value: new Sensitive('secret'), missing: [], applied: 'unverified' as const, ...reading },
          ]),
        ),
      ]),
    ),
    seenAt: 0,
    waitedFor: new Set(world.waitedFor ?? []),
    fresh: new Set(world.fresh ?? []),
  };
}

/** A run that holds the lock since before every intent of a world was opened. */
export const holder: Holder = {
  ...{ pid: 1, host: 'h', user: 'u', command: 'instate apply', ciUrl: null },
  since: '1970-01-01T00:00:00.000Z',
};
