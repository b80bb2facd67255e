// Gives every failure on the way to a deployment its code, what happened and what to do; it decides nothing about retries.
import { AppError, type ErrorCode } from '#shared/errors.ts';
import type { Target } from './target.ts';
import { classifyTlsError } from './tls.ts';

/** How far a request had come when it failed. */
export interface Progress {
  /** connecting: no usable connection yet. asked: sent, no answer yet. answering: the head of the answer was there. */
  readonly phase: 'connecting' | 'asked' | 'answering';
  readonly target: Target;
  readonly bytes: number;
  readonly sawCertificate: boolean;
}

type Failure = readonly [code: ErrorCode, what: (host: string) => string, hint: string];

const CHECK_ADDRESS = 'Check the address, the network and the VPN. What was synced before is still here.';
const CHECK_PROXY = 'Check that the address is that of the deployment itself and that no proxy or portal stands between.';
const TRY_AGAIN = 'Try again in a moment. What was synced before is still here.';

const reset: Failure = ['connection_reset', (host) => `${host} broke off the connection before it answered.`, TRY_AGAIN];
const malformed: Failure = ['response_malformed', (host) => `What ${host} sent is not valid HTTP. Nothing of it was kept.`, CHECK_PROXY];
const unreachable: Failure = ['network_unreachable', (host) => `${host} cannot be reached from here: there is no way to it.`, CHECK_ADDRESS];
const dns: Failure = ['dns_failed', (host) => `The name ${host} was not found.`, CHECK_ADDRESS];

const BY_CODE: Readonly<Record<string, Failure>> = {
  ENOTFOUND: dns,
  EAI_AGAIN: dns,
  EAI_FAIL: dns,
  EAI_NODATA: dns,
  EAI_NONAME: dns,
  ECONNREFUSED: ['connection_refused', (host) => `Nothing listens at ${host} on this port.`, 'Check the port and that the deployment runs. What was synced before is still here.'],
  ECONNRESET: reset,
  EPIPE: reset,
  ECONNABORTED: reset,
  UND_ERR_SOCKET: reset,
  ENETUNREACH: unreachable,
  EHOSTUNREACH: unreachable,
  ENETDOWN: unreachable,
  EHOSTDOWN: unreachable,
  EADDRNOTAVAIL: unreachable,
  EACCES: unreachable,
  EPERM: unreachable,
  ETIMEDOUT: ['network_timeout', (host) => `${host} did not answer in time.`, CHECK_ADDRESS],
  UND_ERR_CONNECT_TIMEOUT: ['network_timeout', (host) => `${host} did not answer in time.`, CHECK_ADDRESS],
  UND_ERR_HEADERS_OVERFLOW: ['headers_too_large', (host) => `The head of the answer from ${host} is larger than any honest one. Nothing of it was kept.`, CHECK_PROXY],
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: ['response_malformed', (host) => `${host} announced another length than it sent, so its answer has two readings. Nothing of it was kept.`, CHECK_PROXY],
};

/** Codes of zlib for an answer that ended inside the compressed data, and for data that is not what its header says. */
const ZLIB_TRUNCATED = new Set(['Z_BUF_ERROR', 'ERR_BROTLI_DECODER_ERROR_UNREACHABLE']);

/**
 * Turns whatever a socket, the parser or a decoder threw into an AppError. An error that is none of theirs is a bug and is given back as it is.
 */
