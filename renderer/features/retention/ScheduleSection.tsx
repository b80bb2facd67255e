// Files that make the deployment purge by itself, ready to be reviewed, copied or saved, and the examination of what is there already. Nothing is installed or sent from here.
import { useState } from 'react';
import { Save } from 'lucide-react';
import type { ScheduleFiles, ScheduleKind } from '#shared/domain/retention-schedule.ts';
import type { CallInput, CallOutput } from '#shared/contract.ts';
import type { Deployment } from '#shared/domain/deployment.ts';
import { Button } from '../../components/Button.tsx';
import { CopyButton } from '../../components/CopyButton.tsx';
import { ErrorNote } from '../../components/ErrorNote.tsx';
import { Field } from '../../components/Field.tsx';
import { HostileText } from '../../components/HostileText.tsx';
import { Note } from '../../components/Note.tsx';
import { SaveFileDialog } from '../../components/SaveFileDialog.tsx';
import { Skeleton } from '../../components/Skeleton.tsx';
import { Tabs } from '../../components/Tabs.tsx';
import { call } from '../../lib/client.ts';
import { plural } from '../../lib/format.ts';
import { useQuery } from '../../lib/query.ts';
import { LintSection } from './LintSection.tsx';
import { Part } from './Part.tsx';
import { useSettled } from './use-settled.ts';

type Room = ScheduleKind | 'lint';
type GivenName = 'workdir' | 'python' | 'image' | 'namespace';
type Given = Readonly<Record<GivenName, string>>;

const ROOMS: readonly { readonly id: Room; readonly name: string }[] = [{ id: 'cron', name: 'cron' }, { id: 'systemd', name: 'systemd' }, { id: 'kubernetes', name: 'Kubernetes' }, { id: 'lint', name: 'Check what you have' }];
const FIELDS: Readonly<Record<GivenName, { readonly label: string; readonly example: string; readonly maxLength: number }>> = {
  workdir: { label: 'Working directory', example: '/srv/navi', maxLength: 1024 },
  python: { label: 'Python', example: '/srv/navi/.venv/bin/python', maxLength: 1024 },
  image: { label: 'Image', example: 'registry.example/navi:1.4', maxLength: 512 },
  namespace: { label: 'Namespace', example: 'navi', maxLength: 63 },
};
const ASKED: Readonly<Record<ScheduleKind, readonly GivenName[]>> = { cron: ['workdir', 'python'], systemd: ['workdir', 'python'], kubernetes: ['image', 'namespace', 'workdir', 'python'] };
/** Typing is over after this, ms. */
const SETTLE_MS = 300;

export function ScheduleSection({ deployment }: { readonly deployment: Deployment }) {
  const [room, setRoom] = useState<Room>('cron');
  const [given, setGiven] = useState<Given>({ workdir: '', python: '', image: '', namespace: '' });
  return (
    <Part title="Schedules" about="Files for the machine that runs the deployment. Nothing is installed from here.">
      <div className="schedule">
        <Tabs label="Schedule for" items={ROOMS} chosen={room} onChoose={setRoom}>
          {room === 'lint' ? <LintSection /> : <Made key={room} deployment={deployment} kind={room} given={given} onGiven={(name, text) => setGiven((before) => ({ ...before, [name]: text }))} />}
        </Tabs>
      </div>
    </Part>
  );
}

interface MadeProps { readonly deployment: Deployment; readonly kind: ScheduleKind; readonly given: Given; readonly onGiven: (name: GivenName, text: string) => void }

function Made({ deployment, kind, given, onGiven }: MadeProps) {
  const settled = useSettled(given, SETTLE_MS);
  const filled = Object.fromEntries(ASKED[kind].map((name) => [name, settled[name].trim()]).filter(([, text]) => text !== ''));
  const made = useQuery('retention.schedule', { deploymentId: deployment.id, kind, ...filled } as CallInput<'retention.schedule'>);
  return (
    <div className="schedule-body stack">
      <div className="schedule-given" role="group" aria-label="What the console cannot know">
        {ASKED[kind].map((name) => (
          <Field key={name} label={FIELDS[name].label}>{(ids) => <input {...ids} className="input mono" value={given[name]} placeholder={FIELDS[name].example} maxLength={FIELDS[name].maxLength} spellCheck={false} autoComplete="off" onChange={(event) => onGiven(name, event.target.value)} />}</Field>
        ))}
      </div>
      {made.data === undefined ? (made.error === null ? <Skeleton lines={5} label="Making the files" /> : <ErrorNote error={made.error} />) : <Files made={made.data} write={(name, path) => call('retention.writeSchedule', { deploymentId: deployment.id, kind, ...filled, name, path } as CallInput<'retention.writeSchedule'>)} />}
    </div>
  );
}

interface FilesProps { readonly made: ScheduleFiles; readonly write: (name: string, path: string) => Promise<CallOutput<'retention.writeSchedule'>> }

function Files({ made: { files, steps, placeholders, notes }, write }: FilesProps) {
  const [saved, setSaved] = useState<string | null>(null);
  return (
    <>
      {saved === null ? null : <SaveSchedule name={saved} isReady={placeholders.length === 0} write={(path) => write(saved, path)} onClose={() => setSaved(null)} />}
      {placeholders.length === 0 ? null : <Note tone="age"><p className="note-main">Not ready: {plural(placeholders.length, 'placeholder')} {placeholders.length === 1 ? 'is' : 'are'} left.</p><p className="mono"><HostileText text={placeholders.join('  ')} /></p></Note>}
      {files.map(({ name, place, text, check }) => (
        <section key={name} className="schedule-file stack-small" aria-label={`File ${name}`}>
          <header className="row row-wrap"><h3 className="mono"><HostileText text={name} /></h3><span className="small sub grow">belongs to <span className={`selectable ${place.startsWith('/') ? 'mono' : ''}`}><HostileText text={place} /></span></span><CopyButton text={text} what={name} /><Button icon={Save} aria-label={`Save ${name}…`} onClick={() => setSaved(name)}>Save…</Button></header>
          {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard. */}
          <pre className="payload mono selectable" tabIndex={0} aria-label={`Text of ${name}`}><HostileText text={text} layout="block" /></pre>
          <p className="small sub">Checked with <code className="mono selectable"><HostileText text={check} /></code></p>
        </section>
      ))}
      <section className="stack-small" aria-label="Steps">
        <header className="row"><h3 className="grow">To set it up, in this order</h3><CopyButton text={steps.join('\n')} what="Steps" label="Copy the steps" /></header>
        {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard. */}
        <pre className="payload mono selectable" tabIndex={0} aria-label="Steps as commands"><HostileText text={steps.join('\n')} layout="block" /></pre>
      </section>
      <ul className="schedule-notes small sub" aria-label="What else is to be known">{notes.map((note) => <li key={note}><HostileText text={note} /></li>)}</ul>
    </>
  );
}

function SaveSchedule({ name, isReady, write, onClose }: { readonly name: string; readonly isReady: boolean; readonly write: (path: string) => Promise<CallOutput<'retention.writeSchedule'>>; readonly onClose: () => void }) {
  const dot = name.lastIndexOf('.');
  const extension = name.slice(dot + 1);
  const after = isReady ? 'Read it once more, then follow the steps on the machine that runs the deployment.' : 'Placeholders are left in it. As it is, the check refuses it.';
  return <SaveFileDialog title={`Save ${name}`} what="The file" stem={name.slice(0, dot)} forms={[{ id: extension, title: extension, text: '' }]} after={after} write={write} onClose={onClose} />;
}
