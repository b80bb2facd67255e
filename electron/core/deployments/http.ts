// The one place from which this program speaks to a network: one request, one bounded answer; refuses writes to read-only deployments, other origins, redirects and anything unbounded.
import { connect as connectTcp, type LookupFunction, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { Agent, buildConnector } from 'undici';
import { AppError } from '#shared/errors.ts';
import type { Clock, Log } from '../ports.ts';
import { cancelledError, deadlineError, toNetworkError, type Progress } from './http-errors.ts';
import { exchange } from './http-exchange.ts';
import { buildPath, checkAllowed, headersFor, mayChange, type HttpRequest } from './http-request.ts';
import { isLoopbackAddress, type Target } from './target.ts';
import { checkPeer, createTrust, refuseDisabledVerification, type TlsFacts } from './tls.ts';

export type { HttpMethod, HttpRequest, ProbeHeaders } from './http-request.ts';
export type { TlsFacts } from './tls.ts';

export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case; repeated headers joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  /** Unpacked. */
  readonly body: Buffer;
  /** When the whole answer was here: milliseconds since the epoch, this machine's clock. */
  readonly receivedAt: number;
  readonly durationMs: number;
  /** Method and path with query, as evidence; the value of `reason` is kept out. */
  readonly requestLine: string;
  /** null on plain http to this machine. */
  readonly tls: TlsFacts | null;
  /** The server's Date header, milliseconds since the epoch, whole seconds. */
  readonly serverDate: number | null;
}

export interface HttpStats {
  /** host:port of every deployment that a connection was made to since the start. */
  readonly hostsReached: readonly string[];
  /** Requests refused here before anything was sent. */
  readonly refused: number;
  /** Milliseconds since the epoch; null when nothing was sent yet. */
  readonly lastRequestAt: number | null;
}

export interface HttpClient {
  /**
   * Sends one request and reads its whole answer. Any status but a redirect is an answer, not an error.
   * @throws AppError with a code of the way (read_only, cross_origin_refused, dns_failed … response_malformed) or cancelled
   */
  request(target: Target, request: HttpRequest): Promise<HttpAnswer>;
  stats(): HttpStats;
  /** Ends every connection and every request under way. */
  close(): Promise<void>;
}

export interface HttpClientOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Total time for one request: connection, head and body. */
  readonly deadlineMs?: number;
  /** Largest body taken, in unpacked bytes. */
  readonly maxBytes?: number;
}

const DEFAULT_DEADLINE_MS = 15_000;
const DEFAULT_MAX_BYTES = 64 * 1024 * 1024;
const MAX_HEADER_BYTES = 32 * 1024;
const KEEP_ALIVE_MS = 5_000;
const MAX_CONNECTIONS = 4;
/** A connection attempt outlives its request only while others use the line, and then no longer than this. */
const CONNECT_MS = 60_000;
/** Servers that send no session ticket cost this much, once for each connection. */
const TICKET_WAIT_MS = 250;

/** The connections to one target. Another CA or pin is another line, so trust never leaks from one deployment to another. */
interface Line {
  readonly agent: Agent;
  /** Sockets whose connection or handshake is not done. */
  readonly connecting: Set<Socket>;
  connected: number;
  inFlight: number;
  sawCertificate: boolean;
  tls: TlsFacts | null;
}

