// Opened payloads to a file: encrypted to age recipients, or in the clear for somebody who typed the deployment's name. The ledger names the set before the first plaintext, and the file's digest before it gets its name.
import type { CallOutput, ParsedInput } from '#shared/contract.ts';
import { AppError } from '#shared/errors.ts';
import { openAtomicFile } from '../../files/atomic-file.ts';
import type { AtomicFile } from '../../files/atomic-file.ts';
import type { JobHandle } from '../../jobs/jobs.ts';
import { ageSink, encrypterFor, plainSink } from './age-sink.ts';
import type { Sink } from './age-sink.ts';
import { createTally, tallyText } from './held-run.ts';
import type { Tally } from './held-run.ts';
import { noted } from './plaintext-drafts.ts';
import { withPool, wipePart } from './pool.ts';
import type { Pool } from './pool.ts';
import type { BulkSteps, ChosenSet } from './service.ts';
import type { BulkCalls } from './thread-calls.ts';

const THREADS = 2;
/** Enough to tell a usual recipient whole; those of post-quantum keys are two thousand characters long. */
const RECIPIENT_SHOWN = 80;
type Input = ParsedInput<'audit.bulkExport'>;
type Output = CallOutput<'audit.bulkExport'>;

/** Everything that can be refused is refused before a row is opened. */
export async function exportOpened(steps: BulkSteps, input: Input, signal: AbortSignal): Promise<Output> {
  const { session, deployments, jobs, clock, profileDir } = steps.deps;
  const { name } = deployments.get(input.deploymentId);
  session.write();
  const { protection } = input;
  if (protection.kind === 'plaintext' && protection.confirmName !== name) throw new AppError('confirmation_mismatch', { message: 'The name that was typed is not that of the deployment. Nothing was opened and nothing was written.', hint: `Type ${name} to write the payloads in the clear, or encrypt the file.` });
  const encrypter = protection.kind === 'age' ? await encrypterFor(protection.recipients) : null;
  return jobs.run({ call: 'audit.bulkExport', deploymentId: input.deploymentId, signal }, (job) => withPool({ session, size: THREADS, signal: job.signal }, (pool) => steps.ends.during(async () => {
    const set = await steps.choose(pool, input, job);
    const write = async (): Promise<Output> => {
      const file = await openAtomicFile(input.path, { profileDir });
      try {
        const sink = encrypter === null ? plainSink((bytes) => file.write(bytes)) : await ageSink(encrypter, (bytes) => file.write(bytes));
        return await writeSet({ steps, pool, job }, { input, set, file, sink });
      } catch (error) {
        await file.abort();
        throw error;
      }
    };
    return encrypter === null ? noted(session, { path: input.path, atUs: clock.now() * 1000 }, write) : write();
  })));
}

interface Way { readonly steps: BulkSteps; readonly pool: Pool; readonly job: JobHandle }
interface Work { readonly input: Input; readonly set: ChosenSet; readonly file: AtomicFile; readonly sink: Sink }

async function writeSet({ steps, pool, job }: Way, { input, set, file, sink }: Work): Promise<Output> {
  const { ledger } = steps.deps;
  const { protection, reason, path } = input;
  const how = protection.kind === 'plaintext' ? 'in the clear, confirmed by name' : `encrypted with age to ${protection.recipients.map((each) => each.trim().slice(0, RECIPIENT_SHOWN)).join(', ')}`;
  const entry = await ledger.append({ action: 'audit.bulk.export', deployment: set.deploymentName, subject: set.subject, reason, outcome: `to be written to ${path}, ${how}; ${set.described}` });
  const end = { action: 'audit.bulk.export.ended', set, reason } as const;
  try {
    const keyIds = await steps.unlock(pool, input.deploymentId);
    const tally = createTally(keyIds);
    let done = 0;
    await pool.inOrder('lines', set.seqs, async (_at, part: BulkCalls['lines']['output']) => {
      // A copy: what the sink keeps waiting must not be overwritten with what the threads share.
      const bytes = Buffer.from(new Uint8Array(part.lines));
      wipePart(part);
      tally.add(part);
      await sink.write(bytes);
      done += part.taken;
      job.report({ step: 'Opening and writing', done, total: set.seqs.length });
    });
    await sink.end();
    if (pool.stop.aborted) throw new AppError('cancelled', { message: 'Cancelled. No file was left behind.', hint: 'Start it again when you need it.' });
    const told: Tally = tally.read();
    const { bytes, sha256 } = await file.seal();
    // A file that has its name must have its entry: so the entry comes first, and a failure after it makes one more.
    await steps.noteEnd({ ...end, error: null, said: `written: ${bytes} bytes, SHA-256 ${sha256}; ${tallyText(told)}` });
    await steps.deps.noteWrittenFile?.({ deploymentId: input.deploymentId, kind: 'export', path: file.path, sha256, bytes });
    await file.commit();
    return { path: file.path, rows: set.seqs.length, counts: { ...told.counts }, bytes, sha256, digest: set.digest, ledgerEntry: entry.seq };
  } catch (error) {
    await sink.abort();
    await file.abort();
    await steps.noteEnd({ ...end, error: pool.stop.aborted ? new AppError('cancelled', { message: 'Cancelled.', hint: '' }) : error, said: 'no file was left behind' });
    throw error;
  }
}
