// Long work: one job at a time for the same subject, with progress, rate, time left and cancellation.
import { randomUUID } from 'node:crypto';
import type { JobProgress } from '#shared/contract/job.ts';
import { AppError } from '#shared/errors.ts';
import type { Emitter } from '../emitter.ts';
import type { Clock } from '../ports.ts';

/** Progress is sent at most this often, so that a fast job does not flood the window. */
const REPORT_EVERY_MS = 100;
/** The rate looks back over this window. */
const RATE_WINDOW_MS = 5_000;

export interface JobReport { readonly step: string; readonly done: number; readonly total: number | null }
export interface JobHandle { readonly signal: AbortSignal; report(report: JobReport): void }

export interface Jobs {
  /** Runs work as a job. Throws AppError busy when the same call already runs for the same deployment. */
  run<T>(what: { readonly call: string; readonly deploymentId: string | null; readonly signal: AbortSignal }, work: (job: JobHandle) => Promise<T>): Promise<T>;
  list(): JobProgress[];
  cancel(jobId: string): boolean;
  /** Stops all jobs and waits until each has ended. */
  stopAll(): Promise<void>;
}

interface Running { progress: JobProgress; readonly controller: AbortController; readonly ended: Promise<void> }

export function createJobs(emitter: Emitter, clock: Clock): Jobs {
  const running = new Map<string, Running>();

  return {
    async run({ call, deploymentId, signal }, work) {
      for (const job of running.values()) {
        if (job.progress.call === call && job.progress.deploymentId === deploymentId) throw new AppError('busy', { message: 'This is already running. Nothing was started.', hint: 'Wait for it, or cancel it first.' });
      }
      const jobId = randomUUID();
      const controller = new AbortController();
      const abort = (): void => controller.abort();
      if (signal.aborted) abort();
      signal.addEventListener('abort', abort, { once: true });
      let settle: () => void = () => undefined;
      const job: Running = { controller, ended: new Promise((resolve) => { settle = resolve; }), progress: { jobId, call, deploymentId, step: 'Starting', done: 0, total: null, rate: null, etaSeconds: null } };
      running.set(jobId, job);
      const samples: { at: number; done: number }[] = [{ at: clock.monotonicMs(), done: 0 }];
      let lastReport = -REPORT_EVERY_MS;
      let outcome: 'done' | 'failed' | 'cancelled' = 'failed';
      const report = ({ step, done, total }: JobReport): void => {
        const now = clock.monotonicMs();
        samples.push({ at: now, done });
        while (samples.length > 2 && now - (samples[0]?.at ?? now) > RATE_WINDOW_MS) samples.shift();
        const first = samples[0] ?? { at: now, done };
        const seconds = (now - first.at) / 1000;
        const rate = seconds >= 0.2 && done > first.done ? (done - first.done) / seconds : null;
        const isNextStep = step !== job.progress.step;
        job.progress = { ...job.progress, step, done, total, rate, etaSeconds: rate === null || total === null ? null : Math.max(0, (total - done) / rate) };
        // Another step is always told: a window decides by it what may still be cancelled.
        if (!isNextStep && now - lastReport < REPORT_EVERY_MS && done !== total) return;
        lastReport = now;
        emitter.emit('job.progressed', job.progress);
      };
      try {
        emitter.emit('job.progressed', job.progress);
        const value = await work({ signal: controller.signal, report });
        outcome = 'done';
        return value;
      } catch (error) {
        if (controller.signal.aborted) outcome = 'cancelled';
        throw error;
      } finally {
        signal.removeEventListener('abort', abort);
        running.delete(jobId);
        settle();
        emitter.emit('job.ended', { jobId, call, deploymentId, outcome });
      }
    },
    list: () => [...running.values()].map((job) => job.progress),
    cancel(jobId) {
      const job = running.get(jobId);
      job?.controller.abort();
      return job !== undefined;
    },
    async stopAll() {
      const all = [...running.values()];
      for (const job of all) job.controller.abort();
      await Promise.all(all.map((job) => job.ended));
    },
  };
}
