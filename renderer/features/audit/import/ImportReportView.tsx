// How an import ended, file by file; a row that was not taken is always accounted for.
import type { ImportedFile, ImportReport } from '#shared/domain/audit-import.ts';
import { IMPORT_FORMAT_NAMES } from '#shared/domain/audit-import.ts';
import { HostileText } from '../../../components/HostileText.tsx';
import { Note } from '../../../components/Note.tsx';
import { Time } from '../../../components/Time.tsx';
import { formatBytes, formatCount } from '../../../lib/format.ts';
import { reportSentence, reportTone, unreadable } from './import-words.ts';
import { ProblemList } from './ProblemList.tsx';

export function ImportReportView({ report }: { readonly report: ImportReport }) {
  return (
    <div className="stack">
      <Note tone={reportTone(report)}><p className="note-main" role="status">{reportSentence(report)}</p></Note>
      <FileTable files={report.files} isDryRun={report.outcome === 'dry-run'} />
      {report.notes.map((note) => <Note key={note} tone="age">{note}</Note>)}
      <ProblemList key={`${report.importId ?? ''} ${report.at}`} report={report} />
    </div>
  );
}

const figure = (count: number, tone = ''): { readonly className: string; readonly children: string } => ({ className: `num ${count === 0 ? 'dim' : tone}`, children: formatCount(count) });

function FileTable({ files, isDryRun }: { readonly files: readonly ImportedFile[]; readonly isDryRun: boolean }) {
  return (
    <table className="table table-wrapping report-files" aria-label="Files of this import">
      <thead>
        <tr><th scope="col">File</th><th scope="col" className="num">Rows</th><th scope="col" className="num">{isDryRun ? 'New' : 'Added'}</th><th scope="col" className="num">Skipped</th><th scope="col" className="num">Rejected</th><th scope="col" className="num">Changed</th></tr>
      </thead>
      <tbody>
        {files.map((file, at) => (
          <tr key={`${at} ${file.name}`}>
            <td>
              <span className="mono report-name"><HostileText text={file.name} /></span>
              <span className="small dim report-about">
                {IMPORT_FORMAT_NAMES[file.format]} · {formatBytes(file.bytes)} · <span className="mono" title={`SHA-256 ${file.sha256}`}>{file.sha256.slice(0, 12)}</span>
                {file.oldestAt === null || file.newestAt === null ? null : <> · <Time iso={file.oldestAt} style="minute" /> to <Time iso={file.newestAt} style="minute" /></>}
              </span>
              {file.outcome === 'refused' ? <span className="small text-fail report-about">{isDryRun ? 'Would be refused' : 'Refused, and nothing of it was written'}: {unreadable(file.rejected)}.</span> : null}
            </td>
            <td {...figure(file.rows)} />
            <td {...figure(file.accepted)} />
            <td {...figure(file.skipped)} />
            <td {...figure(file.rejected, 'text-fail')} />
            <td {...figure(file.changed, 'text-stale')} />
          </tr>
        ))}
      </tbody>
    </table>
  );
}
