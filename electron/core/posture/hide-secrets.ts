// Takes the secrets out of a configuration before it is kept as evidence: a check needs to know that one is set, never what it is. It leaves placeholders and everything else as they are.
import type { Json } from '#shared/domain/posture-expression.ts';

export const HIDDEN = '(hidden)';

/** Ends of names whose value is a secret. `ssl_key_path` and `secure_cookies` are none. */
const SECRET_NAME = /(?:^|[_\-.])(?:password|passwd|passphrase|pwd|secret|token|dsn|credentials?|connection_?string|(?:api|access|private|signing|encryption|secret|master|session|webhook|license)[_-]?key)s?$/i;
/** The template's own word for what is to be filled in, or a reference to where it stands. */
const PLACEHOLDER = /^(?:[A-Z]+(?:_[A-Z]+)+|\$\{[^}]*\}|\$[A-Z_]+|<[^>]*>|\{\{[^}]*\}\}|)$/;
/** What is a secret wherever it stands: keys of well-known services, tokens, private keys. */
const SECRET_TEXT = /-----BEGIN [A-Z ]*PRIVATE KEY-----|\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*|\b(?:sk|rk|pk)[-_](?:live|test|proj|ant)?[-_]?[A-Za-z0-9_-]{16,}|\bgh[pousr]_[A-Za-z0-9]{20,}|\bgithub_pat_\w{20,}|\bglpat-[\w-]{16,}|\bxox[abprs]-[\w-]{10,}|\bAKIA[0-9A-Z]{16}\b|\bAIza[\w-]{30,}|\bgAAAA[\w-]{60,}/;
/** Who is let in stands before the @ of an address. */
const USER_PART = /\b([a-z][a-z0-9+.-]{1,30}:\/\/)[^\s/@?#"']+(?:@[^\s/@?#"']+)*@/gi;
const QUERY_PART = /([?&;](?:[\w.-]*(?:password|passwd|pwd|secret|token|key|signature|sig|auth)[\w.-]*)=)[^&;#\s"']+/gi;
/** `Password=…;` of connection strings, `password: …` and `bearer …` of texts. */
const SAID = /\b((?:password|passwd|pwd|secret|api[_-]?key)\s*[=:]\s*|bearer\s+)(?!\(hidden\))[^\s;,&"']+/gi;

const isTable = (value: Json): value is Readonly<Record<string, Json>> => typeof value === 'object' && value !== null && !Array.isArray(value);

function ofText(text: string): string {
  if (SECRET_TEXT.test(text)) return HIDDEN;
  return text.replaceAll(USER_PART, `$1${HIDDEN}@`).replaceAll(QUERY_PART, `$1${HIDDEN}`).replaceAll(SAID, `$1${HIDDEN}`);
}

/** Of a secret that is an address the address may be shown: which service it is matters. */
function ofSecret(text: string): string {
  if (PLACEHOLDER.test(text.trim())) return text;
  const shown = ofText(text);
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(text) && shown !== text ? shown : HIDDEN;
}

/** @returns the value without its secrets, and how many were taken out */
export function hideSecrets(value: Json): { readonly value: Json; readonly hidden: number } {
  let hidden = 0;
  function walk(part: Json, isSecret: boolean): Json {
    if (typeof part === 'string') {
      const shown = isSecret ? ofSecret(part) : ofText(part);
      if (shown !== part) hidden += 1;
      return shown;
    }
    if (Array.isArray(part)) return (part as readonly Json[]).map((one) => walk(one, isSecret));
    if (isTable(part)) return Object.fromEntries(Object.entries(part).map(([name, inner]) => [name, walk(inner, SECRET_NAME.test(name))]));
    if (isSecret && typeof part === 'number') {
      hidden += 1;
      return HIDDEN;
    }
    return part;
  }
  return { value: walk(value, false), hidden };
}
