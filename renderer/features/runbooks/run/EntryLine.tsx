// One line for what happens now: Enter records it, Escape leaves it. What was typed stays until it is on disk.
import { useRef, useState } from 'react';
import type { RefObject } from 'react';
import type { RunView } from '#shared/domain/runbook-view.ts';
import { HostileText } from '../../../components/HostileText.tsx';
import { Kbd } from '../../../components/Kbd.tsx';
import { useRecord } from './use-record.ts';

interface EntryLineProps { readonly run: RunView; readonly field: RefObject<HTMLInputElement | null>; readonly onLeave?: () => void }

export function EntryLine({ run, field, onLeave }: EntryLineProps) {
  const [text, setText] = useState('');
  const record = useRecord('run.entry', 'Recorded in the timeline.');
  const form = useRef<HTMLFormElement>(null);
  if (run.ended !== null) return null;
  return (
    <form ref={form} className="run-entry" aria-label="Entry" noValidate onSubmit={(event) => { event.preventDefault(); if (text.trim() !== '') void record.run({ runId: run.runId, text: text.trim() }).then((done) => { if (done) setText(''); }); }}>
      <label className="run-entry-line">
        <span className="run-entry-word" aria-hidden>now:</span>
        <input ref={field} className="run-entry-field" aria-label="What happens now" aria-keyshortcuts="n" placeholder="what happens, in one line" value={text} maxLength={2000} autoComplete="off"
          onChange={(event) => { setText(event.target.value); record.clear(); }}
          onKeyDown={(event) => {
            if (event.key !== 'Escape') return;
            event.preventDefault();
            event.stopPropagation();
            event.currentTarget.blur();
            onLeave?.();
          }} />
        <span className="run-entry-keys"><span className="run-entry-open"><Kbd>N</Kbd></span><span className="run-entry-send"><Kbd>Enter</Kbd> <Kbd>Esc</Kbd></span></span>
      </label>
      {record.error === null ? null : <p className="small text-fail run-entry-error" role="alert"><HostileText text={record.error.wire.message} /> What you typed stays here.</p>}
    </form>
  );
}
