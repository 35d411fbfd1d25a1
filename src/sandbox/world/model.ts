import type { Element } from './catalogue.ts';

/** The person whose secrets an account answers to; shown in each of its instances (docs: shape of an instance, CH18). */
export interface User {
  readonly id: number;
  readonly emailAddress: string;
  readonly firstName: string;
  readonly lastName: string;
}

/** Configuration as kept and as read: strings or null, whatever was sent (docs: values come back as strings, DP). */
export type Configuration = Readonly<Record<string, string | null>>;

/** One connector instance as stored. A change makes a new one in its place. */
export interface Instance {
  readonly id: number;
  readonly token: string;
  /** ISO 8601 in UTC, to the second. */
  readonly createdDate: string;
  readonly name: string;
  readonly tags: readonly string[];
  readonly element: Element;
  /** What was sent, in clear; the keys that the service adds are not in it. */
  readonly configuration: Configuration;
  readonly disabled: boolean;
  readonly traceLoggingEnabled: boolean;
  readonly user: User;
}

/** What a new instance is made of. */
export type Draft = Pick<Instance, 'name' | 'tags' | 'element' | 'configuration'>;

/** All that belongs to one pair of user and organization secret. */
export interface Account {
  readonly userSecret: string;
  readonly user: User;
  readonly instances: Map<number, Instance>;
  /** The ids that lists show, ascending. An instance that a fault hides is in `instances` only. */
  readonly listed: number[];
}
