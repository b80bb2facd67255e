// Decodes the bytes of an answer as UTF-8 without mending anything; refuses byte order marks, UTF-16 and broken sequences.
import { AppError, type ErrorCode } from '#shared/errors.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * @throws AppError response_invalid_utf8 (broken, UTF-16 or UTF-32), response_not_json (a byte order mark, which RFC 8259 section 8.1 forbids)
 */
export function decodeStrictUtf8(bytes: Uint8Array): string {
  const [a, b] = bytes;
  if ((a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff) || isBareUtf16(bytes)) {
    refuseJson('response_invalid_utf8', 'The answer is encoded as UTF-16 or UTF-32; JSON is sent as UTF-8.');
  }
  if (a === 0xef && b === 0xbb && bytes[2] === 0xbf) {
    refuseJson('response_not_json', 'The answer begins with a byte order mark, which JSON may not have.');
  }
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    return refuseJson('response_invalid_utf8', 'The answer is not valid UTF-8, so its text cannot be trusted.', cause);
  }
}

/** JSON begins with an ASCII character: a NUL beside it means two bytes per character without a mark. */
function isBareUtf16(bytes: Uint8Array): boolean {
  return bytes.length >= 2 && (bytes[0] === 0) !== (bytes[1] === 0);
}

/** Refuses an answer as JSON; nothing of it is kept. */
export function refuseJson(code: ErrorCode, message: string, cause?: unknown): never {
  throw new AppError(code, {
    message: `${message} Nothing of it was kept.`,
    hint: 'Check that the address is that of the deployment itself and that no proxy or portal stands between; then try again.',
    ...(cause === undefined ? {} : { cause }),
  });
}
