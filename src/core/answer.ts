import type { LiveInstance } from './model.ts';

/** What an answer to a POST must match before it counts (safety.md C5). */
export interface Asked {
  readonly element: string;
  readonly name: string;
  readonly tag: string | null;
  readonly isKnown: (id: number) => boolean;
}

/**
 * `ours`: it is what was asked for. `untagged`: it is, but the ownership tag is not in the answer (ask again by GET,
 * B4). `other`: it speaks of another instance, so nothing is known of ours.
 */
export function judgeAnswer(instance: LiveInstance, asked: Asked): 'ours' | 'untagged' | 'other' {
  if (instance.element !== asked.element || instance.name !== asked.name || asked.isKnown(instance.id))
    return 'other';
  return asked.tag === null || instance.tags?.includes(asked.tag) ? 'ours' : 'untagged';
}
