import { errorCodes } from '../errors.ts';

/** What a rule of a report stands for. */
export interface Rule {
  readonly id: string;
  /** One sentence. */
  readonly summary: string;
}

const plan = {
  create: 'Declared, and lives nowhere: apply creates it.',
  adopt: 'Lives already and is not recorded: apply records it.',
  update: 'Declared fields or a credential differ from what lives; this release changes nothing by itself.',
  replace: 'Only a new instance can be as declared; this release replaces nothing by itself.',
  delete: 'Recorded, no longer declared, and lives; this release deletes nothing.',
  forget: 'Recorded, no longer declared, and gone: apply drops the record.',
  conflict: 'Cannot be decided, read or waited for; the reason says what to do.',
  disabled: 'The instance is disabled: calls to its vendor answer 403.',
  invalid: 'The service calls the instance not valid.',
  retired: 'The element of the instance is retired.',
  'mass-missing':
    'So many recorded instances are missing that nothing is created until somebody confirms it.',
} as const;

const drift = {
  changed: 'What lives differs from what is declared or recorded.',
  missing: 'Declared or recorded, and gone.',
  duplicate: 'More than one live instance stands for one address.',
  foreign: 'The instance belongs to another project or address.',
  credential: 'A credential differs from the one last applied.',
  disabled: plan.disabled,
  invalid: plan.invalid,
  retired: plan.retired,
  unreachable: 'The vendor behind the instance did not answer its ping.',
  untagged: 'The instance has lost the ownership tag that it was given.',
  pending: 'A create was cut off and is not settled yet.',
  stray: 'The instance carries our ownership tag and is recorded nowhere.',
  unmanaged: 'The instance is neither declared nor recorded.',
  unknown: 'Nobody can tell how the instance is: it could not be read.',
  'mass-missing': plan['mass-missing'],
} as const;

const apply = {
  create: 'Created and recorded.',
  adopt: 'Recorded; it lived already.',
  forget: 'Its record was dropped.',
  failed: 'Was not created: the reason says what refused it.',
  uncertain: 'Nobody knows whether it was created; the next apply finds out.',
  'not-attempted': 'Was not tried.',
  held: 'Differs, and this release does not change it.',
} as const;

const all: readonly Rule[] = Object.entries({ plan, drift, apply }).flatMap(([command, rules]) =>
  Object.entries(rules).map(([kind, summary]) => ({ id: `${command}/${kind}`, summary })),
);
const known = new Map(all.map((rule) => [rule.id, rule]));

/** The rule of an id. One that no table has is a problem of the files or of the run, told by its code. */
export function describeRule(id: string): Rule {
  const found = known.get(id);
  if (found !== undefined) return found;
  const code = id.slice(id.indexOf('/') + 1);
  const isError = (errorCodes as readonly string[]).includes(code);
  const what = isError ? 'The run ended with this error' : 'The declarations or the run have this problem';
  return { id, summary: `${what}: ${code}.` };
}
