import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { openSensitive, Sensitive } from '../src/core/sensitive.ts';

/**
 * What one master key can do for one state (safety.md E4). The subkeys live in closures only: printing the object
 * shows none of them.
 */
export interface Keys {
  /** Public: tells which key a state was written under. */
  readonly id: string;
  /** Proves that a key with the same id is the same key. */
  readonly check: string;
  /** The token as an envelope, bound to the instance that it opens; not to the address, so that it survives `state mv`. */
  seal(instanceId: number, token: Sensitive): Buffer;
  /** The token of an envelope, or null if it was damaged, exchanged, or sealed for another instance. */
  open(instanceId: number, envelope: Buffer): Sensitive | null;
  /** Of a credential, bound to its row and path: the same value elsewhere has another fingerprint. */
  fingerprint(row: string, path: string, value: Sensitive): Buffer;
}

const envelopeVersion = 1;
const nonceBytes = 12;
const tagBytes = 16;

/** Subkeys by HKDF-SHA256, salted with the lineage: one master key may serve many states and none can read another's. */
export function deriveKeys(master: Buffer, lineage: string): Keys {
  const derive = (purpose: string): Buffer => Buffer.from(hkdfSync('sha256', master, lineage, purpose, 32));
  const tokenKey = derive('token/v1');
  const fingerprintKey = derive('fingerprint/v1');
  const checkKey = derive('check/v1');
  const id = sign(checkKey, ['key id']).toString('hex', 0, 8);
  const bind = (instanceId: number): Buffer =>
    frame([envelopeVersion.toString(), lineage, instanceId.toString(), 'token', id]);
  return {
    id,
    check: sign(checkKey, ['check value', id]).toString('hex', 0, 16),
    seal: (instanceId, token) => sealText(tokenKey, bind(instanceId), openSensitive(token)),
    open: (instanceId, envelope) => openEnvelope(tokenKey, bind(instanceId), envelope),
    fingerprint: (row, path, value) => sign(fingerprintKey, [row, path, openSensitive(value)]),
  };
}

/** Layout: version (1 byte), nonce (12), authentication tag (16), cipher text. */
function sealText(key: Buffer, bound: Buffer, text: string): Buffer {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes });
  cipher.setAAD(bound);
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([Buffer.of(envelopeVersion), nonce, cipher.getAuthTag(), sealed]);
}

function openEnvelope(key: Buffer, bound: Buffer, envelope: Buffer): Sensitive | null {
  const start = 1 + nonceBytes + tagBytes;
  if (envelope[0] !== envelopeVersion || envelope.length < start) return null;
  const nonce = envelope.subarray(1, 1 + nonceBytes);
  const cipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes });
  cipher.setAAD(bound);
  cipher.setAuthTag(envelope.subarray(1 + nonceBytes, start));
  try {
    return new Sensitive(
      Buffer.concat([cipher.update(envelope.subarray(start)), cipher.final()]).toString('utf8'),
    );
  } catch {
    return null;
  }
}

function sign(key: Buffer, parts: readonly string[]): Buffer {
  return createHmac('sha256', key).update(frame(parts)).digest();
}

/** Each part with its length before it, so that no two lists of parts give the same bytes. */
function frame(parts: readonly string[]): Buffer {
  return Buffer.concat(
    parts.flatMap((part) => {
      const bytes = Buffer.from(part, 'utf8');
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.length);
      return [length, bytes];
    }),
  );
}
