// Carries out one request over a line: sends it, reads the whole answer and unpacks it, counting every byte; refuses more than the cap and encodings it does not know.
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import type { Agent, Dispatcher } from 'undici';
import { AppError } from '#shared/errors.ts';
import { ByteStore } from './byte-store.ts';
import { redirectError, tooLargeError } from './http-errors.ts';
import type { Target } from './target.ts';

export interface Exchange {
  readonly agent: Agent;
  readonly target: Target;
  readonly method: 'GET' | 'HEAD' | 'OPTIONS' | 'POST';
  /** With query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** Largest body, unpacked; no more than this is read packed either. */
  readonly maxBytes: number;
  readonly signal: AbortSignal;
  /** Kept up to date for whoever reports a failure. */
  readonly meter: { bytes: number; answering: boolean };
  /**
   * Gives up all connections of the agent when no other request uses them; tells whether it did. An aborted request alone would leave undici behind with
   * a request in its queue, for which it opens a new connection only to find that there is nothing to send.
   */
  readonly retire: (error: Error) => boolean;
}

export interface Exchanged {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

type Unpacker = ReturnType<typeof createGunzip> | ReturnType<typeof createBrotliDecompress>;

/**
 * Note: never pause. The answer is taken through dispatch() and never paused, because the parser of undici 7 ends the whole process with an assertion when a
 * server closes the connection while the reader holds back (nodejs/undici issue 5360, mended in version 8 only). The caps bound what is held instead.
 * @throws AppError response_too_large, response_malformed, redirect_refused; the reason of the signal; or what the socket, the parser or the unpacker threw
 */
export function exchange(job: Exchange): Promise<Exchanged> {
  const { agent, target, method, maxBytes, signal, meter } = job;
  return new Promise((resolve, reject) => {
    const store = new ByteStore();
    let packedBytes = 0;
    let ended: { readonly error: Error } | 'done' | null = null;
    let line: Dispatcher.DispatchController | null = null;
    let unpacker: Unpacker | null = null;
    let status = 0;
    let headers: Record<string, string> = {};

    const fail = (error: Error): void => {
      if (ended !== null) return;
      ended = { error };
      signal.removeEventListener('abort', onAbort);
      unpacker?.destroy();
      if (!job.retire(error)) line?.abort(error);
      reject(error);
    };
    const onAbort = (): void => fail(signal.reason as Error);
    const finish = (): void => {
      if (ended !== null) return;
      ended = 'done';
      signal.removeEventListener('abort', onAbort);
      resolve({ status, headers, body: store.take() });
    };
    const keep = (chunk: Buffer): void => {
      if (ended !== null) return;
      meter.bytes += chunk.length;
      if (meter.bytes > maxBytes) fail(tooLargeError(target, maxBytes));
      else store.add(chunk);
    };
    signal.addEventListener('abort', onAbort, { once: true });

    const handler: Dispatcher.DispatchHandler = {
      onRequestStart(controller) {
        line = controller;
        // Cancelled while it waited for a connection: nothing is sent.
        if (ended !== null && ended !== 'done') controller.abort(ended.error);
      },
      onRequestUpgrade(...[, , , socket]) {
        socket.destroy();
        fail(refused(target, `${target.host} wants to speak another protocol than HTTP.`));
      },
      onResponseStart(_controller, statusCode, incoming) {
        // Interim answers (1xx) come before the answer itself.
        if (ended !== null || (statusCode >= 100 && statusCode < 200)) return;
        meter.answering = true;
        status = statusCode;
        headers = flatten(incoming);
        try {
          checkHead({ target, method, status, headers, maxBytes });
          unpacker = unpackerFor({ target, method, status, headers });
        } catch (error) {
          fail(error as Error);
          return;
        }
        unpacker?.on('data', keep).on('end', finish).on('error', fail);
      },
      onResponseData(_controller, chunk) {
        if (ended !== null) return;
        packedBytes += chunk.length;
        if (unpacker === null) keep(chunk);
        else if (packedBytes > maxBytes) fail(tooLargeError(target, maxBytes));
        else unpacker.write(chunk);
      },
      onResponseEnd() {
        if (unpacker === null) finish();
        else unpacker.end();
      },
      onResponseError(_controller, error) {
        fail(error);
      },
    };
    agent.dispatch({ origin: target.origin, path: job.path, method, headers: { ...job.headers }, body: job.body, headersTimeout: 0, bodyTimeout: 0 }, handler);
  });
}

interface Head {
  readonly target: Target;
  readonly method: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

function checkHead({ target, method, status, headers, maxBytes }: Head & { readonly maxBytes: number }): void {
  if (status < 200 || status > 599) throw refused(target, `${target.host} answered with the status ${status}, which HTTP does not have.`);
  if (status >= 300 && status <= 399) throw redirectError(target, status, headers['location']);
  if (headers['content-length'] !== undefined && headers['transfer-encoding'] !== undefined) throw refused(target, `${target.host} gave two different ways to tell where its answer ends.`);
  if (method !== 'HEAD' && Number(headers['content-length'] ?? 0) > maxBytes) throw tooLargeError(target, maxBytes);
}

/** We ask for `identity`; a server or a proxy that compresses all the same is read, under the same cap. */
function unpackerFor({ target, method, status, headers }: Head): Unpacker | null {
  const encoding = (headers['content-encoding'] ?? '').trim().toLowerCase();
  const isEmpty = method === 'HEAD' || status === 204 || headers['content-length'] === '0';
  if (encoding === '' || encoding === 'identity' || isEmpty) return null;
  if (encoding === 'gzip' || encoding === 'x-gzip') return createGunzip();
  if (encoding === 'deflate') return createInflate();
  if (encoding === 'br') return createBrotliDecompress();
  throw refused(target, `${target.host} compressed its answer in a way that was not asked for and is not known (${JSON.stringify(encoding.slice(0, 40))}).`);
}

function refused(target: Target, message: string): AppError {
  return new AppError('response_malformed', { message: `${message} Nothing of it was kept.`, hint: 'Check that the address is that of the deployment itself and that no proxy or portal stands between.', facts: { host: target.host } });
}

function flatten(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const flat = Object.create(null) as Record<string, string>;
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value;
  }
  return flat;
}
