import type { IncomingHttpHeaders } from 'node:http';
import type { Account, Instance } from '../world/model.ts';
import type { World } from '../world/world.ts';
import type { Reply } from './answers.ts';

/** What faults ask of a list call. */
export interface PageFaults {
  /** One page comes twice, in place of the one after it. */
  readonly repeat: boolean;
  /** Changes the account that is listed between two pages, given the last id of the first; null where nothing is to change. */
  readonly drift: ((account: Account, lastSeen: number) => void) | null;
}

/** A request that found its route, whoever sent it. */
export interface OpenCall {
  readonly world: World;
  /** The `{…}` of the route, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly headers: Readonly<IncomingHttpHeaders>;
  /** The body as it came, empty if there was none. */
  readonly text: string;
}

/** A request whose secrets are known. */
export interface Call extends OpenCall {
  readonly account: Account;
  /** The instance that the Element token names; null on calls that need none. */
  readonly bearer: Instance | null;
  readonly pageFaults: PageFaults;
}

/** Does what a request asks for, at once. */
export type Handler = (call: Call) => Reply;

/** The same for a call that needs no secrets. */
export type OpenHandler = (call: OpenCall) => Reply;
