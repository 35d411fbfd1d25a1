import type { Address, LiveInstance } from './model.ts';

const shape = /^instate:([a-z0-9][a-z0-9-]{0,31}):([a-z0-9][a-z0-9._-]{0,62})$/;

/** Who a tag says an instance belongs to. A hint, not a proof: people clone instances, tags and all (safety.md B3). */
export interface Owner {
  readonly project: string;
  readonly address: Address;
}

/** `instate:<project>:<address>`: the one tag that instate adds, last in the list. */
export function writeOwnershipTag(owner: Owner): string {
  return `instate:${owner.project}:${owner.address}`;
}

/** The owner that a tag names, or null if it is no ownership tag. */
export function readOwnershipTag(tag: string): Owner | null {
  const [, project, address] = shape.exec(tag) ?? [];
  return project !== undefined && address !== undefined ? { project, address } : null;
}

/** Every owner that an instance's tags name; usually none or one. */
export function listOwners(instance: LiveInstance): readonly Owner[] {
  return (instance.tags ?? []).map(readOwnershipTag).filter((owner) => owner !== null);
}

/** The tags that people chose: what is compared and printed. */
export function dropOwnershipTags(tags: readonly string[]): readonly string[] {
  return tags.filter((tag) => readOwnershipTag(tag) === null);
}