/**
 * Makes the client. Proxy variables of the environment (HTTP_PROXY and its kin) are not read: a request goes to the deployment's own address or nowhere.
 */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const { clock, log } = options;
  const lines = new Map<string, Line>();
  const hostsReached = new Set<string>();
  let refused = 0;
  let lastRequestAt: number | null = null;
  let closed = false;

  const keyOf = (target: Target): string => JSON.stringify([target.origin, target.caPem, target.pin]);

  function lineFor(target: Target, undici: typeof import('undici')): Line {
    const key = keyOf(target);
    const known = lines.get(key);
    if (known !== undefined) return known;
    const connecting = new Set<Socket>();
    const agent = new undici.Agent({
      connect: connectorFor({ target, clock, line: () => line, reached: (host) => hostsReached.add(host) }),
      connections: MAX_CONNECTIONS, pipelining: 1, allowH2: false, maxHeaderSize: MAX_HEADER_BYTES,
      keepAliveTimeout: KEEP_ALIVE_MS, keepAliveMaxTimeout: KEEP_ALIVE_MS, headersTimeout: 0, bodyTimeout: 0,
    });
    const line: Line = { agent, connecting, connected: 0, inFlight: 0, sawCertificate: false, tls: null };
    lines.set(key, line);
    return line;
  }

  function retire(key: string, line: Line, error: Error): boolean {
    if (line.inFlight > 1) return false;
    if (lines.get(key) === line) lines.delete(key);
    for (const socket of line.connecting) socket.destroy();
    void line.agent.destroy(error);
    return true;
  }

  /** A connection that lay idle may be gone without a word. What changes a server gets a new one: else nobody could say whether it arrived. */
  function leaveIdle(target: Target): void {
    const line = lines.get(keyOf(target));
    if (line === undefined || line.inFlight > 0) return;
    lines.delete(keyOf(target));
    void line.agent.close();
  }

  async function request(target: Target, wanted: HttpRequest): Promise<HttpAnswer> {
    // With the first request: a start that speaks to nobody need not load it.
    const undici = await import('undici');
    let path: ReturnType<typeof buildPath>;
    let headers: Record<string, string>;
    try {
      if (closed) throw cancelledError();
      checkAllowed(target, wanted);
      path = buildPath(target, wanted);
      headers = headersFor(wanted);
      if (target.transport === 'encrypted') refuseDisabledVerification();
      if (wanted.signal?.aborted === true) throw cancelledError();
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'cancelled') refused += 1;
      throw error;
    }
    const deadlineMs = wanted.deadlineMs ?? options.deadlineMs ?? DEFAULT_DEADLINE_MS;
    const maxBytes = wanted.maxBytes ?? options.maxBytes ?? DEFAULT_MAX_BYTES;
    if (mayChange(wanted)) leaveIdle(target);
    const line = lineFor(target, undici);
    const meter = { bytes: 0, answering: false };
    const connectedBefore = line.connected;
    const progress = (): Progress => ({
      phase: meter.answering ? 'answering' : line.connecting.size > 0 && line.connected === connectedBefore ? 'connecting' : 'asked',
      target, bytes: meter.bytes, sawCertificate: line.sawCertificate,
    });
    const controller = new AbortController();
    const stopDeadline = clock.after(deadlineMs, () => controller.abort(deadlineError(progress(), deadlineMs)));
    const onCancel = (): void => controller.abort(cancelledError());
    wanted.signal?.addEventListener('abort', onCancel, { once: true });
    const startedAt = clock.monotonicMs();
    lastRequestAt = clock.now();
    line.inFlight += 1;
    try {
      const { status, headers: head, body } = await exchange({
        agent: line.agent, target, method: wanted.method, path: path.full, headers, maxBytes, meter, signal: controller.signal,
        retire: (error) => retire(keyOf(target), line, error),
        body: wanted.jsonBody === undefined ? null : JSON.stringify(wanted.jsonBody),
      });
      const durationMs = clock.monotonicMs() - startedAt;
      log.info('request', { line: path.line, status, bytes: body.length, durationMs: Math.round(durationMs) });
      const date = Date.parse(head['date'] ?? '');
      return { status, headers: head, body, receivedAt: clock.now(), durationMs, requestLine: path.line, tls: line.tls, serverDate: Number.isNaN(date) ? null : date };
    } catch (error) {
      const named = controller.signal.aborted ? controller.signal.reason : toNetworkError(error, progress());
      log.info('request failed', { line: path.line, code: named instanceof AppError ? named.code : 'internal' });
      throw named;
    } finally {
      stopDeadline();
      wanted.signal?.removeEventListener('abort', onCancel);
      line.inFlight -= 1;
    }
  }

  return {
    request,
    stats: () => ({ hostsReached: [...hostsReached], refused, lastRequestAt }),
    async close() {
      closed = true;
      const open = [...lines.values()];
      lines.clear();
      for (const line of open) for (const socket of line.connecting) socket.destroy();
      await Promise.all(open.map((line) => line.agent.destroy(cancelledError())));
    },
  };
}

