// Speaks to one NAVI backend with one token: each route once, its answer read strictly; keeps nothing and decides nothing about screens.
import { AppError } from '#shared/errors.ts';
import { formatInstantUs, parseInstantUs } from '#shared/domain/time.ts';
import { z } from '#shared/zod.ts';
import type { Clock } from '../../../ports.ts';
import type { Secret } from '../../../secret.ts';
import type { HttpAnswer, HttpClient, HttpRequest } from '../../http.ts';
import { parseStrictJson, parseStrictJsonKeeping } from '../../strict-json.ts';
import type { Target } from '../../target.ts';
import { answerError, readEnvelope } from './answer-errors.ts';
import { classifyPayload } from './payload.ts';
import { probeNavi } from './probe.ts';
import { readRows } from './rows.ts';
import type { NaviClient, NaviOpened, NaviPurged } from './types.ts';

export type { Answered, ExportQuery, ListQuery, NaviClient, NaviOpened, NaviPayload, NaviProbe, NaviPurged, NaviRow, NaviRows, Seen } from './types.ts';

/** Largest honest answers, unpacked: 16 fields; 1000 rows at the full width of their columns; 10000 rows with payloads; one payload; two values. */
const MAX_BYTES = { status: 256 * 1024, list: 16 * 1024 * 1024, export: 64 * 1024 * 1024, payload: 4 * 1024 * 1024, purge: 64 * 1024 };
/** Deleting many rows takes its time; giving up early would leave unknown what happened. */
const PURGE_DEADLINE_MS = 120_000;

export const STATUS_PATH = '/api/admin/security/status';
export const LIST_PATH = '/api/audit';
export const EXPORT_PATH = '/api/audit/export';
export const PURGE_PATH = '/api/audit/purge';
export const payloadPath = (id: number): string => `/api/audit/${id}/payload`;
export const decryptPath = (id: number): string => `/api/audit/${id}/decrypt`;

/** Sends one request to the target, with the token when there is one. */
export type Send = (request: Omit<HttpRequest, 'token'>, options?: { readonly anonymous?: boolean }) => Promise<HttpAnswer>;

export function createNaviClient(deps: { readonly http: HttpClient; readonly target: Target; readonly token: Secret | null; readonly clock: Clock }): NaviClient {
  const { http, target, token, clock } = deps;
  const send: Send = (request, options) => http.request(target, { ...request, token: options?.anonymous === true ? null : token });

  async function ask(request: Omit<HttpRequest, 'token'>): Promise<HttpAnswer> {
    const answer = await send(request);
    if (answer.status !== 200) throw answerError(answer);
    return answer;
  }

  return {
    probe: (signal) => probeNavi({ send, target, hasToken: token !== null, clock, signal }),

    async securityStatus(signal) {
      const answer = await send({ method: 'GET', path: STATUS_PATH, maxBytes: MAX_BYTES.status, signal });
      if (answer.status === 404 || answer.status === 405) {
        throw new AppError('not_found', {
          message: `There is no security status at ${target.url}${STATUS_PATH}.`, hint: 'Check that the address is that of a NAVI backend.', facts: { httpStatus: answer.status },
        });
      }
      if (answer.status !== 200) throw answerError(answer);
      return { httpStatus: 200, json: parseStrictJson(answer.body), bodyText: answer.body.toString('utf8'), observedAt: answer.receivedAt, requestLine: answer.requestLine };
    },

    async anonymousStatus(signal) {
      const answer = await send({ method: 'GET', path: STATUS_PATH, maxBytes: MAX_BYTES.status, signal }, { anonymous: true });
      return { httpStatus: answer.status, observedAt: answer.receivedAt, requestLine: answer.requestLine };
    },

    async listEvents({ org, actor, limit }, signal) {
      const query: [string, string][] = [['limit', String(limit)]];
      if (org !== undefined) query.push(['org', org]);
      if (actor !== undefined) query.push(['actor', actor]);
      return readRows(await ask({ method: 'GET', path: LIST_PATH, query, maxBytes: MAX_BYTES.list, signal }));
    },

    async exportEvents({ sinceUs, untilUs, actor, limit, includePayload }, signal) {
      const query: [string, string][] = [['export_format', 'json'], ['limit', String(limit)], ['include_payload', String(includePayload)]];
      // Written with Z: an offset would need a plus sign, which the server reads as a space when it is not escaped (contract section 3.2).
      if (sinceUs !== undefined) query.push(['since', formatInstantUs(sinceUs)]);
      if (untilUs !== undefined) query.push(['until', formatInstantUs(untilUs)]);
      if (actor !== undefined) query.push(['actor', actor]);
      return readRows(await ask({ method: 'GET', path: EXPORT_PATH, query, maxBytes: MAX_BYTES.export, signal }));
    },

    async payload(id, { decrypt, reason }, signal) {
      const query: [string, string][] = [['decrypt', String(decrypt)]];
      if (decrypt && reason !== undefined) query.push(['reason', reason]);
      const answer = await send({ method: 'GET', path: payloadPath(id), query, maxBytes: MAX_BYTES.payload, signal });
      if (answer.status !== 200) throw payloadError(answer, id, decrypt);
      return readOpened(answer, id);
    },

    async decrypt(id, reason, signal) {
      const answer = await send({ method: 'POST', path: decryptPath(id), jsonBody: { reason }, maxBytes: MAX_BYTES.payload, signal });
      if (answer.status !== 200) throw payloadError(answer, id, true);
      return readOpened(answer, id);
    },

    async purge(days, signal) {
      const answer = await send({ method: 'POST', path: PURGE_PATH, query: [['days', String(days)]], maxBytes: MAX_BYTES.purge, deadlineMs: PURGE_DEADLINE_MS, signal });
      if (answer.status !== 200) throw purgeError(answer);
      return readPurged(answer);
    },
  };
}

