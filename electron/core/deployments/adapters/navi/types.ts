// What the NAVI adapter gives to the rest of the core: plain domain values with the time and the request they came from; nothing of HTTP.
import type { DeploymentTest } from '#shared/contract/deployment.ts';

/** An answer with status 200 as it was read. */
export interface Answered {
  readonly httpStatus: number;
  readonly json: unknown;
  readonly bodyText: string;
  /** Milliseconds since the epoch, this machine's clock. */
  readonly observedAt: number;
  readonly requestLine: string;
}

/** That something answered, whatever it said. */
export interface Seen {
  readonly httpStatus: number;
  readonly observedAt: number;
  readonly requestLine: string;
}

/**
 * A payload and what it is. plain: stored unencrypted. encrypted: a wrapper with a ciphertext. failed: the server's marker that encrypting failed.
 * malformed: says encrypted but holds no ciphertext, is no object, or has two readings.
 */
export interface NaviPayload {
  readonly state: 'plain' | 'encrypted' | 'failed' | 'malformed';
  /** JSON text as it was received; for a payload that is not JSON, its text as a JSON string. */
  readonly body: string;
  /** The key id on the wrapper; null when it names none. */
  readonly keyId: string | null;
}

export interface NaviRow {
  readonly id: number;
  /** Microseconds since the epoch, UTC. */
  readonly createdAtUs: number;
  /** As the server wrote it; a time without a zone is UTC (contract section 3.1). */
  readonly createdAtRaw: string;
  readonly route: string;
  readonly method: string;
  readonly eventType: string;
  readonly org: string | null;
  readonly actorSub: string | null;
  readonly actorEmail: string | null;
  readonly resourceId: string | null;
  readonly statusCode: number;
  /** Absent when the route gives no payloads. */
  readonly payload?: NaviPayload;
}

export interface NaviRows {
  /** In the order in which they came. */
  readonly rows: readonly NaviRow[];
  /** Rows that could not be read, by their position in the answer. */
  readonly rejected: readonly { readonly index: number; readonly reason: string }[];
  /** Rows in the answer, readable or not: the page is full when this equals the limit. */
  readonly received: number;
  readonly requestLine: string;
  readonly observedAt: number;
}

/** The payload of one row, as stored or as the server opened it. */
export interface NaviOpened {
  readonly id: number;
  readonly payload: NaviPayload;
  /**
   * Whether the row is stored encrypted, as dialect A says (it says so too of rows that only hold encrypted: true, contract section 3.4); null where the
   * answer does not tell (C0 and C1, contract section 3.3).
   */
  readonly storedEncrypted: boolean | null;
  /** The key that the server names; null when it names none. */
  readonly keyId: string | null;
  readonly requestLine: string;
  readonly observedAt: number;
}

/** What dialect A says of a purge that it carried out. */
export interface NaviPurged {
  readonly deleted: number;
  /** By its own clock, microseconds since the epoch: it deleted what was older. */
  readonly cutoffUs: number;
  readonly requestLine: string;
  readonly observedAt: number;
}

export interface ListQuery {
  /** Exact org key. */
  readonly org?: string | undefined;
  /** Exact subject. */
  readonly actor?: string | undefined;
  /** 1 to 1000. */
  readonly limit: number;
}

export interface ExportQuery {
  /** Microseconds since the epoch, inclusive. */
  readonly sinceUs?: number | undefined;
  readonly untilUs?: number | undefined;
  readonly actor?: string | undefined;
  /** 1 to 10000. */
  readonly limit: number;
  readonly includePayload: boolean;
}

/** The result of asking a deployment what it is and offers: the same shape that the screens show. */
export type NaviProbe = DeploymentTest;

/** One deployment with one token. Every method may throw the AppErrors of the way, and `cancelled` when its signal says so. */
export interface NaviClient {
  /** Asks as much as it can while parts fail; throws only when nothing answered at all. */
  probe(signal?: AbortSignal): Promise<NaviProbe>;
  /** GET /api/admin/security/status. @throws AppError unauthorized, forbidden, rate_limited, rate_limiter_down, server_error, server_unavailable, not_found, request_refused, response_unexpected */
  securityStatus(signal?: AbortSignal): Promise<Answered>;
  /** The same request without a token: any status is an answer. */
  anonymousStatus(signal?: AbortSignal): Promise<Seen>;
  /** GET /api/audit: newest first, of every org, without payloads. */
  listEvents(query: ListQuery, signal?: AbortSignal): Promise<NaviRows>;
  /** GET /api/audit/export (C1): rows of the caller's org only; those without an org never appear. @throws also not_offered */
  exportEvents(query: ExportQuery, signal?: AbortSignal): Promise<NaviRows>;
  /**
   * GET /api/audit/{id}/payload (A). With decrypt the server writes a row of its own and gets the reason in the URL.
   * @throws also event_not_found, not_offered, server_cannot_decrypt
   */
  payload(id: number, options: { readonly decrypt: boolean; readonly reason?: string | undefined }, signal?: AbortSignal): Promise<NaviOpened>;
  /** POST /api/audit/{id}/decrypt (C0, C1). The server discards the reason. @throws also event_not_found, not_offered, server_cannot_decrypt */
  decrypt(id: number, reason: string, signal?: AbortSignal): Promise<NaviOpened>;
  /**
   * POST /api/audit/purge (A): deletes rows of every organisation that are older than so many days. Sent once, never again by itself, and no redirect is
   * followed. After any error that is not an answer of the deployment (`facts.httpStatus`), whether it happened is not known.
   * @throws also read_only (before anything is sent), request_refused when retention is off there, response_unexpected
   */
  purge(days: number, signal?: AbortSignal): Promise<NaviPurged>;
}
