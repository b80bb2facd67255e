// Where a deployment is and what makes its connection trusted: reads the address, CA and pin that an admin gives; refuses what would send a token in the clear.
import { X509Certificate } from 'node:crypto';
import { AppError } from '#shared/errors.ts';

/** One deployment as the HTTP client needs it. Made only by parseTarget, so every field has been checked. */
export interface Target {
  /** Scheme, host and port, for example https://navi.example:8443. */
  readonly origin: string;
  /** Path under which the deployment lives: empty, or /something without a slash at its end. */
  readonly basePath: string;
  /** origin + basePath. */
  readonly url: string;
  /** Host name or address, without the brackets of IPv6. */
  readonly host: string;
  readonly port: number;
  /** encrypted: TLS. loopback: plain HTTP that never leaves this machine. */
  readonly transport: 'encrypted' | 'loopback';
  /** The CA certificates of this deployment alone, one PEM block each; null for the built-in list only. */
  readonly caPem: string | null;
  /** sha256/BASE64 of the server key's SubjectPublicKeyInfo. */
  readonly pin: string | null;
  readonly readOnly: boolean;
}

export interface TargetInput {
  readonly url: string;
  readonly caPem: string | null;
  readonly pin: string | null;
  /** Left out means read-only. */
  readonly readOnly?: boolean;
}

const MAX_CERTIFICATES = 64;
const PEM_CERTIFICATE = /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[\s\S]*?-----END (?:TRUSTED |X509 )?CERTIFICATE-----/g;

/**
 * Checks and normalises an address with its optional CA and pin. Nothing is sent.
 * @throws AppError invalid_url, insecure_url, invalid_ca, invalid_pin
 */
export function parseTarget(input: TargetInput): Target {
  const address = parseAddress(input.url);
  const caPem = input.caPem === null || input.caPem.trim() === '' ? null : parseCa(input.caPem);
  const pin = input.pin === null || input.pin.trim() === '' ? null : parsePin(input.pin);
  if (address.transport === 'loopback' && (caPem !== null || pin !== null)) {
    throw new AppError(caPem !== null ? 'invalid_ca' : 'invalid_pin', {
      message: 'A CA or a pin was given for a plain http address, where no certificate is ever shown.',
      hint: 'Use an https address, or leave the CA and the pin empty.',
    });
  }
  return { ...address, caPem, pin, readOnly: input.readOnly ?? true };
}

function parseAddress(raw: string): Pick<Target, 'origin' | 'basePath' | 'url' | 'host' | 'port' | 'transport'> {
  const text = raw.trim();
  const invalid = (message: string, hint = 'Give an address such as https://navi.example.com'): AppError => new AppError('invalid_url', { message, hint });
  if (!/^https?:\/\//i.test(text)) throw invalid('The address does not begin with https://');
  // The URL parser drops tabs and line breaks and turns backslashes into slashes: an address that looks like one host could be another.
  // oxlint-disable-next-line no-control-regex
  if (/[\u0000-\u0020\u007f\\]/.test(text)) throw invalid('The address holds a space, a backslash or a control character.');
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw invalid('The address cannot be read.');
  }
  if (url.username !== '' || url.password !== '' || /^https?:\/\/[^/?#]*@/i.test(text)) {
    throw invalid('The address holds a user name or a password.', 'Leave them out: the token is kept in the keychain and sent as a header.');
  }
  if (text.includes('?') || text.includes('#')) throw invalid('The address holds a query or a fragment.', 'Give the address up to its path only.');
  if (url.port === '0' || url.hostname === '') throw invalid('The address names no host or no usable port.');
  const basePath = url.pathname.replace(/\/+$/, '');
  if (basePath.includes('//') || /%(?:2e|2f|5c|00)/i.test(basePath)) throw invalid('The path of the address holds an empty or an escaped segment.');
  const transport = url.protocol === 'https:' ? 'encrypted' : 'loopback';
  if (transport === 'loopback' && !isLoopbackHost(url.hostname)) {
    throw new AppError('insecure_url', {
      message: `Plain http to ${url.hostname} would send the token unencrypted over the network. Nothing was sent.`,
      hint: 'Use https. Plain http is accepted only for this machine: 127.0.0.1, ::1 or localhost.',
    });
  }
  return {
    origin: url.origin,
    basePath,
    url: `${url.origin}${basePath}`,
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (transport === 'encrypted' ? 443 : 80) : Number(url.port),
    transport,
  };
}

/** True for 127.0.0.0/8, ::1 and the name localhost, in the form in which URL writes hosts. */
function isLoopbackHost(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(hostname);
}

/** True for an address of a connected socket that lies on this machine. */
export function isLoopbackAddress(address: string | undefined): boolean {
  return address !== undefined && (address === '::1' || /^(?:::ffff:)?127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(address));
}

function parseCa(pem: string): string {
  const invalid = (message: string): AppError => new AppError('invalid_ca', { message, hint: 'Give a PEM file that holds the certificate of the authority which signed the server certificate.' });
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(pem)) throw invalid('This file holds a private key. It was not kept; a CA file holds certificates only.');
  const blocks = pem.match(PEM_CERTIFICATE) ?? [];
  if (blocks.length === 0) {
    if (pem.includes('-----BEGIN ')) throw invalid('This file holds PEM, but no complete certificate.');
    throw invalid('This is not a PEM file: no line says BEGIN CERTIFICATE.');
  }
  if (blocks.length > MAX_CERTIFICATES) throw invalid(`This file holds ${blocks.length} certificates; at most ${MAX_CERTIFICATES} are taken.`);
  return blocks.map((block, index) => {
    const place = blocks.length === 1 ? 'The certificate' : `Certificate ${index + 1} of ${blocks.length}`;
    let certificate: X509Certificate;
    try {
      certificate = new X509Certificate(block);
    } catch {
      throw invalid(`${place} cannot be read: it is damaged or no X.509 certificate.`);
    }
    // A certificate that signed itself may stand for itself; any other must be allowed to sign.
    if (!certificate.ca && !certificate.checkIssued(certificate)) throw invalid(`${place} is not a CA certificate: it may not sign others.`);
    return certificate.toString().trim();
  }).join('\n');
}

/** Reads sha256/BASE64, sha256//BASE64, bare base64 of 32 bytes or 64 hexadecimal digits (colons allowed) into sha256/BASE64. */
function parsePin(raw: string): string {
  const text = raw.trim();
  const hex = text.replace(/^sha256[:/]+/i, '').replaceAll(':', '');
  if (/^[0-9a-f]{64}$/i.test(hex)) return `sha256/${Buffer.from(hex, 'hex').toString('base64')}`;
  const rest = text.replace(/^sha256\//i, '');
  // A digest may itself begin with a slash, so the spelling with two slashes is tried second.
  for (const base64 of rest.startsWith('/') ? [rest, rest.slice(1)] : [rest]) {
    const padded = base64.length === 43 ? `${base64}=` : base64;
    const bytes = Buffer.from(padded, 'base64');
    // Decoding is lenient, so the text must also be exactly what the bytes encode to.
    if (bytes.length === 32 && bytes.toString('base64') === padded) return `sha256/${padded}`;
  }
  throw new AppError('invalid_pin', {
    message: 'The pin is not a SHA-256 of a public key.',
    hint: 'Give sha256/ followed by 44 base64 characters, or 64 hexadecimal digits.',
  });
}
