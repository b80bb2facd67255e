// Evidence of runs: taken in, named by an event of the run, shown in parts and written out. It is looked at and never executed; what is damaged is told.
import type { CallOutput, ParsedInput } from '#shared/contract.ts';
import { isKind } from '#shared/domain/runbook-registers.ts';
import type { EvidenceRef } from '#shared/domain/runbook-run.ts';
import { formatInstantMs } from '#shared/domain/time.ts';
import { AppError } from '#shared/errors.ts';
import type { DeploymentsService } from '../../deployments/service.ts';
import { openAtomicFile } from '../../files/atomic-file.ts';
import type { Clock } from '../../ports.ts';
import type { Session } from '../../session.ts';
import { findStep } from '../runs/store.ts';
import type { RunStore } from '../runs/store.ts';
import { contentTypeOf } from './content-type.ts';
import { auditRows } from './audit-rows.ts';
import type { EvidenceStore } from './store.ts';

/** Bytes in one part: in base64 well below what one message may hold. */
export const PART_BYTES = 524_288;
const NOTE_MAX = 4000;

export interface Evidence {
  add(input: ParsedInput<'run.addEvidence'>, signal: AbortSignal): Promise<EvidenceRef>;
  part(input: ParsedInput<'run.evidence'>): Promise<CallOutput<'run.evidence'>>;
  save(input: ParsedInput<'run.saveEvidence'>): Promise<CallOutput<'run.saveEvidence'>>;
}

export interface EvidenceDeps {
  readonly session: Session; readonly store: RunStore; readonly evidence: EvidenceStore; readonly clock: Clock; readonly profileDir: string;
  readonly deployments: Pick<DeploymentsService, 'get'>; /** The report of the posture over the cache. */ readonly reports: { report(input: { readonly deploymentId: string; readonly format: 'json'; readonly path: null }): Promise<{ readonly text: string | null }> };
}

interface Taken { readonly ref: EvidenceRef; /** What is to be said of it besides what the person says. */ readonly about: string }

/** @throws AppError invalid_input: one spelling alone is taken, so that nothing is dropped unseen */
function decoded(base64: string): Buffer {
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.toString('base64') !== base64) throw new AppError('invalid_input', { message: 'This is not base64. Nothing was kept.', hint: 'Copy the image again.' });
  return bytes;
}

/** @throws AppError invalid_input */
function notEmpty(bytes: Buffer): Buffer {
  if (bytes.length === 0) throw new AppError('invalid_input', { message: 'This is empty. Nothing was kept.', hint: 'Nothing proves nothing: give what is to be kept.' });
  return bytes;
}

export function createEvidence({ session, store, evidence, clock, profileDir, deployments, reports }: EvidenceDeps): Evidence {
  /** What was read last: a viewer asks for its parts one after the other. Gone when the profile closes. */
  let shown: { readonly digest: string; readonly bytes: Buffer } | null = null;
  session.onClosing(() => { shown = null; });

  async function take(from: ParsedInput<'run.addEvidence'>['from'], signal: AbortSignal): Promise<Taken> {
    const date = formatInstantMs(clock.now()).replaceAll(':', '').slice(0, 17);
    switch (from.source) {
      case 'file': return { ref: await evidence.addFile(from.path), about: '' };
      case 'clipboard': return { ref: await evidence.keepNamed(notEmpty(decoded(from.base64)), from.name), about: '' };
      case 'output': return { ref: await evidence.keepNamed(notEmpty(Buffer.from(from.text)), from.name), about: '' };
      case 'audit-query': {
        const deployment = deployments.get(from.deploymentId);
        const { text, rows, found } = await auditRows({ session, deployment, query: from.query, nowMs: clock.now(), signal });
        const words = rows === found ? `All ${rows} cached rows` : `Cut: the oldest ${rows} of ${found} cached rows`;
        return { ref: await evidence.keepNamed(Buffer.from(text), `audit-${deployment.name}-${date}.jsonl`), about: `${words} of ${deployment.name} for the query "${from.query}", as of ${formatInstantMs(clock.now())}.` };
      }
      case 'security-snapshot': {
        const deployment = deployments.get(from.deploymentId);
        const { text } = await reports.report({ deploymentId: from.deploymentId, format: 'json', path: null });
        return { ref: await evidence.keepNamed(Buffer.from(text ?? ''), `security-${deployment.name}-${date}.json`), about: `The security checks of ${deployment.name} over the cache, as of ${formatInstantMs(clock.now())}.` };
      }
    }
  }

  /** The first event that names these bytes. @throws AppError run_not_found, evidence_not_found */
  function refOf(runId: string, digest: string): EvidenceRef {
    const run = store.load(runId);
    const named = run.state.evidence.find((each) => each.digest === digest) ?? run.events.flatMap((event) => (isKind(event, 'evidence') && event.body.digest === digest ? [event.body] : []))[0];
    if (named === undefined) throw new AppError('evidence_not_found', { message: 'This run names no such evidence.', hint: 'See the evidence of the run.' });
    return { digest, name: named.name, bytes: named.bytes, type: named.type };
  }

  return {
    async add({ runId, step, note, from }, signal) {
      // Everything that can be refused is refused before bytes are kept.
      const run = store.load(runId);
      if (step !== null) findStep(run, step);
      if (run.state.ended !== null) throw new AppError('run_ended', { message: 'This run has ended. Nothing was recorded.', hint: 'It can still be reviewed and exported. Start a new run for what comes now.' });
      session.write();
      const { ref, about } = await take(from, signal);
      await store.append(runId, () => [{ kind: 'evidence', ...ref, step, note: [note.trim(), about].filter((part) => part !== '').join('\n').slice(0, NOTE_MAX), source: from.source }]);
      return ref;
    },
    async part({ runId, digest, offset }) {
      const ref = refOf(runId, digest);
      if (shown?.digest !== digest) shown = { digest, bytes: await evidence.read(digest) };
      const { bytes } = shown;
      // What it is, is told by its bytes: the event that names it may come from anybody.
      const told = { ...ref, bytes: bytes.length, type: contentTypeOf(bytes) };
      const end = Math.min(bytes.length, offset + PART_BYTES);
      const base64 = bytes.subarray(offset, end).toString('base64');
      // Small ones are read again as quickly as they are held.
      if (end >= bytes.length) shown = null;
      return { ref: told, base64, nextOffset: end < bytes.length ? end : null };
    },
    async save({ runId, digest, path, overwrite }) {
      refOf(runId, digest);
      const bytes = await evidence.read(digest);
      const file = await openAtomicFile(path, { profileDir, mayReplace: () => Promise.resolve(overwrite) });
      try {
        await file.write(bytes);
        return { path, ...await file.commit() };
      } catch (error) {
        await file.abort();
        throw error;
      }
    },
  };
}
