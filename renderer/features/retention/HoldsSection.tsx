// Legal holds of a deployment: each with what it takes in and what must be known of it; sets and releases them. It promises no more than a console can: a copy here, and that its own purges stop.
import { useState } from 'react';
import { Plus, X } from 'lucide-react';
import type { RetentionView } from '#shared/contract/retention.ts';
import type { Deployment } from '#shared/domain/deployment.ts';
import { Button, IconButton } from '../../components/Button.tsx';
import { ErrorNote } from '../../components/ErrorNote.tsx';
import { HostileText } from '../../components/HostileText.tsx';
import { Note } from '../../components/Note.tsx';
import { ProgressLine } from '../../components/ProgressLine.tsx';
import { Time } from '../../components/Time.tsx';
import { formatCount, plural } from '../../lib/format.ts';
import { useJob } from '../../lib/jobs.ts';
import { HoldDialog } from './HoldDialog.tsx';
import { HoldItem } from './HoldItem.tsx';
import { holdSettings } from './hold-tasks.ts';
import { standingFirst } from './hold-words.ts';
import { Part } from './Part.tsx';

interface HoldsSectionProps { readonly deployment: Deployment; readonly view: RetentionView }

export function HoldsSection({ deployment, view }: HoldsSectionProps) {
  const { id } = deployment;
  const [isAdding, setAdding] = useState(false);
  const setting = holdSettings.useTask(id);
  const job = useJob('retention.holdAdd', id);
  const { standing, released } = standingFirst(view.holds);
  const rows = standing.reduce((sum, { counts }) => sum + counts.rows, 0);
  return (
    <Part title="Legal holds" about={standing.length === 0 ? null : <>{plural(standing.length, 'hold')} {standing.length === 1 ? 'stands' : 'stand'}, over {plural(rows, 'row')}{standing.length > 1 ? '; a row under two holds is counted twice' : ''}</>}
      actions={<Button icon={Plus} busy={setting.running} onClick={() => { holdSettings.forget(id); setAdding(true); }}>{setting.running ? 'Setting a hold' : 'Set a hold…'}</Button>}>
      <Note><p>This console cannot stop the server&apos;s own schedule: a cron job or script there knows of no hold. What it does: it refuses its own purge plans that touch held rows, warns 14 days before one comes due, keeps a sealed copy of each held row on this workstation, and tells when one has gone.</p></Note>
      {job === null || isAdding ? null : <ProgressLine job={job} />}
      {setting.error === null || setting.running || isAdding ? null : (
        <div className="dismissable"><div className="grow"><ErrorNote error={setting.error} /></div><IconButton icon={X} label="Dismiss" onClick={() => holdSettings.forget(id)} /></div>
      )}
      {standing.length === 0 ? <p className="sub">No hold stands. What comes due may be deleted by the server, and nothing of it is preserved here.</p> : <ul className="holds">{standing.map((hold) => <HoldItem key={hold.id} hold={hold} />)}</ul>}
      {released.length === 0 ? null : (
        <details className="retention-more">
          <summary>{plural(released.length, 'released hold')}</summary>
          <ul className="holds-released small">{released.map((hold) => (
            <li key={hold.id}><strong><HostileText text={hold.caseId} /></strong> · released {hold.released === null ? null : <><Time iso={hold.released.at} age />: <HostileText text={hold.released.reason} /></>} {hold.counts.preserved === 0 ? null : <span className="dim">· {formatCount(hold.counts.preserved)} preserved {hold.counts.preserved === 1 ? 'row stays' : 'rows stay'} in the vault until this workstation&apos;s own purge</span>}</li>
          ))}</ul>
        </details>
      )}
      {isAdding ? <HoldDialog deployment={deployment} onClose={() => setAdding(false)} /> : null}
    </Part>
  );
}
