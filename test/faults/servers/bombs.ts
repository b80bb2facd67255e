// Owns compressed bodies that are small on the wire and huge unpacked; makes them in pieces so that making them needs no memory.
import { createBrotliCompress, createGzip, constants } from 'node:zlib';
import { Readable } from 'node:stream';

export const BOMB_BYTES = 200 * 1024 * 1024;

function* zeros(): Generator<Buffer> {
  const piece = Buffer.alloc(1024 * 1024);
  for (let sent = 0; sent < BOMB_BYTES; sent += piece.length) yield piece;
}

/** 200 MiB of zeros, compressed. */
export async function makeBomb(encoding: 'gzip' | 'br'): Promise<Buffer> {
  const packer = encoding === 'gzip' ? createGzip({ level: 9 }) : createBrotliCompress({ params: { [constants.BROTLI_PARAM_QUALITY]: 5, [constants.BROTLI_PARAM_LGWIN]: 24 } });
  const chunks: Buffer[] = [];
  for await (const chunk of Readable.from(zeros()).pipe(packer) as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}
