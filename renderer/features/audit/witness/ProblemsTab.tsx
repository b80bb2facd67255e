// Every place where the cached log does not fit what was signed, with position and event.
import type { WitnessVerdict } from '#shared/domain/audit-witness.ts';
import { EmptyState } from '../../../components/EmptyState.tsx';
import { HostileText } from '../../../components/HostileText.tsx';
import { VirtualRows } from '../../../components/VirtualRows.tsx';
import { WordChip } from '../../../components/WordChip.tsx';
import { formatCount } from '../../../lib/format.ts';
import { PROBLEM_NAMES } from './witness-words.ts';

interface ProblemsTabProps { readonly verdict: WitnessVerdict | null; readonly onQuery: (query: string) => void }

export function ProblemsTab({ verdict, onQuery }: ProblemsTabProps) {
  if (verdict === null) return <EmptyState title="Not verified yet"><p>Verify the log to see whether it fits what was signed.</p></EmptyState>;
  const { problems, problemCount } = verdict;
  if (problemCount === 0) return <EmptyState title="No problem found"><p>Of the {formatCount(verdict.leaves)} rows that were hashed again, none contradicts what was signed.</p></EmptyState>;
  return (
    <div className="witness-list">
      <VirtualRows label="Problems" count={problems.length} rowPx={36} chosen={null} row={(index) => {
        const problem = problems[index];
        return problem === undefined ? null : (
          <div className="witness-problem">
            <WordChip tone="fail" word={PROBLEM_NAMES[problem.kind]} />
            <span className="dim nowrap">{problem.position === null ? 'no position' : `at ${formatCount(problem.position)}`}</span>
            <span className="nowrap">{problem.eventId === null ? <span className="dim">no event</span> : <button type="button" className="link" onClick={() => onQuery(`id:${problem.eventId}`)}>event {problem.eventId}</button>}</span>
            <span className="cut" title={problem.message}><HostileText text={problem.message} /></span>
          </div>
        );
      }} />
      {problems.length < problemCount ? <p className="pad small dim">The first {formatCount(problems.length)} of {formatCount(problemCount)}.</p> : null}
    </div>
  );
}
