// The long work that core is doing now, as its events tell; it starts nothing.
import { create } from 'zustand';
import type { JobProgress } from '#shared/contract/job.ts';
import { call, onEvent } from './client.ts';

interface Jobs { readonly jobs: Readonly<Record<string, JobProgress>> }

const useJobs = create<Jobs>()(() => ({ jobs: {} }));

/** The job of this call for this deployment, when one runs. */
export function useJob(callName: string, deploymentId: string | null): JobProgress | null {
  return useJobs(({ jobs }) => Object.values(jobs).find((job) => job.call === callName && job.deploymentId === deploymentId) ?? null);
}

/** Follows jobs for as long as the page lives, beginning with those that already run. Returns the way to stop. */
export function followJobs(): () => void {
  const ended = new Set<string>();
  const stop = onEvent((event) => {
    if (event.name === 'job.progressed') {
      const { payload } = event as { payload: JobProgress };
      // An event that was on its way when the job ended must not bring it back.
      if (!ended.has(payload.jobId)) useJobs.setState(({ jobs }) => ({ jobs: { ...jobs, [payload.jobId]: payload } }));
    }
    if (event.name === 'job.ended') {
      const { jobId } = event.payload as { jobId: string };
      ended.add(jobId);
      useJobs.setState(({ jobs }) => ({ jobs: Object.fromEntries(Object.entries(jobs).filter(([id]) => id !== jobId)) }));
    }
    if (event.name === 'app.locked') useJobs.setState({ jobs: {} });
  });
  call('job.list', {}).then(
    ({ jobs }) => useJobs.setState(({ jobs: known }) => ({ jobs: { ...Object.fromEntries(jobs.filter((job) => !ended.has(job.jobId)).map((job) => [job.jobId, job])), ...known } })),
    // Locked or not set up yet: then nothing runs, and events tell of what comes.
    () => undefined,
  );
  return stop;
}
