// The bytes of a text as UTF-8 in hex and print, with offsets; what cannot be printed is a dot. It reads nothing into them.

export const BYTES_A_LINE = 8;

export interface ByteLine {
  /** Offset of the first byte, hex, at least four digits. */
  readonly offset: string;
  /** Two digits a byte, with a space between, padded to a whole line. */
  readonly hex: string;
  readonly print: string;
}

export interface ByteView {
  readonly bytes: number;
  readonly lines: readonly ByteLine[];
  /** Bytes beyond those shown. */
  readonly rest: number;
  /** The text holds halves of characters, which UTF-8 cannot: they stand as EF BF BD. */
  readonly hasLoneSurrogates: boolean;
}

const LONE = /\p{Cs}/u;
const encoder = new TextEncoder();

/** The first `most` bytes of a text. */
export function bytesOf(text: string, most: number): ByteView {
  const all = encoder.encode(text);
  const shown = all.subarray(0, most);
  const lines: ByteLine[] = [];
  for (let at = 0; at < shown.length; at += BYTES_A_LINE) {
    const part = [...shown.subarray(at, at + BYTES_A_LINE)];
    lines.push({
      offset: at.toString(16).padStart(4, '0'),
      hex: part.map((byte) => byte.toString(16).padStart(2, '0')).join(' ').padEnd(BYTES_A_LINE * 3 - 1),
      print: part.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join(''),
    });
  }
  return { bytes: all.length, lines, rest: all.length - shown.length, hasLoneSurrogates: LONE.test(text) };
}
