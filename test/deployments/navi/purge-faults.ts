// What can go wrong between a purge at the reference deployment and its answer; each fault is one that a network, a proxy or a broken build was seen to have.
import type { ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { Backend, NaviRequest } from './context.ts';
import { jsonReply, type Reply } from './reply.ts';

/**
 * lost-request: the connection ends before anything is done. lost-answer: it is done, and the connection ends. truncated: half of the answer comes. twice: the
 * answer comes two times over. malformed, no-count: 200 with another body. failed-after: it is done, and 500 is said. slow: it is done, and the answer waits.
 * more: rows that are not due go too, and are not counted. less: nothing is deleted, and the count is said all the same. redirect: it points elsewhere. forbidden: it refuses.
 */
export const PURGE_FAULTS = ['lost-request', 'lost-answer', 'truncated', 'twice', 'malformed', 'no-count', 'failed-after', 'slow', 'more', 'less', 'redirect', 'forbidden'] as const;
export type PurgeFault = (typeof PURGE_FAULTS)[number];

const SLOW_MS = 400;
const MICROS_PER_DAY = 86_400_000_000;

export const isPurge = ({ method, path }: NaviRequest): boolean => method === 'POST' && path === '/api/audit/purge';

export interface FaultyPurge {
  readonly fault: PurgeFault;
  readonly backend: Backend;
  readonly request: NaviRequest;
  readonly outgoing: ServerResponse;
  /** Does what the route does, and gives its answer. */
  readonly act: () => Reply;
  readonly send: (reply: Reply) => void;
}

export async function servePurgeWithFault({ fault, backend, request, outgoing, act, send }: FaultyPurge): Promise<void> {
  if (fault === 'lost-request') return void outgoing.destroy();
  if (fault === 'redirect') return send({ status: 307, headers: { location: `${request.origin}/elsewhere` }, body: '', layer: 'routed' });
  if (fault === 'forbidden') return send(jsonReply(403, { detail: 'Requires admin role or higher (you have viewer)', error_code: 'FORBIDDEN', request_id: request.requestId }));
  const days = Number(request.query.get('days'));
  const cutoff = backend.now().getTime() * 1000 - days * MICROS_PER_DAY;
  if (fault === 'less') return send(jsonReply(200, { deleted: backend.store.countOlderThan(cutoff), cutoff: new Date(cutoff / 1000).toISOString() }));
  const reply = act();
  if (fault === 'more') backend.store.deleteOlderThan(cutoff + 5 * MICROS_PER_DAY);
  if (fault === 'lost-answer') return void outgoing.destroy();
  if (fault === 'malformed') return send({ ...reply, body: '{"deleted": "many"' });
  if (fault === 'no-count') return send(jsonReply(200, { deleted: -1, cutoff: 'yesterday' }));
  if (fault === 'failed-after') return send(jsonReply(500, { detail: 'Internal server error', error_code: 'INTERNAL_ERROR', request_id: request.requestId }));
  if (fault === 'slow') await wait(SLOW_MS);
  if (fault === 'truncated') {
    outgoing.writeHead(200, { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(reply.body)) });
    outgoing.write(reply.body.slice(0, 8), () => { outgoing.destroy(); });
    return;
  }
  if (fault === 'twice') {
    const text = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(reply.body)}\r\n\r\n${reply.body}`;
    outgoing.socket?.write(text + text);
    return;
  }
  send(reply);
}
