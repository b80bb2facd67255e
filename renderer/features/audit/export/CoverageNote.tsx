// The gaps of the log, named before anything goes out or is proven.
import type { CoverageSegment } from '#shared/domain/audit-coverage.ts';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { HostileText } from '../../../components/HostileText.tsx';
import { Note } from '../../../components/Note.tsx';
import { useQuery } from '../../../lib/query.ts';
import { StretchTime } from '../StretchTime.tsx';
import { COVERAGE_WORDS } from '../timeline/coverage.ts';
import { coverageSummary } from './coverage-words.ts';
import './export.css';

export function CoverageNote({ deploymentId }: { readonly deploymentId: string }) {
  const query = useQuery('audit.coverage', { deploymentId });
  if (query.data === undefined) return query.error === null ? <p className="sub small" role="status">Reading what is complete…</p> : <ErrorNote error={query.error} onRetry={() => { void query.reload(); }} />;
  const { tone, sentence, missing } = coverageSummary(query.data.segments);
  return (
    <Note tone={tone}>
      {sentence}
      {missing.length === 0 ? null : (
        <details className="missing">
          <summary>Show {missing.length === 1 ? 'it' : 'them'}</summary>
          <ul>{missing.map((segment, at) => <Segment key={at} segment={segment} />)}</ul>
        </details>
      )}
    </Note>
  );
}

function Segment({ segment }: { readonly segment: CoverageSegment }) {
  return (
    <li>
      <StretchTime stretch={segment} />: {COVERAGE_WORDS[segment.state].word}
      {segment.reason === null ? null : <>. <HostileText text={segment.reason} /></>}
    </li>
  );
}
