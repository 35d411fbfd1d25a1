import type {
  Declarations,
  Listing,
  Projection,
  RecordedInstance,
  RecordedState,
  SensitiveTemplate,
} from '../core/model.ts';
import {
  joinAddresses,
  listHidden,
  type CredentialReading,
  type CredentialReadings,
  type Observation,
} from '../core/observation.ts';
import type { Fingerprints, ReadInstances, References } from '../ports.ts';

/** What observing needs. */
export interface Eyes {
  /** null: offline, no request is made. */
  readonly api: { readonly read: ReadInstances } | null;
  readonly references: References;
  readonly fingerprints: Fingerprints;
  /** Keep instance tokens of the listing; only for a run that records them (safety.md E3). */
  readonly tokens: boolean;
  /** Resolves after `ms`: between two looks at a list that hides something. */
  readonly pause: (ms: number) => Promise<void>;
  /** Monotonic clock, ms. */
  readonly monotonic: () => number;
}

/** What this very run has done already. */
export interface Past {
  readonly waitedFor: ReadonlySet<string>;
  readonly fresh: ReadonlySet<number>;
}

const nothing: Past = { waitedFor: new Set(), fresh: new Set() };
/** So many of them are asked for at most; the newest ones. */
const mostWitnesses = 5;
/** How long a list that hides what lives is given to catch up, ms. */
const pauses = [300, 1_000];

/**
 * Takes the three readings. Writes nothing. Requests: the list's pages, and one GET for each recorded or pinned id that the
 * list lacks (and a few that lived before an open create); twice or three times where such an id lives.
 */
export async function observe(
  declarations: Declarations,
  recorded: RecordedState,
  eyes: Eyes,
  past: Past = nothing,
): Promise<Observation> {
  const credentials = readCredentials(declarations, recorded, eyes);
  const base = { declarations, recorded, credentials, ...past };
  const { monotonic, pause } = eyes;
  if (eyes.api === null) return { ...base, seenAt: monotonic(), listing: null, probes: new Map() };
  const look = {
    read: eyes.api.read,
    options: { projection: project(declarations, recorded), tokens: eyes.tokens },
  };
  const lookNow = async (): Promise<Observation> => {
    const looked = await lookOnce(base, look);
    return { ...base, ...looked, seenAt: monotonic() };
  };
  let seen = await lookNow();
  // A list that lacks what lives proves no absence (safety.md A1): it gets another chance to be whole.
  for (const ms of pauses) {
    if (listHidden(seen).length === 0) break;
    await pause(ms);
    seen = await lookNow();
  }
  return seen;
}

/** The same readings with the credentials that are at hand by now. */
export function readAgain(observation: Observation, eyes: Eyes): Observation {
  const { declarations, recorded } = observation;
  return { ...observation, credentials: readCredentials(declarations, recorded, eyes) };
}

interface Look {
  readonly read: ReadInstances;
  readonly options: { readonly projection: Projection; readonly tokens: boolean };
}

type Sides = Pick<Observation, 'declarations' | 'recorded'>;

/** One listing, and a GET for each recorded or pinned id that it lacks: a list proves presence, never absence (A1). */
async function lookOnce(
  sides: Sides,
  { read, options }: Look,
): Promise<Pick<Observation, 'probes'> & { listing: Listing }> {
  const listing = await listTwiceWhereEmpty(sides, { read, options });
  if (!listing.complete) return { listing, probes: new Map() };
  const listed = new Set(listing.instances.map((instance) => instance.id));
  const isLacking = (id: number) => !listed.has(id);
  const pins = sides.declarations.instances.flatMap((one) => one.id ?? []);
  const wanted = new Set([
    ...[...sides.recorded.instances.map((row) => row.instanceId), ...pins].filter(isLacking),
    ...listWitnesses(sides.recorded).filter(isLacking).slice(-mostWitnesses),
  ]);
  const probes = await Promise.all([...wanted].map(async (id) => [id, await read.get(id, options)] as const));
  return { listing, probes: new Map(probes) };
}

/**
 * Ids that lived before a create that is still open. If one of them lives and the list lacks it, the list proves no absence of
 * what the create made either (safety.md A1, C2). A few will do: they are somebody else's, and may be gone for good.
 */
function listWitnesses({ intents }: RecordedState): readonly number[] {
  return [...new Set(intents.flatMap(({ knownIds }) => knownIds.ids))].sort((a, b) => a - b);
}

/** A5: with an empty state, an empty account is believed only when it says so twice. */
async function listTwiceWhereEmpty({ recorded }: Sides, { read, options }: Look): Promise<Listing> {
  const listing = await read.list(options);
  const doubtful = recorded.instances.length === 0 && listing.complete && listing.instances.length === 0;
  return doubtful ? read.list(options) : listing;
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
