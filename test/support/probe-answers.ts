// Answers as a prober gives them, for tests of what follows from an answer.
import { toProbeAnswer } from '#core/deployments/prober.ts';
import type { ProbeAnswer } from '#core/deployments/service.ts';
import type { Deployment } from '#shared/domain/deployment.ts';

export interface Given {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text as it is; anything else as JSON. */
  readonly body?: unknown;
  readonly requestLine?: string;
  readonly serverDate?: number | null;
}

export function given({ status = 200, headers = {}, body = '', requestLine = 'GET /given', serverDate = null }: Given = {}): ProbeAnswer {
  return toProbeAnswer({
    status, headers, body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)), requestLine, serverDate, receivedAt: Date.UTC(2026, 10, 22, 12), durationMs: 5, tls: null,
  });
}

export const someDeployment: Deployment = {
  id: 'd_0123456789abcdef', name: 'acme', url: 'http://127.0.0.1:1', kind: 'karen', environment: 'staging', readOnly: true, hasCa: false, pin: null, transport: 'loopback',
  token: { stored: false, claims: null, importedAt: null }, dialect: null, role: null, capabilities: [], capabilitiesAt: null,
  reachability: { state: 'never-tried', at: null, lastReachedAt: null, errorCode: null, message: null }, createdAt: '2026-11-22T12:00:00.000000Z',
};
