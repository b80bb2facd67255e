// What a deployment's certificate must be: the trust of one target, the checks after the handshake, and what each failure is called; it opens no socket.
import { createHash, type X509Certificate } from 'node:crypto';
import { createSecureContext, rootCertificates, type SecureContext, type TLSSocket } from 'node:tls';
import { AppError, type ErrorCode } from '#shared/errors.ts';
import type { Target } from './target.ts';

/** What was seen of the server's end of the encryption. */
export interface TlsFacts {
  readonly protocol: string;
  readonly subject: string | null;
  readonly issuer: string | null;
  /** As the certificate writes it, in ISO 8601. */
  readonly validTo: string | null;
  /** sha256/BASE64 of the SubjectPublicKeyInfo: what a pin would be. */
  readonly spki: string;
}

/** Smallest RSA key taken, in bits (NIST SP 800-131A). OpenSSL at level 1 and BoringSSL would both take less. */
const MIN_RSA_BITS = 2048;
const MAX_CHAIN = 16;

/**
 * The trust of one target: the built-in list of authorities, and its own CA beside them for this target alone. The environment adds nothing:
 * NODE_EXTRA_CA_CERTS and the system's store are not read, so the same deployment is judged alike on every machine.
 */
export function createTrust(target: Target): SecureContext {
  const own = target.caPem === null ? [] : target.caPem.split(/(?<=-----END CERTIFICATE-----)\n/);
  return createSecureContext({ ca: [...rootCertificates, ...own], minVersion: 'TLSv1.2' });
}

/** Refuses to run where the environment asks for certificates not to be checked. They would be checked all the same; but whoever set it believes otherwise. */
export function refuseDisabledVerification(env: NodeJS.ProcessEnv = process.env): void {
  if (env['NODE_TLS_REJECT_UNAUTHORIZED'] !== '0') return;
  throw new AppError('tls_failed', {
    message: 'This program was started with NODE_TLS_REJECT_UNAUTHORIZED=0, which asks for certificates not to be checked. Nothing was sent.',
    hint: 'Remove that variable from the environment and start again. For a private authority give its CA file to the deployment.',
  });
}

/**
 * Checks a socket whose handshake is done, before any byte of the application is written.
 * @throws AppError tls_untrusted, tls_pin_mismatch, tls_too_old, tls_failed
 */
export function checkPeer(socket: TLSSocket, target: Target): TlsFacts {
  // rejectUnauthorized has made sure of this already; a second look costs nothing.
  if (!socket.authorized) throw tlsError('tls_untrusted', target, { what: 'its certificate could not be verified' });
  const protocol = socket.getProtocol() ?? 'unknown';
  if (protocol !== 'TLSv1.2' && protocol !== 'TLSv1.3') throw tlsError('tls_too_old', target, { what: `it speaks ${protocol} only` });
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) throw tlsError('tls_failed', target, { what: 'it showed no certificate' });
  const weak = weakKey(certificate);
  if (weak !== null) throw tlsError('tls_untrusted', target, { what: weak });
  const spki = spkiPin(certificate);
  if (target.pin !== null && target.pin !== spki) {
    throw new AppError('tls_pin_mismatch', {
      message: `${target.host} showed another key (${spki}) than the one pinned (${target.pin}). Nothing was sent to it.`,
      hint: 'If the key was replaced on purpose, confirm the new pin by another way and change it here. If not, somebody may stand between.',
    });
  }
  return { protocol, subject: nameOf(certificate.subject), issuer: nameOf(certificate.issuer), validTo: isoOrNull(certificate.validTo), spki };
}

/** sha256/BASE64 of a certificate's SubjectPublicKeyInfo (RFC 7469 section 2.4). */
export function spkiPin(certificate: X509Certificate): string {
  const der = certificate.publicKey.export({ type: 'spki', format: 'der' });
  return `sha256/${createHash('sha256').update(der).digest('base64')}`;
}

function weakKey(leaf: X509Certificate): string | null {
  let certificate: X509Certificate | undefined = leaf;
  for (let depth = 0; certificate !== undefined && depth < MAX_CHAIN; depth += 1) {
    const key = certificate.publicKey;
    const bits = key.asymmetricKeyDetails?.modulusLength;
    if ((key.asymmetricKeyType === 'rsa' || key.asymmetricKeyType === 'rsa-pss') && bits !== undefined && bits < MIN_RSA_BITS) {
      return `${depth === 0 ? 'its certificate' : 'an authority above its certificate'} has an RSA key of only ${bits} bits`;
    }
    const issuer: X509Certificate | undefined = certificate.issuerCertificate;
    if (issuer === certificate || issuer?.fingerprint256 === certificate.fingerprint256) break;
    certificate = issuer;
  }
  return null;
}

function nameOf(lines: string | undefined): string | null {
  return lines === undefined || lines === '' ? null : lines.replaceAll('\n', ', ');
}

function isoOrNull(text: string): string | null {
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? null : new Date(ms).toISOString();
}

