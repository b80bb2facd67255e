// When a milestone was reached, where that is not now: an earlier time, in the zone of the screen. The time of recording is kept beside it.
import { useState } from 'react';
import type { RunView } from '#shared/domain/runbook-view.ts';
import { Field } from '../../../../components/Field.tsx';
import { useSettings } from '../../../../lib/settings.ts';
import { fieldTime, instantOf } from '../run-words.ts';
import { useRecord } from '../use-record.ts';
import { RecordDialog } from './RecordDialog.tsx';

export type Milestone = keyof RunView['milestones'];
export const MILESTONE_WORDS: Readonly<Record<Milestone, string>> = { acknowledged: 'Acknowledged', mitigated: 'Mitigated', resolved: 'Resolved' };

export function MilestoneDialog({ run, what, onClose }: { readonly run: RunView; readonly what: Milestone; readonly onClose: () => void }) {
  const zone = useSettings().times;
  const [typed, setTyped] = useState(() => fieldTime(Date.parse(run.milestones[what] ?? '') || Date.now(), zone));
  const action = useRecord('run.milestone', `${MILESTONE_WORDS[what]} is recorded.`);
  const instant = instantOf(typed, zone);
  return (
    <RecordDialog title={`${MILESTONE_WORDS[what]} at an earlier time`} action={action} button="Record the time" disabled={instant === null} onClose={onClose} onSubmit={() => { if (instant !== null) void action.run({ runId: run.runId, what, occurredAt: instant }).then((done) => { if (done) onClose(); }); }}>
      <Field label={zone === 'utc' ? 'When it was, in UTC' : 'When it was, in your local time'} error={typed !== '' && instant === null ? 'This is no time.' : null} hint="Not later than now. When it was recorded stands in the timeline as well.">
        {(ids) => <input {...ids} className="input" type="datetime-local" step={1} value={typed} data-first-focus onChange={(event) => setTyped(event.target.value)} />}
      </Field>
    </RecordDialog>
  );
}
