// Writes the posture as it is known here to a file: in which form, and where; says what the report rests on before, and what was written after. It asks nobody and writes over nothing.
import { useEffect, useRef, useState } from 'react';
import { FileText } from 'lucide-react';
import type { ReportFormat, WrittenReport } from '#shared/contract/security-report.ts';
import type { Deployment } from '#shared/domain/deployment.ts';
import { Button } from '../../../components/Button.tsx';
import { Choices } from '../../../components/Choices.tsx';
import { Dialog } from '../../../components/Dialog.tsx';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { useFocusHome } from '../../../components/focus-home.ts';
import { HostileText } from '../../../components/HostileText.tsx';
import { Note } from '../../../components/Note.tsx';
import { SaveAs, useSaveAs } from '../../../components/SaveAs.tsx';
import { Time } from '../../../components/Time.tsx';
import { WrittenFile } from '../../../components/WrittenFile.tsx';
import { announce } from '../../../lib/announce.ts';
import { call } from '../../../lib/client.ts';
import { refetch, useQuery } from '../../../lib/query.ts';
import { useAction } from '../../../lib/use-action.ts';
import { REPORT_FORMS, reportForm, reportStem } from './report-formats.ts';
import './report.css';

interface ReportDialogProps {
  readonly deployment: Deployment;
  /** The baseline that the screen shows; left out: the one last used. */
  readonly baselineId?: string | undefined;
  readonly onClose: () => void;
}

export function ReportDialog({ deployment, baselineId, onClose }: ReportDialogProps) {
  const [written, setWritten] = useState<WrittenReport | null>(null);
  return (
    <Dialog title={`Report on ${deployment.name}`} onClose={onClose} wide>
      <div className="report-dialog stack">
        {written === null ? null : <Done written={written} onAgain={() => setWritten(null)} onClose={onClose} />}
        {/* It stays: another form goes into the same folder. */}
        <div hidden={written !== null}><Form deployment={deployment} baselineId={baselineId} onWritten={setWritten} onClose={onClose} /></div>
      </div>
    </Dialog>
  );
}

function Form({ deployment, baselineId, onWritten, onClose }: ReportDialogProps & { readonly onWritten: (written: WrittenReport) => void }) {
  const home = useRef<HTMLFormElement>(null);
  const [format, setFormat] = useState<ReportFormat>('html');
  const [stem] = useState(() => reportStem(deployment.name, Date.now()));
  const [tried, setTried] = useState<string | null>(null);
  const baseline = baselineId === undefined ? {} : { baselineId };
  const write = useAction(async (path: string) => {
    setTried(path);
    try {
      const report = await call('security.report', { deploymentId: deployment.id, ...baseline, format, path });
      announce(`The report was written: ${reportForm(format).title}.`);
      onWritten(report);
    } finally {
      // A file that was written, or that was found there, lies in a folder that was read before.
      refetch('files.folders');
    }
  });
  const code = write.error?.wire.code;
  const save = useSaveAs({ stem, extension: reportForm(format).extension, refused: code === 'file_exists' ? tried : null });
  const { path } = save.target;
  useFocusHome(home, write.error);
  return (
    <form ref={home} tabIndex={-1} className="stack" aria-label="What to report" onSubmit={(event) => { event.preventDefault(); if (path !== null) void write.run(path); }} noValidate>
      <Basis deploymentId={deployment.id} baselineId={baselineId} />
      {write.error === null || code === 'file_exists' ? null : <ErrorNote error={write.error} kept="What was chosen stays as it is." />}
      <div className="report-columns">
        <Choices label="Form" choices={REPORT_FORMS} chosen={format} onChoose={(id) => { setFormat(id); write.clear(); }} focusFirst />
        <SaveAs state={save} disabled={write.busy} hint="The file gets its name when it is whole. A file that is there stays as it is." />
      </div>
      <div className="dialog-foot">
        <Button look="quiet" onClick={onClose}>Close</Button>
        <Button look="main" type="submit" icon={FileText} disabled={path === null} busy={write.busy}>Write the report</Button>
      </div>
    </form>
  );
}

/** What the report will say in one line, so that nobody writes one without knowing what it rests on. */
function Basis({ deploymentId, baselineId }: { readonly deploymentId: string; readonly baselineId: string | undefined }) {
  const query = useQuery('security.show', { deploymentId, ...(baselineId === undefined ? {} : { baselineId }) });
  if (query.data === undefined) return query.error === null ? <p className="sub small" role="status">Reading what is known…</p> : <ErrorNote error={query.error} onRetry={() => { void query.reload(); }} />;
  const { baseline, summary, observedAt } = query.data;
  return (
    <>
      <p className="report-what">
        <HostileText text={summary} />, by <HostileText text={baseline.title} /> <span className="mono"><HostileText text={baseline.version} /></span> <span className="mono dim" title={baseline.digest}>{baseline.digest.slice(0, 12)}</span>. Made from what is held here; nobody is asked.
      </p>
      {observedAt === null ? <Note tone="age">The deployment itself was never seen, and the report will say so.</Note> : <p className="small sub">Last seen <Time iso={observedAt} age />. Each piece of evidence carries its own time.</p>}
    </>
  );
}

function Done({ written, onAgain, onClose }: { readonly written: WrittenReport; readonly onAgain: () => void; readonly onClose: () => void }) {
  const home = useRef<HTMLDivElement>(null);
  useEffect(() => { home.current?.focus(); }, []);
  return (
    <div className="stack" ref={home} tabIndex={-1} role="group" aria-label="Report result">
      <Note><p className="note-main" role="status">The report was written as {reportForm(written.format).title}.</p></Note>
      {written.path === null ? null : <WrittenFile file={{ path: written.path, bytes: written.bytes, sha256: written.sha256 }} />}
      <p className="small sub">The report carries no signature. Keep the digest where the file does not lie: by it the file is known again.</p>
      <div className="dialog-foot"><Button look="quiet" onClick={onAgain}>Another form…</Button><Button onClick={onClose}>Close</Button></div>
    </div>
  );
}
