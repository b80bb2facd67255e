// Messages from the templates of the runbook, filled in from the run by core: what is lacking is named, and nothing is sent anywhere.
import { useState } from 'react';
import type { RunView } from '#shared/domain/runbook-view.ts';
import { visibleLine } from '#shared/domain/visible-text.ts';
import { CopyButton } from '../../../../components/CopyButton.tsx';
import { ErrorNote } from '../../../../components/ErrorNote.tsx';
import { Field } from '../../../../components/Field.tsx';
import { HostileText } from '../../../../components/HostileText.tsx';
import { Note } from '../../../../components/Note.tsx';
import { Skeleton } from '../../../../components/Skeleton.tsx';
import { useQuery } from '../../../../lib/query.ts';
import { SideScroll } from './SideScroll.tsx';

export function MessagesTab({ run }: { readonly run: RunView }) {
  const { comms } = run.pack;
  const [chosen, setChosen] = useState(comms[0]?.id ?? null);
  const { data, error, reload } = useQuery('run.message', chosen === null ? null : { runId: run.runId, template: chosen });
  if (chosen === null) return <SideScroll label="Messages" changed={null}><p className="sub">This runbook has no templates of messages.</p></SideScroll>;
  return (
    <SideScroll label="Messages of the run" changed={run.pack}>
      <Field label="Template">
        {(ids) => <select {...ids} className="select" value={chosen} onChange={(event) => setChosen(event.target.value)}>{comms.map(({ id, title }) => <option key={id} value={id}>{visibleLine(title)}</option>)}</select>}
      </Field>
      {data === undefined ? (error === null ? <Skeleton lines={5} /> : <ErrorNote error={error} onRetry={() => { void reload(); }} />) : (
        <>
          {data.lacking.length === 0 ? <p className="small sub">Everything that the run knows is filled in. Read it, and fill in what stands in brackets.</p>
            : <Note tone="age"><p className="note-main">Not known yet: {data.lacking.map((each, at) => <span key={each}>{at === 0 ? '' : ', '}<HostileText text={each} /></span>)}.</p><p>It stands in brackets in the text.</p></Note>}
          {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a region that scrolls must be reachable by keyboard. */}
          <pre className="payload selectable run-message" role="region" aria-label="Message" tabIndex={0}><HostileText text={data.text} layout="block" /></pre>
          <CopyButton text={data.text} what="Message" label="Copy the message" />
          <p className="small dim">Holdfast sends nothing. Paste it where people read it.</p>
        </>
      )}
    </SideScroll>
  );
}
