/** Something that is declared under one name after the other. */
export interface Identity {
  /** The last is the current one. */
  readonly addresses: readonly string[];
  readonly name: string;
  readonly declared: boolean;
}

/** An instance as the account has it. */
export interface Live {
  readonly id: number;
  readonly name: string;
  readonly tags: readonly string[];
  readonly token: string;
  /** A copy that somebody made in the account, or nobody's. */
  readonly byHand: boolean;
}

/** The world in the simplest words: what is declared, and what lives. It knows nothing of states, intents and plans. */
export interface Model {
  readonly identities: readonly Identity[];
  readonly live: ReadonlyMap<number, Live>;
  /** The highest id that was ever seen. */
  readonly top: number;
  /** Creates that the service will do later, by identity's name, with their time (ms). */
  readonly pending: readonly { readonly name: string; readonly at: number }[];
  /** Creates in a row by which nothing came to be recorded, by identity's name. */
  readonly lost: ReadonlyMap<string, number>;
}

const tag = 'instate:crm:';
export const currentAddress = ({ addresses }: Identity): string => addresses.at(-1) ?? '';

/** Nothing at all. Ids of the sandbox begin above `top`. */
export const emptyModel: Model = {
  ...{ identities: [], live: new Map(), top: 500_000, pending: [], lost: new Map() },
};

/** A name that was never used. */
export function addIdentity(model: Model): Model {
  const number = model.identities.length + 1;
  const identity = { addresses: [`i${String(number)}`], name: `N${String(number)}`, declared: true };
  return { ...model, identities: [...model.identities, identity] };
}

/** Puts a changed identity in its place. */
export function replaceIdentity(model: Model, name: string, change: Partial<Identity>): Model {
  const identities = model.identities.map((one) => (one.name === name ? { ...one, ...change } : one));
  return { ...model, identities };
}

/** Whose address it is, under any of its names. */
export function findIdentity(model: Model, address: string): Identity | null {
  return model.identities.find(({ addresses }) => addresses.includes(address)) ?? null;
}

/** Whose tag these are. */
export function findOwner(model: Model, tags: readonly string[]): Identity | null {
  const own = tags.find((one) => one.startsWith(tag));
  return own === undefined ? null : findIdentity(model, own.slice(tag.length));
}

/** What lives with a tag of an identity. */
export function listOf(model: Model, identity: Identity): readonly Live[] {
  return [...model.live.values()].filter(({ tags }) => findOwner(model, tags)?.name === identity.name);
}

/** The recorded instances that are gone, if so many are that instate must ask (safety.md A5); else null. */
export function countMassMissing(model: Model, recorded: readonly number[]): number | null {
  const missing = recorded.filter((id) => !model.live.has(id)).length;
  const all = recorded.length >= 2 && missing === recorded.length;
  return all || missing > Math.max(5, recorded.length * 0.2) ? missing : null;
}

/** The files: what is declared, and under which names it was declared before. */
export function writeDeclarations({ identities }: Model): string {
  const declared = identities.filter((one) => one.declared);
  const blocks = declared.map((one) =>
    [
      `  ${currentAddress(one)}:`,
      '    element: closeio',
      `    name: ${one.name}`,
      '    tags: [t]',
      '    configuration:',
      '      username: "${env:USERNAME}"',
      '      password: "${env:PASSWORD}"',
    ].join('\n'),
  );
  const moves = declared.flatMap((one) =>
    one.addresses.slice(0, -1).map((from) => `  ${from}: ${currentAddress(one)}`),
  );
  const moved = moves.length === 0 ? '' : `moved:\n${moves.join('\n')}\n`;
  return `version: 1\nproject: crm\n${moved}instances:\n${blocks.join('\n')}\n`;
}