const HINTS: Partial<Record<ErrorCode, string>> = {
  tls_untrusted: 'If the deployment uses a private authority, give its CA file to this deployment. There is no way to skip this check.',
  tls_expired: 'Renew the certificate of the deployment, and check the clock of this machine.',
  tls_wrong_host: 'Use the name that the certificate was made for, or have a certificate made for this name.',
  tls_too_old: 'The deployment must offer TLS 1.2 or newer.',
  tls_client_certificate: 'Client certificates are not supported. Let the deployment accept a token alone on this address.',
  tls_failed: 'Check that the port speaks TLS and that no proxy stands between.',
};

/** An AppError that says what the server did during the handshake. `what` completes the sentence "No encrypted connection was made to …: ". */
export function tlsError(code: ErrorCode, target: Target, { what, cause }: { readonly what: string; readonly cause?: unknown }): AppError {
  return new AppError(code, {
    message: `No encrypted connection was made to ${target.host}: ${what}. Nothing was sent to it.`,
    hint: HINTS[code] ?? HINTS.tls_failed ?? '',
    ...(cause === undefined ? {} : { cause }),
  });
}

/** What the verifier of certificates calls its findings (OpenSSL's and BoringSSL's names are the same). */
const VERIFY_ERRORS: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  CERT_HAS_EXPIRED: ['tls_expired', 'its certificate, or one above it, has expired'],
  CERT_NOT_YET_VALID: ['tls_expired', 'its certificate, or one above it, is not valid yet'],
  ERR_TLS_CERT_ALTNAME_INVALID: ['tls_wrong_host', 'its certificate was made for another name'],
  HOSTNAME_MISMATCH: ['tls_wrong_host', 'its certificate was made for another name'],
  DEPTH_ZERO_SELF_SIGNED_CERT: ['tls_untrusted', 'its certificate is signed by itself alone'],
  SELF_SIGNED_CERT_IN_CHAIN: ['tls_untrusted', 'its certificate comes from an authority that is not trusted here'],
  UNABLE_TO_GET_ISSUER_CERT: ['tls_untrusted', 'the authority of its certificate is not known here'],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: ['tls_untrusted', 'the authority of its certificate is not known here'],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: ['tls_untrusted', 'the authority of its certificate is not known here, or the server does not send the certificates between'],
  CERT_SIGNATURE_FAILURE: ['tls_untrusted', 'the signature on its certificate is wrong'],
  CERT_CHAIN_TOO_LONG: ['tls_untrusted', 'its chain of certificates is too long'],
  CERT_REVOKED: ['tls_untrusted', 'its certificate was revoked'],
  CERT_UNTRUSTED: ['tls_untrusted', 'its certificate is not trusted for this use'],
  CERT_REJECTED: ['tls_untrusted', 'its certificate was rejected'],
  INVALID_CA: ['tls_untrusted', 'a certificate above its own may not sign others'],
  INVALID_PURPOSE: ['tls_untrusted', 'its certificate is not made for servers'],
  PATH_LENGTH_EXCEEDED: ['tls_untrusted', 'its chain of certificates is longer than its authority allows'],
};

/** Names the failure of a handshake; null when the error is none of TLS. `sawCertificate`: the server had shown its certificate before it broke off. */
export function classifyTlsError(error: Error, target: Target, sawCertificate: boolean): AppError | null {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const verify = VERIFY_ERRORS[code];
  if (verify !== undefined) return tlsError(verify[0], target, { what: verify[1], cause: error });
  // Node has no name for these findings of the verifier (code UNSPECIFIED), only their text.
  if (/key too (?:small|weak)|(?:md|digest algorithm) too weak/i.test(error.message)) return tlsError('tls_untrusted', target, { what: 'its certificate uses a key or a digest that is too weak', cause: error });
  if (code === 'UNSPECIFIED') return tlsError('tls_untrusted', target, { what: `its certificate could not be verified (${error.message.slice(0, 100)})`, cause: error });
  const ssl = /^(?:ERR_SSL_|EPROTO$)/.test(code) || /\bSSL routines\b|\bOPENSSL_internal\b/.test(error.message);
  if (!ssl) return null;
  const text = `${code} ${error.message}`.replaceAll(/[_ ]+/g, ' ').toLowerCase();
  if (/alert certificate required|alert (?:bad|unknown) certificate/.test(text)) return tlsError('tls_client_certificate', target, { what: 'it asks for a client certificate', cause: error });
  if (/alert protocol version|unsupported protocol|version too low|wrong ssl version/.test(text)) return tlsError('tls_too_old', target, { what: 'it speaks only versions of TLS older than 1.2', cause: error });
  // TLS 1.2 has no alert of its own for a missing client certificate; but without a common cipher the server would have broken off before it showed its own.
  if (/handshake failure/.test(text)) {
    return sawCertificate
      ? tlsError('tls_client_certificate', target, { what: 'it broke off after showing its certificate, as a server does that wants a client certificate', cause: error })
      : tlsError('tls_failed', target, { what: 'it shares no cipher with this program', cause: error });
  }
  if (/wrong version number|packet length too long|http request|unknown protocol|record overflow/.test(text)) return tlsError('tls_failed', target, { what: 'what answers there does not speak TLS', cause: error });
  if (/no ciphers|no shared cipher|insufficient security/.test(text)) return tlsError('tls_failed', target, { what: 'it shares no cipher with this program', cause: error });
  return tlsError('tls_failed', target, { what: 'the handshake failed', cause: error });
}
