/** Why no answer, or only a part of one, came back. In our words; no foreign error is kept (safety.md E1). */
export type FaultKind =
  | 'aborted'
  | 'timeout'
  | 'connect-timeout'
  | 'too-late'
  | 'again'
  | 'dns'
  | 'refused'
  | 'unreachable'
  | 'tls'
  | 'reset'
  | 'too-big'
  | 'not-http'
  | 'closed'
  | 'bad-port'
  | 'other';

export interface Fault {
  readonly kind: FaultKind;
  /** For `tls`: what is wrong with the certificate or the handshake, from a closed list. Else empty. */
  readonly detail: string;
  /** For `tls`: a certificate that the machine could be told to trust. */
  readonly trustable: boolean;
}

const kinds: Readonly<Record<string, FaultKind>> = {
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
  EAI_FAIL: 'dns',
  EAI_NODATA: 'dns',
  EAI_NONAME: 'dns',
  ECONNREFUSED: 'refused',
  EHOSTUNREACH: 'unreachable',
  EHOSTDOWN: 'unreachable',
  ENETUNREACH: 'unreachable',
  ENETDOWN: 'unreachable',
  EADDRNOTAVAIL: 'unreachable',
  EACCES: 'unreachable',
  EPERM: 'unreachable',
  ETIMEDOUT: 'connect-timeout',
  UND_ERR_CONNECT_TIMEOUT: 'connect-timeout',
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  UND_ERR_BODY_TIMEOUT: 'timeout',
  ECONNRESET: 'reset',
  ECONNABORTED: 'reset',
  EPIPE: 'reset',
  UND_ERR_SOCKET: 'reset',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'reset',
  UND_ERR_HEADERS_OVERFLOW: 'not-http',
  UND_ERR_RES_EXCEEDED_MAX_SIZE: 'too-big',
  UND_ERR_DESTROYED: 'closed',
  UND_ERR_CLOSED: 'closed',
};

const unknownAuthority = 'its certificate is signed by an authority that this machine does not know';
const selfSigned = 'its certificate is self-signed';
const certificates: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: selfSigned,
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate chain ends in a self-signed certificate',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownAuthority,
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet',
  CERT_REVOKED: 'its certificate was revoked',
  CERT_UNTRUSTED: 'its certificate is not trusted',
  CERT_REJECTED: 'its certificate was rejected',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host name',
  HOSTNAME_MISMATCH: 'its certificate is for another host name',
};
const trustable = new Set<string>([
  selfSigned,
  unknownAuthority,
  certificates['SELF_SIGNED_CERT_IN_CHAIN'] ?? '',
]);

/** A fault of our own making. */
export function faultOf(kind: FaultKind): Fault {
  return { kind, detail: '', trustable: false };
}

/** What an error of ky, undici or Node means. Reads its code, and those of its causes, and nothing else of it. */
export function readFault(error: unknown): Fault {
  for (const { code, message } of listCauses(error, 0)) {
    const certificate = Object.hasOwn(certificates, code) ? certificates[code] : undefined;
    if (certificate !== undefined) {
      return { kind: 'tls', detail: certificate, trustable: trustable.has(certificate) };
    }
    if (/^(?:ERR_TLS_|ERR_SSL_|EPROTO$|CERT_)/.test(code)) {
      return { kind: 'tls', detail: 'the TLS handshake failed', trustable: false };
    }
    if (code.startsWith('HPE_')) return faultOf('not-http');
    const kind = Object.hasOwn(kinds, code) ? kinds[code] : undefined;
    if (kind !== undefined) return faultOf(kind);
    // The fetch standard bars some ports; undici gives that no code.
    if (message === 'bad port') return faultOf('bad-port');
  }
  return faultOf('other');
}

interface Cause {
  readonly code: string;
  readonly message: string;
}

/** The error, the errors that it joins (one per address tried), and their causes, outermost first. */
function listCauses(error: unknown, depth: number): readonly Cause[] {
  if (!(error instanceof Error) || depth > 5) return [];
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const joined: readonly unknown[] = error instanceof AggregateError ? error.errors : [];
  return [
    { code, message: error.message },
    ...[error.cause, ...joined].flatMap((inner) => listCauses(inner, depth + 1)),
  ];
}
