// Finds what looks like a secret in a text: private keys, tokens of known forms, and long random strings next to a telling name. It reports where, and never the find itself in full.

export interface Find {
  readonly kind: string;
  readonly line: number;
  /** The first characters only. */
  readonly begins: string;
}

const FORMS: readonly (readonly [kind: string, form: RegExp])[] = [
  ['private key', /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----\s*[A-Za-z0-9+/=\s]{40}/g],
  ['JSON web token', /\beyJ[A-Za-z0-9_-]{15,}\.eyJ[A-Za-z0-9_-]{15,}\.[A-Za-z0-9_-]{20,}/g],
  ['Fernet token', /\bgAAAAA[A-Za-z0-9_-]{60,}={0,2}/g],
  ['cloud access key', /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g],
  ['GitHub token', /\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{50,})/g],
  ['npm token', /\bnpm_[A-Za-z0-9]{36}\b/g],
  ['Slack token', /\bxox[abprs]-[A-Za-z0-9-]{20,}/g],
  ['API key', /\bsk-(?:[a-z]+-)?[A-Za-z0-9_-]{32,}/g],
  ['credentials in a URL', /\bhttps?:\/\/[^\s/:@'"`$<>{}]+:[^\s/@'"`$<>{}]{6,}@/g],
];
/** `password = "…"`, `token: '…'`: counted when the value looks random. */
const NAMED = /\b(?:\w*(?:secret|password|passphrase|token|api_?key|private_?key|signing_?key))["']?\s*[:=]\s*["'`]([A-Za-z0-9+/_=-]{24,})["'`]/gi;
/** Bits per character; English words and identifiers stay below 3.6, base64 of random bytes is above 4.5 at such lengths. */
const RANDOM_FROM_BITS = 4;

function entropyBits(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}

/** Every find in the text, by line. */
export function findSecrets(text: string): readonly Find[] {
  const finds: Find[] = [];
  const add = (kind: string, index: number, found: string): void => {
    finds.push({ kind, line: text.slice(0, index).split('\n').length, begins: found.slice(0, 12) });
  };
  for (const [kind, form] of FORMS) for (const match of text.matchAll(form)) add(kind, match.index, match[0]);
  for (const match of text.matchAll(NAMED)) {
    const value = match[1] ?? '';
    if (entropyBits(value) >= RANDOM_FROM_BITS && /\d/.test(value) && /[A-Za-z]/.test(value)) add('random value under a telling name', match.index, match[0]);
  }
  return finds;
}
