import { findNearest, suggest } from '../src/config/nearest.ts';
import type { Address, Declarations, RecordedState } from '../src/core/model.ts';
import { everything, type Policy } from '../src/core/plan.ts';
import { InstateError } from '../src/errors.ts';
import type { Options } from './options.ts';

/** The addresses that `--target`, `--exclude` and `--select-tag` leave. A pattern that fits nothing is an error: it is a typing mistake. */
export function choosePolicy(
  { target, exclude, selectTag, untrusted }: Pick<Options, 'target' | 'exclude' | 'selectTag' | 'untrusted'>,
  declarations: Declarations,
  recorded: RecordedState,
): Policy {
  if (target.length + exclude.length + selectTag.length === 0) return everything;
  const addresses = [...declarations.instances, ...recorded.instances].map((one) => one.address);
  for (const glob of target) {
    if (untrusted || addresses.some(compileGlob(glob))) continue;
    const hint =
      suggest(findNearest(glob, addresses)) || 'instate state list and the declarations show the addresses';
    throw new InstateError('unknown_address', `--target ${glob} matches no declared or recorded address`, {
      hint,
    });
  }
  const [wanted, unwanted] = [target.map(compileGlob), exclude.map(compileGlob)];
  const tagged = selectTag.length === 0 ? null : findTagged(selectTag, declarations, recorded, untrusted);
  const includes = (address: Address) =>
    (wanted.length === 0 || wanted.some((fits) => fits(address))) &&
    !unwanted.some((fits) => fits(address)) &&
    (tagged?.has(address) ?? true);
  return { includes, filtered: true };
}

/** What bears one of these tags: as declared, or as recorded where it is no longer declared. A tag that nothing bears is a typing mistake. */
function findTagged(
  selectTag: readonly string[],
  { instances }: Declarations,
  recorded: RecordedState,
  lenient: boolean,
): ReadonlySet<Address> {
  const declared = new Set(instances.map(({ address }) => address));
  const all = [...instances, ...recorded.instances.filter(({ address }) => !declared.has(address))];
  const tags = new Set(all.flatMap((one) => one.tags ?? []));
  const unknown = selectTag.find((tag) => !tags.has(tag));
  // Of a stranger's files the variables in tags are not read.
  if (unknown !== undefined && !lenient) {
    throw new InstateError(
      'unknown_address',
      `--select-tag ${unknown}: nothing is declared or recorded with this tag`,
      {
        hint:
          suggest(findNearest(unknown, [...tags])) || 'the tags stand in the declarations, defaults included',
      },
    );
  }
  return new Set(
    all.filter((one) => one.tags?.some((tag) => selectTag.includes(tag))).map(({ address }) => address),
  );
}

/** `*` stands for any run of characters, `?` for one; the whole address must fit. */
function compileGlob(glob: string): (address: Address) => boolean {
  const pattern = [...glob]
    .map((one) => (one === '*' ? '.*' : one === '?' ? '.' : one.replace(/[\\^$.|+()[\]{}]/g, '\\$&')))
    .join('');
  const regex = new RegExp(`^${pattern}$`);
  return (address) => regex.test(address);
}

/** The error for an address that nobody knows. */
export function refuseUnknown(address: string, known: readonly Address[]): InstateError {
  const hint = suggest(findNearest(address, known)) || 'instate state list shows what is recorded';
  return new InstateError('unknown_address', `${address} is neither declared nor recorded`, { hint });
}

/** The error for an address that has no record. */
export function refuseUnrecorded(address: string, known: readonly Address[]): InstateError {
  const hint =
    suggest(findNearest(address, known)) || 'instate state list shows what is recorded; apply records';
  return new InstateError('unknown_address', `${address} is not recorded`, { hint });
}