interface Connecting {
  readonly target: Target;
  readonly clock: Clock;
  /** The line that the connector belongs to, once it is made. */
  readonly line: () => Line;
  readonly reached: (host: string) => void;
}

/** Opens sockets to one target only, and hands a socket over only when its certificate, pin or loopback address was checked. */
function connectorFor({ target, clock, line, reached }: Connecting): buildConnector.connector {
  const trust = target.transport === 'encrypted' ? createTrust(target) : null;
  const isAddress = /^[\d.]+$|:/.test(target.host);
  return (_options, callback) => {
    const where = { host: target.host, port: target.port, autoSelectFamily: true, ...(target.host === 'localhost' && trust === null ? { lookup: lookupLocalhost } : {}) };
    const socket: Socket = trust === null
      ? connectTcp(where)
      : connectTls({
        ...where, secureContext: trust, minVersion: 'TLSv1.2', rejectUnauthorized: true, ALPNProtocols: ['http/1.1'],
        ...(isAddress ? {} : { servername: target.host }),
      });
    const { connecting } = line();
    connecting.add(socket);
    let done = false;
    const finish = (error: Error | null): void => {
      if (done) return;
      done = true;
      stopTimer();
      connecting.delete(socket);
      if (error !== null) {
        socket.destroy();
        callback(error, null);
        return;
      }
      line().connected += 1;
      reached(`${target.host}:${target.port}`);
      callback(null, socket);
    };
    const stopTimer = clock.after(CONNECT_MS, () => finish(Object.assign(new Error('connect timed out'), { code: 'ETIMEDOUT' })));
    socket.setNoDelay(true);
    socket.on('error', (error) => {
      line().sawCertificate = trust !== null && (socket as TLSSocket).getPeerX509Certificate() !== undefined;
      finish(error);
    });
    socket.once('close', () => finish(Object.assign(new Error('closed before it was connected'), { code: 'ECONNRESET' })));
    socket.once(trust === null ? 'connect' : 'secureConnect', () => {
      try {
        if (trust === null) {
          checkLoopback(socket, target);
          finish(null);
          return;
        }
        const secure = socket as TLSSocket;
        secure.disableRenegotiation();
        const facts = checkPeer(secure, target);
        line().tls = facts;
        if (facts.protocol === 'TLSv1.3') settleAccepted(secure, clock, () => finish(null));
        else finish(null);
      } catch (error) {
        finish(error instanceof Error ? error : new Error('the check of the connection failed'));
      }
    });
  };
}

/**
 * In TLS 1.3 a client counts the handshake as done before the server has looked at the client's side of it. A server that wants a client certificate says so
 * only afterwards; one that is content sends a session ticket. Waiting for either keeps the token from a server that is about to refuse us.
 */
function settleAccepted(socket: TLSSocket, clock: Clock, accept: () => void): void {
  const stop = clock.after(TICKET_WAIT_MS, accept);
  socket.once('session', () => {
    stop();
    // Not from inside the event: what is written there stays in the TLS layer until something else stirs it (Node 24).
    setImmediate(accept);
  });
}

function checkLoopback(socket: Socket, target: Target): void {
  if (isLoopbackAddress(socket.remoteAddress)) return;
  throw new AppError('insecure_url', {
    message: `${target.host} led away from this machine, where plain http is not accepted. Nothing was sent.`, hint: 'Use https, or the address 127.0.0.1.',
  });
}

/** The name localhost is never looked up: a resolver that answers with another machine would get the token in the clear. */
const lookupLocalhost: LookupFunction = (_name, options, callback) => {
  if (options.all === true) callback(null, [{ address: '127.0.0.1', family: 4 }, { address: '::1', family: 6 }]);
  else callback(null, '127.0.0.1', 4);
};
