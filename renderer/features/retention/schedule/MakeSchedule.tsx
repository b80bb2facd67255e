// Makes the files of a schedule from what the admin gives; what is not given stays a marked placeholder. Each file with the command that checks it, to copy or save.
import { useState } from 'react';
import type { FormEvent } from 'react';
import { FileDown, RefreshCw } from 'lucide-react';
import type { CallInput } from '#shared/contract.ts';
import type { Deployment } from '#shared/domain/deployment.ts';
import type { ScheduleFiles, ScheduleKind } from '#shared/domain/retention-schedule.ts';
import { Button } from '../../../components/Button.tsx';
import { Choices } from '../../../components/Choices.tsx';
import { CopyButton } from '../../../components/CopyButton.tsx';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { Field } from '../../../components/Field.tsx';
import { HostileText } from '../../../components/HostileText.tsx';
import { Note } from '../../../components/Note.tsx';
import { Pane } from '../../../components/Pane.tsx';
import { Skeleton } from '../../../components/Skeleton.tsx';
import { call } from '../../../lib/client.ts';
import { plural } from '../../../lib/format.ts';
import { useQuery } from '../../../lib/query.ts';
import { SaveDialog } from '../SaveDialog.tsx';
import { givenOf, NO_DRAFT, nameParts } from './schedule-draft.ts';
import type { ScheduleDraft } from './schedule-draft.ts';

const KINDS = [
  { id: 'cron', title: 'cron', text: 'A crontab line.' },
  { id: 'systemd', title: 'systemd', text: 'A service and a timer that makes up for time off.' },
  { id: 'kubernetes', title: 'Kubernetes', text: 'A CronJob.' },
] as const;

type Asked = Omit<CallInput<'retention.schedule'>, 'deploymentId'>;

export function MakeSchedule({ deployment }: { readonly deployment: Deployment }) {
  const { id } = deployment;
  const [draft, setDraft] = useState<ScheduleDraft>(NO_DRAFT);
  const [asked, setAsked] = useState<Asked>({ kind: 'cron' });
  const made = useQuery('retention.schedule', { deploymentId: id, ...asked });
  // A refusal of what was given leaves the files before it in view.
  const [shown, setShown] = useState<ScheduleFiles | undefined>(made.data);
  if (made.data !== undefined && made.data !== shown) setShown(made.data);
  const files = shown?.kind === asked.kind ? shown : made.data;
  const isCluster = asked.kind === 'kubernetes';
  const make = (kind: ScheduleKind): void => setAsked({ kind, ...givenOf(kind, draft) });
  const field = (name: keyof ScheduleDraft, label: string, hint: string) => (
    <Field label={label} optional hint={hint}>{(ids) => <input {...ids} className="input mono" value={draft[name]} spellCheck={false} autoComplete="off" onChange={(event) => setDraft({ ...draft, [name]: event.target.value })} />}</Field>
  );
  return (
    <div className="split schedule-split">
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a region that scrolls must be reachable by keyboard. */}
      <div className="split-list schedule-main" role="region" aria-label="The schedule" tabIndex={0}>
        {made.error === null ? null : <ErrorNote error={made.error} {...(files === undefined ? {} : { kept: 'What was made before is still shown.' })} />}
        {files === undefined ? (made.error === null ? <Skeleton lines={6} label="Making the schedule" /> : null) : <Made deployment={deployment} asked={asked} files={files} />}
      </div>
      <Pane label="What the console cannot know">
        <form className="stack" aria-label="Make a schedule" onSubmit={(event: FormEvent) => { event.preventDefault(); make(asked.kind); }} noValidate>
          <Choices label="As" choices={KINDS} chosen={asked.kind} onChoose={make} />
          {field('workdir', 'Working directory', isCluster ? 'Root of the backend in the image.' : 'Root of the backend’s repository there. PYTHONPATH is set to it.')}
          {field('python', 'Python', 'The whole path of the interpreter.')}
          {isCluster ? <>{field('image', 'Image', 'With its tag or digest.')}{field('namespace', 'Namespace', 'Where the deployment runs.')}</> : null}
          <div><Button type="submit" look="main" icon={RefreshCw} busy={made.loading}>Make it again</Button></div>
          <p className="small sub">What is not given stays a marked placeholder, and the examination refuses it. Nothing is sent or installed from here.</p>
        </form>
      </Pane>
    </div>
  );
}

function Made({ deployment, asked, files: { files, steps, placeholders, notes } }: { readonly deployment: Deployment; readonly asked: Asked; readonly files: ScheduleFiles }) {
  const [saving, setSaving] = useState<string | null>(null);
  return (
    <div className="stack">
      {placeholders.length === 0 ? null : <Note tone="age"><p className="note-main">{plural(placeholders.length, 'placeholder')} left: <span className="mono">{placeholders.join(', ')}</span></p><p>Give the values beside, or fill them in there.</p></Note>}
      {files.map(({ name, place, text, check }) => (
        <section key={name} className="stack-small schedule-file" aria-label={name}>
          <header className="row row-wrap"><h3 className="mono"><HostileText text={name} /></h3><span className="small sub">belongs into <span className="mono"><HostileText text={place} /></span></span><span className="grow" /><CopyButton text={text} what={name} /><Button icon={FileDown} onClick={() => setSaving(name)}>Save…</Button></header>
          {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard. */}
          <pre className="payload" aria-label={`Text of ${name}`} role="region" tabIndex={0}><HostileText text={text} layout="block" /></pre>
          <p className="row row-wrap small"><span className="sub">Check it with</span> <code className="command"><HostileText text={check} /></code></p>
        </section>
      ))}
      {steps.length === 0 ? null : <section className="stack-small" aria-label="Steps"><p className="label">Set it up, in this order</p><ol className="commands">{steps.map((step) => <li key={step}><code className="command"><HostileText text={step} layout="block" /></code></li>)}</ol></section>}
      {notes.length === 0 ? null : <section className="stack-small" aria-label="To know"><p className="label">To know</p><ul className="rests">{notes.map((note) => <li key={note}><HostileText text={note} /></li>)}</ul></section>}
      {saving === null ? null : <SaveDialog title={`Save ${saving}`} about="As it is shown here. Carry it over to the server yourself." {...nameParts(saving)} done="The file was written." write={(path) => call('retention.writeSchedule', { deploymentId: deployment.id, ...asked, name: saving, path })} onClose={() => setSaving(null)} />}
    </div>
  );
}
