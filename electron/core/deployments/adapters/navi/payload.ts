// Tells what an audit payload is from its JSON text alone; it never calls a payload plain that claims to be encrypted.
import { isStrictJsonError, parseStrictJsonText, readMembers } from '../../strict-json.ts';
import type { NaviPayload } from './types.ts';

const MAX_KEY_ID = 256;

/**
 * Classifies a payload (contract section 4: two writers, with and without key_id; two failure markers).
 * Inside a payload somebody else's words may stand (query parameters): a key such as __proto__ or an inexact number there does not make the row
 * unreadable, since its text is what is kept. The claim to be encrypted stands in the outermost object, which is read strictly.
 * @param body JSON text as received; kept as it is.
 */
export function classifyPayload(body: string): NaviPayload {
  const malformed: NaviPayload = { state: 'malformed', body, keyId: null };
  let members: ReadonlyMap<string, string> | null;
  try {
    members = readMembers(body);
  } catch (error) {
    if (isStrictJsonError(error)) return malformed;
    throw error;
  }
  if (members === null) return malformed;
  const encrypted = members.get('encrypted');
  const error = scalar(members.get('error'));
  const ciphertext = scalar(members.get('ciphertext'));
  if (encrypted === 'true' && typeof ciphertext === 'string' && ciphertext !== '') {
    const keyId = scalar(members.get('key_id'));
    return { state: 'encrypted', body, keyId: typeof keyId === 'string' && keyId.length <= MAX_KEY_ID ? keyId : null };
  }
  if ((encrypted === 'false' && error === 'audit_encryption_failed') || (encrypted === 'true' && error === 'encryption_failed')) return { state: 'failed', body, keyId: null };
  if (encrypted === 'true' && !isDecryptRecord(members)) return malformed;
  return { state: 'plain', body, keyId: null };
}

/**
 * The row that dialect A writes about its own decryptions is stored unencrypted, although it holds encrypted: true about the row that was opened
 * (contract section 3.4).
 */
function isDecryptRecord(members: ReadonlyMap<string, string>): boolean {
  const reason = scalar(members.get('reason'));
  return members.size === 3 && Number.isSafeInteger(scalar(members.get('audit_id'))) && (reason === null || typeof reason === 'string');
}

/** A member that is no list or object; undefined for those and for a member that is not there. */
function scalar(raw: string | undefined): unknown {
  return raw === undefined || raw.startsWith('{') || raw.startsWith('[') ? undefined : JSON.parse(raw);
}

/** What the export says of how a payload travels (contract section 3.2). */
export type PayloadEncoding = 'json' | 'base64' | 'plain' | null;

/**
 * Classifies a payload of the export: json is the value itself, plain is text, base64 is bytes that hold JSON text, null is no payload.
 * @param raw the raw JSON text of the member `payload`
 */
export function classifyExported(raw: string, encoding: string | null): NaviPayload {
  if (encoding !== 'base64') return classifyPayload(raw);
  const text = readBase64(raw);
  if (text === null) return { state: 'malformed', body: raw, keyId: null };
  const inner = classifyPayload(text);
  // Bytes that are no JSON object are shown as they travelled: as a JSON string.
  return inner.state === 'malformed' && !isJson(text) ? { state: 'malformed', body: raw, keyId: null } : inner;
}

function readBase64(raw: string): string | null {
  let value: unknown;
  try {
    value = parseStrictJsonText(raw);
  } catch (error) {
    if (isStrictJsonError(error)) return null;
    throw error;
  }
  if (typeof value !== 'string' || value.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(value)) return null;
  const bytes = Buffer.from(value, 'base64');
  // Decoding is lenient: only the text that the bytes encode to is taken, so that one payload has one form.
  if (bytes.toString('base64') !== value) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