export function toNetworkError(error: unknown, progress: Progress): unknown {
  if (error instanceof AppError || !(error instanceof Error)) return error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const host = progress.target.host;
  const make = ([errorCode, what, hint]: Failure): AppError => new AppError(errorCode, { message: what(host), hint, cause: error });
  if (progress.target.transport === 'encrypted') {
    const tls = classifyTlsError(error, progress.target, progress.sawCertificate);
    if (tls !== null) return tls;
  }
  if (error instanceof AggregateError && code === '') {
    const first: unknown = error.errors[0];
    return first instanceof Error ? toNetworkError(first, progress) : error;
  }
  if (error.name === 'HTTPParserError' || code.startsWith('HPE_')) return make(malformed);
  // These two stand for an odd interim answer (100, 101), not for a broken connection.
  if (code === 'UND_ERR_SOCKET' && /bad (?:response|upgrade)/.test(error.message)) return make(malformed);
  if (ZLIB_TRUNCATED.has(code) || /unexpected end of file/.test(error.message)) return truncated(progress, error);
  if (code.startsWith('Z_') || code.startsWith('ERR_BROTLI') || code.startsWith('ERR_ZLIB') || code.startsWith('ERR__ERROR_FORMAT')) {
    return new AppError('response_malformed', { message: `${host} sent compressed data that cannot be unpacked. Nothing of it was kept.`, hint: CHECK_PROXY, cause: error });
  }
  if (progress.phase === 'answering' && code === 'UND_ERR_SOCKET') return truncated(progress, error);
  if (progress.phase === 'answering' && (code === 'ECONNRESET' || code === 'EPIPE')) {
    return new AppError('connection_reset', { message: `${host} broke off the connection in the middle of its answer, after ${progress.bytes} bytes. Nothing of it was kept.`, hint: TRY_AGAIN, cause: error });
  }
  const known = BY_CODE[code];
  if (known !== undefined) return make(known);
  // An assertion of the parser: the server sent something that its authors thought impossible.
  if (code === 'ERR_ASSERTION' || code.startsWith('UND_ERR_')) return make(malformed);
  if ('syscall' in error) return make(['network_unreachable', (name) => `The connection to ${name} failed (${code}).`, CHECK_ADDRESS]);
  return error;
}

function truncated(progress: Progress, cause: unknown): AppError {
  return new AppError('response_truncated', {
    message: `The answer from ${progress.target.host} ended too early, after ${progress.bytes} bytes. Nothing of it was kept.`, hint: TRY_AGAIN, cause,
  });
}

/** The total time for one request is over. */
export function deadlineError(progress: Progress, deadlineMs: number): AppError {
  const host = progress.target.host;
  const seconds = `${Number((deadlineMs / 1000).toFixed(1))} s`;
  const message = {
    connecting: `No connection to ${host} was made within ${seconds}.`,
    asked: `${host} took the request but gave no answer within ${seconds}.`,
    answering: `The answer from ${host} was not complete within ${seconds}; ${progress.bytes} bytes had come. Nothing of it was kept.`,
  }[progress.phase];
  return new AppError('network_timeout', { message, hint: progress.phase === 'connecting' ? CHECK_ADDRESS : TRY_AGAIN, facts: { phase: progress.phase } });
}

export function cancelledError(): AppError {
  return new AppError('cancelled', { message: 'The request was cancelled. Nothing of its answer was kept.', hint: 'Start it again when you want to.' });
}

export function tooLargeError(target: Target, maxBytes: number): AppError {
  return new AppError('response_too_large', {
    message: `The answer from ${target.host} is larger than ${formatBytes(maxBytes)}, counted unpacked. Nothing of it was kept.`,
    hint: 'Ask for less at once. If an answer of this kind should be small, check what stands at this address.',
  });
}

function formatBytes(bytes: number): string {
  return bytes >= 1_048_576 ? `${Number((bytes / 1_048_576).toFixed(1))} MiB` : `${Math.ceil(bytes / 1024)} KiB`;
}

/** A redirect is never followed: says where it pointed, without the path or query, which may carry a secret. */
export function redirectError(target: Target, status: number, location: string | undefined): AppError {
  return new AppError('redirect_refused', {
    message: `${target.host} answered with a redirect (${status}) to ${describeLocation(location, target)}. It was not followed, and nothing was sent there.`,
    hint: 'If the deployment has moved, change its address. If not, a portal or a proxy stands between.',
    facts: { httpStatus: status },
  });
}

function describeLocation(location: string | undefined, target: Target): string {
  if (location === undefined || location === '') return 'no address at all';
  try {
    const url = new URL(location, target.url);
    if (url.origin === target.origin) return 'another path of the same deployment';
    return url.origin === 'null' ? `a ${url.protocol} address` : url.origin;
  } catch {
    return 'an address that cannot be read';
  }
}
