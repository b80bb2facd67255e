// A purge under way in one line. It can be cancelled until the request leaves; after that cancelling would only lose the answer, so it is not offered.
import type { JobProgress } from '#shared/contract/job.ts';
import { ProgressLine } from '../../../components/ProgressLine.tsx';
import { isBeforeRequest } from './run-words.ts';

export function PurgeProgress({ job, hasLeft }: { readonly job: JobProgress | null; /** Its run is noted: the request may have left. */ readonly hasLeft: boolean }) {
  if (job !== null && !hasLeft && isBeforeRequest(job.step)) return <ProgressLine job={job} />;
  return (
    <div className="progress-line" role="status">
      <progress className="progress" aria-label={job?.step ?? 'Starting'} />
      <span>{job === null ? 'Starting…' : 'Asked the deployment to delete. Waiting for its answer; it can no longer be called back.'}</span>
    </div>
  );
}
