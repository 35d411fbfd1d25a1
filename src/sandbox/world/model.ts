import type { AuditEntry } from '../accounts/model.ts';
import type { Formula, FormulaInstance } from '../formulas/model.ts';
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
  /** When trace logging turns itself off, wall clock in milliseconds; Infinity if it does not, null while it is off. */
  readonly tracedUntil: number | null;
  readonly user: User;
}

/** What a new instance is made of. */
export type Draft = Pick<Instance, 'name' | 'tags' | 'element' | 'configuration'>;

/** A JSON object that a client made, kept as it was sent. */
export type Kept = Readonly<Record<string, unknown>>;

/** What those who use an instance made behind it. It goes with the instance. */
export interface Belongings {
  /** Records of the vendor by resource and id; a resource that nobody wrote to is not in it. */
  readonly records: Map<string, Map<string, Kept>>;
  /** Object definitions by the object's name. */
  readonly definitions: Map<string, Kept>;
  /** Transformations by the object's name. */
  readonly transformations: Map<string, Kept>;
  /** Oldest first. */
  readonly events: Kept[];
}

/** All that belongs to one pair of user and organization secret. */
export interface Account {
  readonly userSecret: string;
  readonly organizationSecret: string;
  /** Its id is the account's too, so that a client which knows one can use the other; the service has two. */
  readonly user: User;
  readonly instances: Map<number, Instance>;
  /** The ids that lists show, ascending. An instance that a fault hides is in `instances` only. */
  readonly listed: number[];
  /** Clones of elements, by id. */
  readonly clones: Map<number, Element>;
  /** By instance id, for those that have any. */
  readonly belongings: Map<number, Belongings>;
  /** The organization's object definitions, by the object's name. */
  readonly definitions: Map<string, Kept>;
  /** The organization's transformations, by element id and the object's name. */
  readonly transformations: Map<number, Map<string, Kept>>;
  readonly formulas: Map<number, Formula>;
  readonly formulaInstances: Map<number, FormulaInstance>;
  /** Grant codes that made an instance: each is good for one (docs: OAuth without a person, CE). */
  readonly spentCodes: Set<string>;
  /** What calls changed of instances, oldest first; no more than 2,000. */
  readonly audit: AuditEntry[];
}
