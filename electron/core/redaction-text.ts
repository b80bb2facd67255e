// Masks secrets inside one string: those that are known and those that look like one; it refuses to pass on more than a bounded length.
import type { Secret } from './secret.ts';

const REDACTED = '[redacted]';
const MIN_KNOWN_LENGTH = 4;
const MAX_CHARACTERS = 8_192;
const MAX_SEARCHED_CHARACTERS = 65_536;
/** Longer than any token seen: what stands this close to a cut may be the first part of a secret. */
const CUT_MARGIN = 4_096;

// What looks like a secret: a Fernet key (32 bytes, padded base64url), credentials in a URL, and `name: value` in text, JSON or a header. Each pattern is linear.
const LOOKS: readonly (readonly [RegExp, string])[] = [
  [/(?<![A-Za-z0-9_/+-])[A-Za-z0-9_-]{43}=(?![A-Za-z0-9_=/+-])/g, REDACTED],
  [/(\/\/)[^/\s@:]*:[^/\s@]*@/g, `$1${REDACTED}@`],
  [/\b(bearer)(\s+)[A-Za-z0-9._~+/=-]{8,}/gi, `$1$2${REDACTED}`],
  [/((?:authorization|password|passwd|passphrase|secret|token|api[-_]?key)["']?\s*[:=]\s*["']?)(?:(?:bearer|basic)\s+)?(?!\[redacted\]|(?:bearer|basic)\s)[^\s"',;&}]+/gi, `$1${REDACTED}`],
];

/** All spellings under which known secrets are searched for, longest first so that no part of a longer one is left standing. */
export function secretForms(known: readonly Secret<string | Buffer>[]): readonly string[] {
  const forms = new Set<string>();
  for (const secret of known) {
    const value = secret.reveal();
    const bytes = Buffer.from(value as string);
    const text = typeof value === 'string' ? [value, percentEncoded(value), JSON.stringify(value).slice(1, -1)] : [];
    for (const form of [...text, bytes.toString('hex'), bytes.toString('hex').toUpperCase(), bytes.toString('base64').replace(/=+$/, ''), bytes.toString('base64url')]) {
      if (form.length >= MIN_KNOWN_LENGTH) forms.add(form);
    }
  }
  return [...forms].sort((left, right) => right.length - left.length);
}

/** Masks a JWT (header is JSON, so it starts with eyJ) or a Fernet token (0x80 and a timestamp before the year 2106) from its first character to the end of the run. */
function maskTokens(text: string): string {
  return text.replace(/[A-Za-z0-9_.=-]{20,}/g, (run) => {
    const fernet = run.indexOf('gAAAAA');
    if (fernet !== -1 && run.length - fernet >= 20) return `${run.slice(0, fernet)}${REDACTED}`;
    const jwt = run.indexOf('eyJ');
    if (jwt !== -1 && run.indexOf('.', jwt) > jwt + 8) return `${run.slice(0, jwt)}${REDACTED}`;
    return run;
  });
}

function percentEncoded(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

/** The text with everything secret in it masked, cut to 8,192 characters. */
export function maskText(text: string, forms: readonly string[]): string {
  const cut = text.length > MAX_SEARCHED_CHARACTERS;
  let masked = cut ? text.slice(0, MAX_SEARCHED_CHARACTERS) : text;
  for (const form of forms) masked = masked.replaceAll(form, REDACTED);
  masked = maskTokens(masked);
  for (const [pattern, replacement] of LOOKS) masked = masked.replace(pattern, replacement);
  // Masking may shorten the text so much that the cut itself would be shown, and with it half a secret.
  const shown = Math.min(MAX_CHARACTERS, cut ? Math.max(0, masked.length - Math.max(CUT_MARGIN, forms[0]?.length ?? 0)) : masked.length);
  return shown < masked.length || cut ? `${masked.slice(0, shown)}… [${text.length} characters]` : masked;
}
