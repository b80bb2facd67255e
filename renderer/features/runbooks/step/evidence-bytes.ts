// Bytes of evidence as the window needs them: out of base64 and into it, as text and as hexadecimal, and how large an image says it is. It runs and decodes nothing.

const CHUNK = 0x8000;

export function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at);
  return bytes;
}

export function base64Of(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += CHUNK) text += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  return btoa(text);
}

export function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');

/** Sixteen bytes a line: where, in hexadecimal, and the letters of ASCII. */
export function hexLines(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += 16) {
    const row = [...bytes.subarray(at, at + 16)];
    const letters = row.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('');
    lines.push(`${hex(at, 8)}  ${row.map((byte) => hex(byte, 2)).join(' ').padEnd(47)}  ${letters}`);
  }
  return lines.join('\n');
}

export interface ImageSize { readonly width: number; readonly height: number }

const two = (bytes: Uint8Array, at: number): number => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
const four = (bytes: Uint8Array, at: number): number => two(bytes, at) * 65_536 + two(bytes, at + 2);

/** What a PNG or JPEG says of its size before anything is decoded, so that a small file cannot ask for much memory. Null: it does not say. */
export function imageSize(bytes: Uint8Array): ImageSize | null {
  if (four(bytes, 0) === 0x89504e47) return bytes.length < 24 ? null : { width: four(bytes, 16), height: four(bytes, 20) };
  if (two(bytes, 0) !== 0xffd8) return null;
  let at = 2;
  while (at + 9 < bytes.length) {
    if (bytes[at] !== 0xff) return null;
    const marker = bytes[at + 1] ?? 0;
    // A marker may be filled up by further 0xff.
    if (marker === 0xff) at += 1;
    // Frames begin with C0 to CF, of which three mean something else.
    else if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) return { height: two(bytes, at + 5), width: two(bytes, at + 7) };
    else if (two(bytes, at + 2) < 2) return null;
    else at += 2 + two(bytes, at + 2);
  }
  return null;
}
