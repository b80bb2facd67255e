// The imports that were written before, newest first, each with its report.
import { useState } from 'react';
import { ChevronRight } from 'lucide-react';
import type { ImportReport } from '#shared/domain/audit-import.ts';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { HostileText } from '../../../components/HostileText.tsx';
import { Time } from '../../../components/Time.tsx';
import { formatCount, plural } from '../../../lib/format.ts';
import { useQuery } from '../../../lib/query.ts';
import { totalsOf } from './import-words.ts';

const SHOWN_FIRST = 5;

export function PastImports({ deploymentId, onOpen }: { readonly deploymentId: string; readonly onOpen: (report: ImportReport) => void }) {
  const query = useQuery('audit.importList', { deploymentId });
  const [all, setAll] = useState(false);
  if (query.error !== null && query.data === undefined) return <ErrorNote error={query.error} onRetry={() => { void query.reload(); }} />;
  if (query.data === undefined || query.data.imports.length === 0) return null;
  const { imports } = query.data;
  const shown = all ? imports : imports.slice(0, SHOWN_FIRST);
  return (
    <section className="stack-small past-imports" aria-label="Imports before">
      <h3>Imports before</h3>
      <ul>
        {shown.map((report, at) => {
          const totals = totalsOf(report);
          return (
            <li key={`${report.importId ?? ''} ${at}`}>
              <button type="button" className="past-import" onClick={() => onOpen(report)}>
                <span className="past-time"><Time iso={report.at} style="minute" /></span>
                <span className="mono cut grow"><HostileText text={report.files.map(({ name }) => name).join(', ')} /></span>
                <span className="sub nowrap">{formatCount(totals.accepted)} added{report.outcome === 'partly-written' ? ` · ${plural(report.files.filter(({ outcome }) => outcome === 'refused').length, 'file')} refused` : ''}{report.problemCount === 0 ? '' : ` · ${plural(report.problemCount, 'row')} not taken`}</span>
                <ChevronRight size={14} aria-hidden />
              </button>
            </li>
          );
        })}
      </ul>
      {shown.length === imports.length ? null : <button type="button" className="link past-all" onClick={() => setAll(true)}>Show all {formatCount(imports.length)}</button>}
    </section>
  );
}
