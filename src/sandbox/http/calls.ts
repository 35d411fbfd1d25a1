import type { Reply } from './answers.ts';
import type { Account, Instance } from '../world/model.ts';
import type { World } from '../world/world.ts';

/** What faults ask of a list call. */
export interface PageFaults {
  /** One page comes twice, in place of the one after it. */
  readonly repeat: boolean;
  /** Changes the account between two pages, given the last id of the first; null where nothing is to change. */
  readonly drift: ((lastSeen: number) => void) | null;
}

/** A request that reached its handler: routed, and its secrets known. */
export interface Call {
  readonly world: World;
  readonly account: Account;
  /** The instance that the Element token names; null on calls that need none. */
  readonly bearer: Instance | null;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** The body as it came, empty if there was none. */
  readonly text: string;
  readonly pageFaults: PageFaults;
}

/** Does what a request asks for, at once. */
export type Handler = (call: Call) => Reply;
