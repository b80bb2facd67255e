// Cached rows of an audit query as evidence: in the form of the JSON export, oldest first, and never more than can be looked through. It asks no deployment.
import { EVIDENCE_MAX_BYTES } from '#shared/domain/runbook-run.ts';
import { AppError } from '#shared/errors.ts';
import type { ExportCalls } from '../../audit/export/reader.ts';
import type { Deployment } from '#shared/domain/deployment.ts';
import type { Session } from '../../session.ts';
import { startThread } from '../../workers/thread.ts';

export const ROWS_MAX = 10_000;

export interface AuditRows { /** One row a line. */ readonly text: string; readonly rows: number; /** What the query found in all. */ readonly found: number }

/** @throws AppError invalid_query, deployment_not_found, cancelled */
export async function auditRows({ session, deployment, query, nowMs, signal }: { readonly session: Session; readonly deployment: Pick<Deployment, 'id' | 'name' | 'url'>; readonly query: string; readonly nowMs: number; readonly signal: AbortSignal }): Promise<AuditRows> {
  session.read();
  const database = session.database();
  if (database === null) throw new AppError('deployment_not_found', { message: 'This profile is still empty.', hint: 'Add a deployment first.' });
  const reader = startThread<ExportCalls>('audit-export', database.forThread());
  const end = (): void => void reader.end();
  const stop = session.onClosing(end);
  signal.addEventListener('abort', end, { once: true });
  try {
    const selected = await reader.call('select', { deploymentId: deployment.id, query, nowUs: nowMs * 1000, format: 'jsonl', origin: { name: deployment.name, url: deployment.url } }, { signal });
    const lines: string[] = [];
    let bytes = 0;
    for (let read = 0; read < selected.rows && lines.length < ROWS_MAX;) {
      const piece = await reader.call('next', null, { signal });
      read = piece.rows;
      for (const line of new TextDecoder().decode(piece.bytes).split('\n')) {
        if (line === '' || lines.length === ROWS_MAX) continue;
        bytes += Buffer.byteLength(line) + 1;
        if (bytes > EVIDENCE_MAX_BYTES) return { text: lines.join(''), rows: lines.length, found: selected.rows };
        lines.push(`${line}\n`);
      }
    }
    return { text: lines.join(''), rows: lines.length, found: selected.rows };
  } finally {
    stop();
    signal.removeEventListener('abort', end);
    end();
  }
}
