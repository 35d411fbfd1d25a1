import type { DriftKind } from '../core/drift-kinds.ts';

/** What people can do about a finding, one sentence for each kind. */
export const advice: Readonly<Record<DriftKind, string>> = {
  changed: 'set it back in the account, or declare what lives there',
  missing: 'instate apply creates what is declared and forgets what is not',
  duplicate: 'delete the one too many in the account, or take its ownership tag off',
  foreign: 'find out whose it is: its tag names another project or address',
  credential:
    'set the declared credential in the account; if it is in place there already: instate state accept ADDRESS',
  disabled: 'find out who switched it off; enable it in the account',
  invalid: 'authenticate it again in the account',
  retired: 'ask the vendor for the element that takes its place',
  unreachable: 'read the words of the vendor; often the credentials have expired',
  untagged:
    'put the ownership tag back (instate state show ADDRESS has it): without it a lost state does not find the instance',
  pending: 'instate recover --wait settles it, and so does the next apply',
  stray: 'declare its address, and apply adopts it; or delete it in the account',
  unmanaged: 'declare it with its id to manage it, or leave it as it is',
  unknown: 'look again: instate show ADDRESS',
};