const purgedSchema = z.looseObject({ deleted: z.int().min(0), cutoff: z.string().max(64) });

/** @throws AppError response_unexpected: what was deleted is then not known */
function readPurged(answer: HttpAnswer): NaviPurged {
  const parsed = purgedSchema.safeParse(parseStrictJson(answer.body));
  const cutoffUs = parsed.success ? parseInstantUs(parsed.data.cutoff) : null;
  if (!parsed.success || cutoffUs === null) {
    throw new AppError('response_unexpected', { message: 'The deployment answered the purge with something else than how many rows it deleted up to when.', hint: 'Look whether it has happened before anything else is sent.', facts: { httpStatus: answer.status } });
  }
  return { deleted: parsed.data.deleted, cutoffUs, requestLine: answer.requestLine, observedAt: answer.receivedAt };
}

function purgeError(answer: HttpAnswer): AppError {
  const { detail } = readEnvelope(answer);
  if (answer.status === 400 && /retention is disabled/i.test(detail ?? '')) {
    return new AppError('request_refused', { message: 'Retention is switched off at the deployment, so it refuses to purge. It deleted nothing.', hint: 'Switch it on there (AUDIT_RETENTION_ENABLED), then plan anew.', facts: { httpStatus: 400 } });
  }
  return answerError(answer);
}

const openedSchema = z.looseObject({ id: z.int(), encrypted: z.boolean().optional(), key_id: z.string().max(256).nullish() });

/** @throws AppError response_unexpected, among others when another row came than the one asked for */
function readOpened(answer: HttpAnswer, id: number): NaviOpened {
  const { value, kept } = parseStrictJsonKeeping(answer.body, { key: 'payload', depth: 1 });
  const parsed = openedSchema.safeParse(value);
  const raw = kept.get(0);
  if (!parsed.success || raw === undefined || parsed.data.id !== id) {
    throw new AppError('response_unexpected', {
      message: !parsed.success || raw === undefined ? `The answer about the payload of event ${id} has another shape than expected. Nothing of it was kept.` : `The payload of event ${id} was asked for, but that of event ${parsed.data.id} came. Nothing of it was kept.`,
      hint: 'Test the connection: the deployment may be of a version that is not known here.',
    });
  }
  return {
    id, payload: classifyPayload(raw), storedEncrypted: parsed.data.encrypted ?? null, keyId: parsed.data.key_id ?? null,
    requestLine: answer.requestLine, observedAt: answer.receivedAt,
  };
}

/** The errors of the two payload routes (contract sections 3.3, 3.4). */
function payloadError(answer: HttpAnswer, id: number, decrypting: boolean): AppError {
  const { detail, errorCode } = readEnvelope(answer);
  const facts = { httpStatus: answer.status, errorCode, eventId: id };
  if (answer.status === 404 && errorCode === 'NOT_FOUND') {
    return new AppError('event_not_found', { message: `The deployment has no event ${id} that our token may read.`, hint: 'It was removed there, or it belongs to another organisation.', facts });
  }
  if (decrypting && answer.status === 400) {
    const said = detail ?? '';
    const message = /not set|not configured/i.test(said) ? 'The deployment has no key for its audit log, so it cannot open this payload.'
      : /missing ciphertext/i.test(said) ? 'The payload says that it is encrypted but holds no ciphertext, so there is nothing to open.'
        : 'The deployment could not open this payload. It does not say whether its key is another one, the ciphertext is damaged or there is none.';
    return new AppError('server_cannot_decrypt', { message, hint: 'If you hold the key with which it was written, add it here and decrypt on this machine.', facts });
  }
  if (decrypting && answer.status === 500) {
    return new AppError('server_cannot_decrypt', {
      message: 'The deployment failed while opening this payload. It answers the same for a payload written under another key, for damaged ciphertext, for a payload that is no object, and while its database is away.',
      hint: 'It knows one key only. If you hold the key with which this was written, add it here and decrypt on this machine.', facts,
    });
  }
  if (answer.status === 500) {
    return new AppError('server_error', {
      message: `The deployment failed while reading the payload of event ${id}. It does so for every payload that is no object.`, hint: 'If other events can be read, this one is malformed at the deployment.', facts,
    });
  }
  return answerError(answer);
}
