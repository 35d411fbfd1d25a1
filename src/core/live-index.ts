import type { Address, LiveInstance } from './model.ts';
import { findUser, listHidden, listLive, type Observation } from './observation.ts';
import { listOwners } from './ownership.ts';

/** The live side, looked up by id, owner or likeness. */
export interface LiveIndex {
  readonly all: readonly LiveInstance[];
  /** Those that may be this account's user's own; the others are candidates for nothing (A4). */
  readonly mine: readonly LiveInstance[];
  readonly byId: ReadonlyMap<number, LiveInstance>;
  /** Instances of this account's user that carry this project's tag for a name. */
  readonly owned: (name: Address) => readonly LiveInstance[];
  /** Instances of this account's user with this element and name, tagged or not. */
  readonly alike: (element: string, name: string) => readonly LiveInstance[];
  /** Ids that the state has a record of. */
  readonly recorded: ReadonlySet<number>;
  /** What lives and the listing lacks (`listHidden`). */
  readonly hidden: readonly LiveInstance[];
  /** Unrecorded instances of this element whose tags nobody could read: any of them may be anyone's. */
  readonly unread: (element: string) => readonly LiveInstance[];
  /** What is known of an id; `unknown` also where nobody asked (safety.md A1: a list never proves absence). */
  readonly look: (id: number) => LiveInstance | 'missing' | 'unknown';
}

/** Indexes everything live. Instances that show another user than the account's are candidates for nothing (A4). */
export function indexLive(observation: Observation): LiveIndex {
  const all = listLive(observation);
  const byId = new Map(all.map((instance) => [instance.id, instance]));
  const user = findUser(observation);
  const owned = new Map<Address, LiveInstance[]>();
  const alike = new Map<string, LiveInstance[]>();
  const recorded = new Set(observation.recorded.instances.map((row) => row.instanceId));
  const unread = all.filter((instance) => instance.tags === null && !recorded.has(instance.id));
  const mine = all.filter((one) => user === null || one.user === null || one.user === user);
  for (const instance of mine) {
    append(alike, likeness(instance.element, instance.name), instance);
    const owners = listOwners(instance).filter((owner) => owner.project === observation.declarations.project);
    for (const address of new Set(owners.map((owner) => owner.address))) append(owned, address, instance);
  }
  return {
    all,
    mine,
    byId,
    owned: (name) => owned.get(name) ?? [],
    alike: (element, name) => alike.get(likeness(element, name)) ?? [],
    recorded,
    hidden: listHidden(observation),
    unread: (element) => unread.filter((instance) => instance.element === element),
    look: (id) => {
      const probe = observation.probes.get(id);
      return byId.get(id) ?? (probe?.kind === 'missing' ? 'missing' : 'unknown');
    },
  };
}

function likeness(element: string, name: string): string {
  return `${element}\n${name}`;
}

function append(index: Map<string, LiveInstance[]>, key: string, instance: LiveInstance): void {
  const list = index.get(key);
  if (list === undefined) index.set(key, [instance]);
  else list.push(instance);
}
