import type {
  Declarations,
  Listing,
  Probe,
  Projection,
  RecordedInstance,
  RecordedState,
  SensitiveTemplate,
} from '../core/model.ts';
import {
  joinAddresses,
  type CredentialReading,
  type CredentialReadings,
  type Observation,
} from '../core/observation.ts';
import type { Fingerprints, Gate, ReadInstances, References } from '../ports.ts';

/** What observing needs. */
export interface Eyes {
  /** null: offline, no request is made. */
  readonly api: { readonly read: ReadInstances; readonly gate: Gate } | null;
  readonly references: References;
  readonly fingerprints: Fingerprints;
  /** Keep instance tokens of the listing; only for a run that records them (safety.md E3). */
  readonly tokens: boolean;
}

/** Takes the three readings. Writes nothing. Requests: the list's pages, and one GET for each id that the list lacks. */
export async function observe(
  declarations: Declarations,
  recorded: RecordedState,
  eyes: Eyes,
  waitedFor: ReadonlySet<string> = new Set(),
): Promise<Observation> {
  const projection = project(declarations, recorded);
  const listing =
    eyes.api === null ? null : await listTwiceWhereEmpty(eyes.api.read, projection, recorded, eyes.tokens);
  const probes =
    listing === null
      ? new Map<number, Probe>()
      : await probeAbsent(declarations, recorded, listing, projection, eyes);
  return {
    declarations,
    recorded,
    listing,
    probes,
    credentials: readCredentials(declarations, recorded, eyes),
    waitedFor,
  };
}

/** Which configuration keys are worth keeping, by element: those that somebody declared or recorded. */
export function project(declarations: Declarations, recorded: RecordedState): Projection {
  const projection = new Map<string, Map<string, 'plain' | 'sensitive'>>();
  const keep = (element: string, key: string, kind: 'plain' | 'sensitive') => {
    const keys = projection.get(element) ?? new Map<string, 'plain' | 'sensitive'>();
    projection.set(element, keys.set(key, keys.get(key) === 'sensitive' ? 'sensitive' : kind));
  };
  for (const { element, configuration } of declarations.instances) {
    for (const [key, value] of Object.entries(configuration)) keep(element, key, value.kind);
  }
  for (const { element, configuration, credentials } of recorded.instances) {
    for (const key of Object.keys(configuration)) keep(element, key, 'plain');
    for (const path of Object.keys(credentials))
      keep(element, path.replace(/^configuration\./, ''), 'sensitive');
  }
  return projection;
}

/** A5: with an empty state, an empty account is believed only when it says so twice. */
async function listTwiceWhereEmpty(
  read: ReadInstances,
  projection: Projection,
  recorded: RecordedState,
  tokens: boolean,
): Promise<Listing> {
  const listing = await read.list({ projection, tokens });
  const doubtful = recorded.instances.length === 0 && listing.complete && listing.instances.length === 0;
  return doubtful ? read.list({ projection, tokens }) : listing;
}

/** A1: a list proves presence, never absence, so every recorded or pinned id that it lacks is asked for by itself. */
async function probeAbsent(
  declarations: Declarations,
  recorded: RecordedState,
  listing: Listing,
  projection: Projection,
  { api, tokens }: Eyes,
): Promise<ReadonlyMap<number, Probe>> {
  const listed = new Set(listing.instances.map((instance) => instance.id));
  const pins = declarations.instances.flatMap((one) => (one.id === null ? [] : [one.id]));
  const wanted = [...new Set([...recorded.instances.map((row) => row.instanceId), ...pins])].filter(
    (id) => !listed.has(id),
  );
  if (api === null || !listing.complete) return new Map();
  const probes = await Promise.all(
    wanted.map(async (id) => {
      const permit = await api.gate.acquire();
      try {
        return [id, await api.read.get(id, { projection, tokens })] as const;
      } finally {
        permit.release();
      }
    }),
  );
  return new Map(probes);
}

/** Resolves every declared credential that can be, and holds it against the one last applied. */
function readCredentials(
  declarations: Declarations,
  recorded: RecordedState,
  eyes: Eyes,
): CredentialReadings {
  const { rows } = joinAddresses(declarations, recorded);
  const readOne = (
    row: RecordedInstance | undefined,
    key: string,
    template: SensitiveTemplate,
  ): CredentialReading => {
    const resolved = eyes.references.resolve(template);
    if ('missing' in resolved) return { value: null, missing: resolved.missing, applied: 'unverified' };
    if (row === undefined) return { value: resolved.value, missing: [], applied: 'unverified' };
    const applied = eyes.fingerprints.compare(row.row, `configuration.${key}`, resolved.value);
    return { value: resolved.value, missing: [], applied };
  };
  return new Map(
    declarations.instances.map(({ address, configuration }) => {
      const readings = new Map<string, CredentialReading>();
      for (const [key, value] of Object.entries(configuration)) {
        if (value.kind === 'sensitive') readings.set(key, readOne(rows.get(address), key, value));
      }
      return [address, readings] as const;
    }),
  );
}
