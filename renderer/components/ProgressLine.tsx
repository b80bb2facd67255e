// Long work in one line: what is done now, how far, how fast, how long still, and the way to stop it.
import { useEffect, useRef } from 'react';
import type { JobProgress } from '#shared/contract/job.ts';
import { announce } from '../lib/announce.ts';
import { call } from '../lib/client.ts';
import { formatCount, formatDuration } from '../lib/format.ts';
import { useAction } from '../lib/use-action.ts';
import { Button } from './Button.tsx';

/** Screen readers hear of progress at most this often. */
const ANNOUNCE_EVERY_MS = 8000;

export function ProgressLine({ job }: { readonly job: JobProgress }) {
  const cancel = useAction(() => call('job.cancel', { jobId: job.jobId }));
  const figures = [
    job.total === null ? (job.done > 0 ? formatCount(job.done) : null) : `${formatCount(job.done)} of ${formatCount(job.total)}`,
    job.rate === null ? null : `${formatCount(Math.round(job.rate))}/s`,
    job.etaSeconds === null ? null : `about ${formatDuration(job.etaSeconds)} left`,
  ].filter((part) => part !== null);
  const spoken = useRef(0);
  useEffect(() => {
    const now = Date.now();
    if (now - spoken.current < ANNOUNCE_EVERY_MS) return;
    spoken.current = now;
    announce([job.step, ...figures].join(', '));
  });
  return (
    <div className="progress-line">
      <progress className="progress" aria-label={job.step} {...(job.total === null ? {} : { value: Math.min(job.done, job.total), max: Math.max(1, job.total) })} />
      <span>{job.step}</span>
      <span className="sub">{figures.join(' · ')}</span>
      <span className="grow" />
      <Button look="quiet" busy={cancel.busy} onClick={() => { void cancel.run(); }}>Cancel</Button>
    </div>
  );
}
