// A file that only its key opens: AES-256-GCM in chunks, each bound to its place and to being the last. A chunk that is altered, moved, dropped or added is found.
import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto';

export const KEY_BYTES = 32;
const MAGIC = Buffer.from('holdfast.evidence/1\n');
const CHUNK = 65_536;
const TAG = 16;
const CIPHER = 'aes-256-gcm';

/** The number of the chunk, and whether it is the last. A key seals one content only, so no nonce is used for two. */
function nonceOf(index: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUInt32BE(index, 7);
  nonce.writeUInt8(isLast ? 1 : 0, 11);
  return nonce;
}

const chunksOf = (bytes: number): number => Math.max(1, Math.ceil(bytes / CHUNK));

/** Bytes of the file that holds so many bytes. */
export const sealedBytes = (bytes: number): number => MAGIC.length + bytes + chunksOf(bytes) * TAG;

/** The name of the file of a key; it tells nothing of key or content. */
export const fileNameOf = (key: Buffer): string => createHmac('sha256', key).update('name of the file').digest('hex').slice(0, 40);

/** The file, piece by piece. @param key 32 bytes, random, of this content alone */
export function* sealed(content: Buffer, key: Buffer): Generator<Buffer> {
  yield MAGIC;
  const count = chunksOf(content.length);
  for (let index = 0; index < count; index += 1) {
    const cipher = createCipheriv(CIPHER, key, nonceOf(index, index === count - 1));
    cipher.setAAD(MAGIC);
    const body = cipher.update(content.subarray(index * CHUNK, (index + 1) * CHUNK));
    cipher.final();
    yield Buffer.concat([body, cipher.getAuthTag()]);
  }
}

/** Where the content of a file is read from: exactly `length` bytes at `position`, or fewer at its end. */
export type ReadAt = (position: number, length: number) => Promise<Buffer>;

/** The content; null when the file is not what was sealed with this key, whatever is wrong with it. @param bytes of the content */
export async function unsealed(readAt: ReadAt, { key, bytes }: { readonly key: Buffer; readonly bytes: number }): Promise<Buffer | null> {
  const head = await readAt(0, MAGIC.length);
  if (!head.equals(MAGIC)) return null;
  const content = Buffer.alloc(bytes);
  const count = chunksOf(bytes);
  for (let index = 0; index < count; index += 1) {
    const size = Math.min(CHUNK, bytes - index * CHUNK);
    const chunk = await readAt(MAGIC.length + index * (CHUNK + TAG), size + TAG);
    if (chunk.length !== size + TAG) return null;
    const decipher = createDecipheriv(CIPHER, key, nonceOf(index, index === count - 1));
    decipher.setAAD(MAGIC);
    decipher.setAuthTag(chunk.subarray(size));
    try {
      decipher.update(chunk.subarray(0, size)).copy(content, index * CHUNK);
      decipher.final();
    } catch {
      return null;
    }
  }
  return (await readAt(sealedBytes(bytes), 1)).length === 0 ? content : null;
}
