import type { LiveInstance } from './model.ts';
import { listOwners, writeOwnershipTag, type Owner } from './ownership.ts';

/** What an answer to a POST must match before it counts (safety.md C5). */
export interface Asked {
  readonly element: string;
  readonly name: string;
  readonly tag: string | null;
  readonly isKnown: (id: number) => boolean;
}

/**
 * `ours`: it is what was asked for. `untagged`: it may be, but no ownership tag is in the answer (ask again by GET,
 * B4). `other`: it speaks of another instance, somebody else's by its tag perhaps, so nothing is known of ours.
 */
export function judgeAnswer(instance: LiveInstance, asked: Asked): 'ours' | 'untagged' | 'other' {
  if (instance.element !== asked.element || instance.name !== asked.name || asked.isKnown(instance.id))
    return 'other';
  // A tag that was cut short is ours all the same, and not kept.
  const isForeign = (owner: Owner) => !(asked.tag ?? '').startsWith(writeOwnershipTag(owner));
  if (listOwners(instance).some(isForeign)) return 'other';
  return asked.tag === null || instance.tags?.includes(asked.tag) ? 'ours' : 'untagged';
}
