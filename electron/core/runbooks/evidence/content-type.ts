// What bytes are, by the bytes alone: a name proves nothing. What is not known for certain is a stream of octets, and nothing here is ever called a page or a program.
import { isUtf8 } from 'node:buffer';

export const OCTETS = 'application/octet-stream';

/** A text that is larger is not tried as JSON. */
const JSON_MAX_BYTES = 1_048_576;
/** Control characters that no text holds: all but those that move on a line or page, the bell, and the escape of a terminal's output. */
const BINARY = new Set([...Array(32).keys(), 127].filter((code) => !(code >= 7 && code <= 13) && code !== 27));

const begins = (bytes: Buffer, hex: string, at = 0): boolean => bytes.subarray(at, at + hex.length / 2).toString('hex') === hex;

function isJson(bytes: Buffer): boolean {
  if (bytes.length > JSON_MAX_BYTES) return false;
  const text = bytes.toString('utf8').trim();
  // A number or a word alone is a text that happens to parse.
  if (!/^[[{]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** One of text/plain, application/json, image/png, image/jpeg, image/gif, image/webp, application/pdf, application/octet-stream. HTML and SVG are text. */
export function contentTypeOf(bytes: Buffer): string {
  if (begins(bytes, '89504e470d0a1a0a')) return 'image/png';
  if (begins(bytes, 'ffd8ff')) return 'image/jpeg';
  if (begins(bytes, '474946383761') || begins(bytes, '474946383961')) return 'image/gif';
  if (begins(bytes, '52494646') && begins(bytes, '57454250', 8)) return 'image/webp';
  if (begins(bytes, '255044462d')) return 'application/pdf';
  if (!isUtf8(bytes) || bytes.some((byte) => BINARY.has(byte))) return OCTETS;
  return isJson(bytes) ? 'application/json' : 'text/plain';
}
