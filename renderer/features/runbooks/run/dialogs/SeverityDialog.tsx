// Another severity, with the reason for it: the one before stays in the timeline.
import { useState } from 'react';
import type { RunView } from '#shared/domain/runbook-view.ts';
import { visibleLine } from '#shared/domain/visible-text.ts';
import { Field } from '../../../../components/Field.tsx';
import { useRecord } from '../use-record.ts';
import { RecordDialog } from './RecordDialog.tsx';

export function SeverityDialog({ run, onClose }: { readonly run: RunView; readonly onClose: () => void }) {
  const { severities } = run.pack;
  const [severity, setSeverity] = useState(run.severity ?? severities[0]?.id ?? '');
  const [reason, setReason] = useState('');
  const action = useRecord('run.severity', 'The severity is recorded.');
  const isSame = severity === run.severity;
  return (
    <RecordDialog title={run.severity === null ? 'Set the severity' : 'Change the severity'} action={action} button="Record the severity" disabled={severity.trim() === '' || reason.trim() === '' || isSame} onClose={onClose} onSubmit={() => { void action.run({ runId: run.runId, severity: severity.trim(), reason: reason.trim() }).then((done) => { if (done) onClose(); }); }}>
      <Field label="Severity" hint={isSame ? 'This is the severity now.' : undefined}>
        {(ids) => (severities.length === 0
          ? <input {...ids} className="input" value={severity} maxLength={80} autoComplete="off" data-first-focus onChange={(event) => setSeverity(event.target.value)} />
          : (
            <select {...ids} className="select" value={severity} data-first-focus onChange={(event) => setSeverity(event.target.value)}>
              {severities.some(({ id }) => id === severity) ? null : <option value={severity}>{visibleLine(severity)}</option>}
              {severities.map(({ id, title, acknowledge_minutes: minutes }) => <option key={id} value={id}>{`${visibleLine(title)}${minutes === undefined ? '' : ` (acknowledge in ${minutes} min)`}`}</option>)}
            </select>
          ))}
      </Field>
      <Field label="Reason" hint="It stands in the timeline, with the time.">
        {(ids) => <textarea {...ids} className="textarea" rows={2} value={reason} maxLength={1000} onChange={(event) => setReason(event.target.value)} />}
      </Field>
    </RecordDialog>
  );
}
