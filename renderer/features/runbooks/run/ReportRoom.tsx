// The after-action report: read here as it will be written, and written as Markdown, HTML or PDF.
import { useState } from 'react';
import { FileText } from 'lucide-react';
import type { RunView } from '#shared/domain/runbook-view.ts';
import { Button } from '../../../components/Button.tsx';
import { Choices } from '../../../components/Choices.tsx';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { Skeleton } from '../../../components/Skeleton.tsx';
import { Workspace } from '../../../components/Workspace.tsx';
import { call } from '../../../lib/client.ts';
import { useQuery } from '../../../lib/query.ts';
import { MarkdownText } from '../markdown/MarkdownText.tsx';
import { SaveDialog } from './dialogs/SaveDialog.tsx';
import { runStem } from './file-stem.ts';

const FORMS = [
  { id: 'md', title: 'Markdown', text: 'For a repository or a ticket.' },
  { id: 'html', title: 'HTML', text: 'One file, with everything in it; it loads nothing.' },
  { id: 'pdf', title: 'PDF', text: 'To print, to sign and to keep.' },
] as const;

export function ReportRoom({ run, onClose }: { readonly run: RunView; readonly onClose: () => void }) {
  const [isWriting, setWriting] = useState(false);
  const [parts, setParts] = useState(1);
  return (
    <>
      <Workspace title="Report" about={run.ended === null ? 'The run goes on: this is how it stands now.' : 'The run has ended.'} back="Back to the run" onClose={onClose} actions={<Button look="main" icon={FileText} onClick={() => setWriting(true)}>Write the report…</Button>}>
        {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a region that scrolls must be reachable by keyboard. */}
        <div className="run-report scroll" role="region" aria-label="Report as Markdown" tabIndex={0}>
          <Part runId={run.runId} offset={0} left={parts} onMore={() => setParts(parts + 1)} />
        </div>
      </Workspace>
      {/* Beside it: Escape in the question must not leave the report as well. */}
      {isWriting ? <WriteDialog run={run} onClose={() => setWriting(false)} /> : null}
    </>
  );
}

/** Parts follow each other; the next is asked for by the admin, so that a long run does not fill the page. */
function Part({ runId, offset, left, onMore }: { readonly runId: string; readonly offset: number; readonly left: number; readonly onMore: () => void }) {
  const { data, error, reload } = useQuery('run.reportText', { runId, format: 'md', offset });
  if (data === undefined) return error === null ? <Skeleton lines={10} label="Reading the report" /> : <ErrorNote error={error} onRetry={() => { void reload(); }} />;
  return (
    <>
      <MarkdownText text={data.text} headingLevel={3} />
      {data.nextOffset === null ? null : left > 1 ? <Part runId={runId} offset={data.nextOffset} left={left - 1} onMore={onMore} /> : <p><Button onClick={onMore}>Show more of it</Button></p>}
    </>
  );
}

function WriteDialog({ run, onClose }: { readonly run: RunView; readonly onClose: () => void }) {
  const [format, setFormat] = useState<'md' | 'html' | 'pdf'>('pdf');
  const [stem] = useState(() => `report-${runStem(run.title, Date.now())}`);
  return (
    <SaveDialog title="Write the report" stem={stem} extension={format} button="Write the report" onClose={onClose} write={(path) => call('run.report', { runId: run.runId, format, path })}
      done={() => <p className="note-main">The report was written.</p>}>
      <Choices label="Form" choices={FORMS} chosen={format} onChoose={setFormat} focusFirst />
    </SaveDialog>
  );
}
