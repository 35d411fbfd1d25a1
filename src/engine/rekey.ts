import type { Declarations, RecordedState } from '../core/model.ts';
import { joinAddresses } from '../core/observation.ts';
import type { Sensitive } from '../core/sensitive.ts';
import { InstateError } from '../errors.ts';
import type { ReadInstances, References } from '../ports.ts';
import { refuseOtherAccount } from './account.ts';

/** By row id, then by path. */
export type CredentialsByRow = ReadonlyMap<string, Readonly<Record<string, Sensitive>>>;

/**
 * The declared credentials that are at hand, under the rows whose fingerprints they may be: recorded ones and those of
 * open creates. Throws `wrong_state` or `wrong_account` if state and files are not of one project and account: the
 * credentials of another one would all look changed.
 */
export function gatherCredentials(
  declarations: Declarations,
  recorded: RecordedState,
  references: References,
): CredentialsByRow {
  refuseOtherAccount(declarations, recorded, null);
  const { declared, rows, resolve } = joinAddresses(declarations, recorded);
  const owners = [
    ...[...rows].map(([address, { row }]) => ({ address, row })),
    ...recorded.intents.map(({ address, row }) => ({ address: resolve(address), row })),
  ];
  return new Map(
    owners.map(({ address, row }) => {
      const configuration = address === null ? undefined : declared.get(address)?.configuration;
      const found = Object.entries(configuration ?? {}).flatMap(([key, value]) => {
        const resolved = value.kind === 'sensitive' ? references.resolve(value) : null;
        return resolved !== null && 'value' in resolved
          ? [[`configuration.${key}`, resolved.value] as const]
          : [];
      });
      return [row, Object.fromEntries(found)];
    }),
  );
}

/**
 * The tokens of recorded instances as the account shows them now, by instance id; sends GETs only. An instance that the
 * listing lacks has none. Throws what stops a plan (`wrong_account`, `incomplete_list` …), and `mass_missing` if none of
 * two or more recorded instances is there: that is more likely another account than a fact (safety.md A5).
 */
export async function readTokens(
  declarations: Declarations,
  recorded: RecordedState,
  read: ReadInstances,
): Promise<ReadonlyMap<number, Sensitive>> {
  refuseOtherAccount(declarations, recorded, null);
  const listing = await read.list({ projection: new Map(), tokens: true });
  refuseOtherAccount(declarations, recorded, listing);
  const listed = new Set(listing.instances.map(({ id }) => id));
  const ids = recorded.instances.map(({ instanceId }) => instanceId);
  if (ids.length >= 2 && !ids.some((id) => listed.has(id))) {
    throw new InstateError(
      'mass_missing',
      `none of ${String(ids.length)} recorded instances is in the account, so no token was read and nothing changed`,
      { hint: 'check the secrets; if they are really gone, let instate apply forget them first' },
    );
  }
  const own = new Set(ids);
  return new Map([...listing.tokens].filter(([id]) => own.has(id)));
}
