const label = '(sensitive)';
const opened = new WeakMap<Sensitive, string>();

/**
 * A value that must not be seen: a credential, an account secret, an instance token. However it is printed, joined,
 * serialised or inspected, it says `(sensitive)`. Two of them can be compared without being opened.
 */
export class Sensitive {
  constructor(value: string) {
    opened.set(this, value);
  }

  /** Whether both hold the same text. */
  equals(other: Sensitive | string): boolean {
    const text = typeof other === 'string' ? other : opened.get(other);
    return opened.get(this) === text;
  }

  /** Whether an HTTP header can carry it: visible ASCII, and not empty. Nothing else can be a secret of the account. */
  isHeaderText(): boolean {
    return /^[\x21-\x7e]+$/.test(opened.get(this) ?? '');
  }

  toString(): string {
    return label;
  }

  toJSON(): string {
    return label;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return label;
  }
}

/** What stands wherever a sensitive value would. */
export const sensitiveLabel = label;

/**
 * The text itself. For the few places that need it; lint names them and refuses the import elsewhere: the request's header and body
 * (src/api/wire.ts), sealing, fingerprints and the state's key (state/crypto.ts, state/keyring.ts), templates and what a secret command gets
 * (src/config/references.ts), `${var:}` refusing a variable that holds a secret (src/config/shown.ts), and `output` (cmd/output.ts, cmd/output-exec.ts).
 */
export function openSensitive(secret: Sensitive): string {
  return opened.get(secret) ?? '';
}
