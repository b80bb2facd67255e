// Reads the outline of a write-ahead log that a dead process left, to notice damage that SQLite passes over; it never changes the log.
// Layout: https://www.sqlite.org/fileformat2.html#the_write_ahead_log (numbers big-endian).
import { closeSync, openSync, readSync } from 'node:fs';
import { PAGE_BYTES } from './connection.ts';
import { fileFacts } from './files.ts';

const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
const FRAME_BYTES = FRAME_HEADER_BYTES + PAGE_BYTES;

/** SQLite's checksum over the header's first 24 bytes; the magic number's last bit gives the byte order of the words that are summed. */
function isHeaderWhole(header: Buffer): boolean {
  const magic = header.readUInt32BE(0);
  if ((magic & ~1) >>> 0 !== 0x377f0682) return false;
  const word = (at: number): number => ((magic & 1) === 1 ? header.readUInt32BE(at) : header.readUInt32LE(at));
  let first = 0;
  let second = 0;
  for (let at = 0; at < 24; at += 8) {
    first = (first + word(at) + second) >>> 0;
    second = (second + word(at + 4) + first) >>> 0;
  }
  return first === header.readUInt32BE(24) && second === header.readUInt32BE(28);
}

/**
 * True when the log holds a finished transaction that SQLite does not use. SQLite stops reading a log at the first frame that fails its
 * checksum, which is right for the torn end of an unfinished write; but a commit that another one follows was on disk before the next began,
 * so there it means damage, and SQLite would drop both without a word. The very last commit cannot be told from a torn write.
 * @param usedFrames the frames that SQLite found whole, as `PRAGMA wal_checkpoint(NOOP)` reports them.
 */
export function hasLostCommits(path: string, usedFrames: number): boolean {
  const frames = Math.floor(((fileFacts(path)?.size ?? 0) - HEADER_BYTES) / FRAME_BYTES);
  if (frames <= usedFrames) return false;
  const log = openSync(path, 'r');
  try {
    const header = Buffer.alloc(HEADER_BYTES);
    readSync(log, header, 0, HEADER_BYTES, 0);
    // A file system may have grown the file and lost power before the first write: nothing was acknowledged then.
    if (header.every((byte) => byte === 0)) return false;
    if (!isHeaderWhole(header)) return true;
    const frame = Buffer.alloc(FRAME_HEADER_BYTES);
    let afterCommit = false;
    for (let index = usedFrames; index < frames; index += 1) {
      readSync(log, frame, 0, FRAME_HEADER_BYTES, HEADER_BYTES + index * FRAME_BYTES);
      // The two salts mark the frames of this round; frames of an earlier round lie behind them.
      const isCurrent = frame.subarray(8, 16).equals(header.subarray(16, 24));
      if (isCurrent && afterCommit) return true;
      afterCommit = isCurrent && frame.readUInt32BE(4) !== 0;
    }
    return false;
  } finally {
    closeSync(log);
  }
}
