// The rows that an import did not take, each with its file, line, reason and beginning; the long list comes page by page.
import { useState } from 'react';
import type { ImportProblem, ImportReport } from '#shared/domain/audit-import.ts';
import { Button } from '../../../components/Button.tsx';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { HostileText } from '../../../components/HostileText.tsx';
import { VirtualRows } from '../../../components/VirtualRows.tsx';
import { WordChip } from '../../../components/WordChip.tsx';
import { call } from '../../../lib/client.ts';
import { formatCount } from '../../../lib/format.ts';
import { useAction } from '../../../lib/use-action.ts';
import { PROBLEM_WORDS, shownOf } from './import-words.ts';

const PAGE = 1000;
const ROW_PX = 44;

export function ProblemList({ report }: { readonly report: ImportReport }) {
  const [paged, setPaged] = useState<{ readonly problems: readonly ImportProblem[]; readonly next: number | null } | null>(null);
  const problems = paged?.problems ?? report.problems;
  // The first page is asked for from the beginning: then only core decides how positions count.
  const more = useAction(async (importId: number) => {
    const page = await call('audit.importProblems', { importId, after: paged?.next ?? 0, limit: PAGE });
    setPaged({ problems: [...(paged?.problems ?? []), ...page.problems], next: page.next });
  });
  if (report.problemCount === 0) return null;
  const canPage = report.importId !== null && problems.length < report.problemCount && (paged === null || paged.next !== null);
  const isShort = problems.length < report.problemCount && !canPage;
  return (
    <section className="stack-small" aria-label="Rows that were not taken">
      <h3>Rows that were not taken <span className="dim small">{shownOf(problems.length, report.problemCount)}</span></h3>
      <div className="problems" style={{ height: Math.min(problems.length, 6) * ROW_PX + 2 }}>
        <VirtualRows label="Rows that were not taken" count={problems.length} rowPx={ROW_PX} chosen={null} row={(index) => {
          const problem = problems[index];
          return problem === undefined ? null : <Problem problem={problem} fileName={report.files.length === 1 ? null : report.files[problem.file]?.name ?? null} />;
        }} />
      </div>
      {more.error === null ? null : <ErrorNote error={more.error} kept="The rows read before are still shown." />}
      {canPage && report.importId !== null ? <div><Button look="quiet" busy={more.busy} onClick={() => { if (report.importId !== null) void more.run(report.importId); }}>Show more</Button></div> : null}
      {isShort ? <p className="small dim">{report.importId === null ? `Only the first ${formatCount(problems.length)} are listed: nothing was written, so no longer list was kept.` : `Only the first ${formatCount(problems.length)} were kept.`}</p> : null}
    </section>
  );
}

function Problem({ problem, fileName }: { readonly problem: ImportProblem; readonly fileName: string | null }) {
  const { word, tone } = PROBLEM_WORDS[problem.outcome];
  return (
    <div className="problem">
      <WordChip tone={tone} word={word} />
      <span className="nowrap sub">line {formatCount(problem.line)}</span>
      <span className="cut" title={problem.reason}><HostileText text={problem.reason} /></span>
      <span className="mono dim cut problem-excerpt">{fileName === null ? null : <span className="problem-file"><HostileText text={fileName} />{problem.excerpt === null ? '' : ' · '}</span>}{problem.excerpt === null ? null : <HostileText text={problem.excerpt} />}</span>
    </div>
  );
}
