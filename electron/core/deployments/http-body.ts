// Reads one body to its end and unpacks it, counting unpacked bytes; refuses more than the cap and encodings it does not know.
import type { Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { AppError } from '#shared/errors.ts';
import { tooLargeError } from './http-errors.ts';
import type { Target } from './target.ts';

export interface BodyToRead {
  readonly stream: Readable;
  readonly method: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly target: Target;
  /** Unpacked bytes. */
  readonly maxBytes: number;
  /** Counts as the body comes, for whoever reports a failure. */
  readonly meter: { bytes: number };
  readonly signal: AbortSignal;
}

/**
 * @throws AppError response_too_large, response_malformed; or what the stream or the unpacking threw
 */
export async function readBody(body: BodyToRead): Promise<Buffer> {
  const { stream, headers, target, maxBytes, meter } = body;
  const unpacker = unpackerFor(body);
  const source: Readable = unpacker ?? stream;
  const stop = (): void => {
    stream.destroy();
    unpacker?.destroy();
  };
  const onAbort = (): void => {
    unpacker?.destroy(body.signal.reason as Error);
  };
  body.signal.addEventListener('abort', onAbort, { once: true });
  try {
    if (unpacker === null && body.method !== 'HEAD' && Number(headers['content-length'] ?? 0) > maxBytes) throw tooLargeError(target, maxBytes);
    if (unpacker !== null) {
      stream.on('error', (error) => unpacker.destroy(error));
      stream.pipe(unpacker);
    }
    const chunks: Buffer[] = [];
    for await (const chunk of source as AsyncIterable<Buffer>) {
      meter.bytes += chunk.length;
      if (meter.bytes > maxBytes) throw tooLargeError(target, maxBytes);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  } finally {
    body.signal.removeEventListener('abort', onAbort);
    stop();
  }
}

/** We ask for `identity`; a server or a proxy that compresses all the same is read, under the same cap. */
function unpackerFor(body: BodyToRead): ReturnType<typeof createGunzip> | ReturnType<typeof createBrotliDecompress> | null {
  const { headers, target } = body;
  const refuse = (message: string): AppError => new AppError('response_malformed', {
    message: `${message} Nothing of it was kept.`, hint: 'Check that the address is that of the deployment itself and that no proxy or portal stands between.',
  });
  if (body.status < 200 || body.status > 599) throw refuse(`${target.host} answered with the status ${body.status}, which HTTP does not have.`);
  if (headers['content-length'] !== undefined && headers['transfer-encoding'] !== undefined) {
    throw refuse(`${target.host} gave two different ways to tell where its answer ends.`);
  }
  const encoding = (headers['content-encoding'] ?? '').trim().toLowerCase();
  const empty = body.method === 'HEAD' || body.status === 204 || headers['content-length'] === '0';
  if (encoding === '' || encoding === 'identity' || empty) return null;
  if (encoding === 'gzip' || encoding === 'x-gzip') return createGunzip();
  if (encoding === 'deflate') return createInflate();
  if (encoding === 'br') return createBrotliDecompress();
  throw refuse(`${target.host} compressed its answer in a way that was not asked for and is not known (${JSON.stringify(encoding.slice(0, 40))}).`);
}
