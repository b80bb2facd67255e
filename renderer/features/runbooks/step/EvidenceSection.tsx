// The evidence of a step: what is there, by whom, whether its bytes are here; adds to it, shows it and saves it. Nothing of it is ever run.
import { useRef, useState } from 'react';
import { Download, Eye, EyeOff, FilePlus2, ImagePlus, Plus } from 'lucide-react';
import type { RunView } from '#shared/domain/runbook-view.ts';
import { Button } from '../../../components/Button.tsx';
import { fileStem } from '../../../components/file-name.ts';
import { HostileText } from '../../../components/HostileText.tsx';
import { Menu } from '../../../components/Menu.tsx';
import { SaveFileDialog } from '../../../components/SaveFileDialog.tsx';
import { Time } from '../../../components/Time.tsx';
import { WordChip } from '../../../components/WordChip.tsx';
import { call } from '../../../lib/client.ts';
import { formatBytes } from '../../../lib/format.ts';
import { pathsOf } from '../../audit/import/import-task.ts';
import { AddEvidenceForm } from './AddEvidenceForm.tsx';
import type { Adding } from './AddEvidenceForm.tsx';
import { EvidenceView } from './EvidenceView.tsx';
import type { PlacedStep } from './step-words.ts';
import type { StepPartProps } from './use-record.ts';

type Held = RunView['evidence'][number];

const SOURCES: Readonly<Record<string, string>> = { file: 'a file', clipboard: 'pasted', 'audit-query': 'an audit query', 'security-snapshot': 'a security snapshot', output: 'output as text' };

/** What the step is evidenced by: added to it, or named by an outcome of it. The newest first, each address once. */
export function evidenceOf(run: Pick<RunView, 'evidence'>, { step, standing }: Pick<PlacedStep, 'step' | 'standing'>): readonly Held[] {
  const named = new Set(standing.evidence.map(({ digest }) => digest));
  const found = new Map<string, Held>();
  for (const each of run.evidence) if (each.step === step.id || (named.has(each.digest) && !found.has(each.digest))) found.set(each.digest, each);
  return [...found.values()].reverse();
}

interface EvidenceSectionProps extends StepPartProps {
  readonly placed: PlacedStep; readonly isOpen: boolean;
  /** What is being added; above this, because an image can be pasted anywhere in the step. */
  readonly adding: Adding | null; readonly onAdding: (adding: Adding | null) => void;
  readonly refusal: string | null;
}

export function EvidenceSection({ placed, isOpen, adding, onAdding, refusal, ...part }: EvidenceSectionProps) {
  const { run } = part;
  const held = evidenceOf(run, placed);
  const picker = useRef<HTMLInputElement>(null);
  const [fileError, setFileError] = useState<string | null>(null);
  const name = run.deployment?.name ?? '';
  const deploymentId = run.deployment?.deploymentId ?? null;
  async function take(files: FileList | null): Promise<void> {
    const { paths: [path], refusal: refused } = await pathsOf([...files ?? []]);
    setFileError(refused);
    if (path !== undefined) onAdding({ source: 'file', path });
  }
  const more = [
    { id: 'output', text: 'Output as text', content: <span>Output as text…</span>, onChoose: () => onAdding({ source: 'output' }) },
    ...(deploymentId === null ? [] : [
      { id: 'audit', text: 'Audit query', content: <span>Audit query of <HostileText text={name} />…</span>, onChoose: () => onAdding({ source: 'audit-query', deploymentId, name }) },
      { id: 'snapshot', text: 'Security snapshot', content: <span>Security snapshot of <HostileText text={name} />…</span>, onChoose: () => onAdding({ source: 'security-snapshot', deploymentId, name }) },
    ]),
  ];
  return (
    <section className="step-part" aria-label="Evidence">
      <p className="label">Evidence</p>
      {placed.step.evidence === undefined ? null : <p className="sub">Needed: <HostileText text={placed.step.evidence} /></p>}
      {held.length === 0 ? <p className="dim">None yet.</p> : <ul className="step-evidence">{held.map((each) => <EvidenceItem key={each.digest} runId={run.runId} held={each} />)}</ul>}
      {refusal === null && fileError === null ? null : <p className="field-error" role="alert"><HostileText text={refusal ?? fileError ?? ''} /></p>}
      {adding === null ? null : <AddEvidenceForm key={`${adding.source} ${adding.source === 'file' ? adding.path : ''}`} adding={adding} {...part} onRecorded={(fresh) => { onAdding(null); part.onRecorded(fresh); }} onCancel={() => onAdding(null)} />}
      {isOpen ? <input ref={picker} type="file" hidden aria-label="A file as evidence" onChange={(event) => { void take(event.target.files).then(() => { if (picker.current !== null) picker.current.value = ''; }); }} /> : null}
      {isOpen && adding === null ? (
        <>
          <div className="row row-wrap">
            <Button icon={FilePlus2} onClick={() => picker.current?.click()}>Add a file…</Button>
            <Menu className="step-more" label="Other evidence" button={<span className="row"><Plus size={14} aria-hidden />Other</span>} items={more} />
          </div>
          <p className="small dim row"><ImagePlus size={13} aria-hidden />An image is pasted with Ctrl+V anywhere in this step.{deploymentId === null ? ' Queries and snapshots need a run about a deployment of this profile.' : ''}</p>
        </>
      ) : null}
    </section>
  );
}

function EvidenceItem({ runId, held: { digest, name, bytes, type, note, source, at, by, isHere } }: { readonly runId: string; readonly held: Held }) {
  const [isShown, setShown] = useState(false);
  const [isSaving, setSaving] = useState(false);
  const [, extension = 'bin'] = /\.([A-Za-z0-9]{1,10})$/u.exec(name) ?? [];
  return (
    <li>
      <div className="row row-wrap"><strong className="step-evidence-name"><HostileText text={name} /></strong><span className="sub small">{formatBytes(bytes)} · <HostileText text={type} /></span>{isHere ? null : <WordChip tone="unknown" word="not here" />}</div>
      <p className="small sub">{SOURCES[source] ?? source}, added by <HostileText text={by} />, <Time iso={at} age /></p>
      {note === '' ? null : <p className="small selectable step-note"><HostileText text={note} layout="block" /></p>}
      <p className="small dim mono selectable step-digest" title={digest}>sha256 {isShown ? digest : <>{digest.slice(0, 16)}…<span className="visually-hidden"> shortened; view it for all of it</span></>}</p>
      {isHere ? (
        <div className="row row-wrap">
          <Button look="quiet" icon={isShown ? EyeOff : Eye} aria-expanded={isShown} aria-label={`${isShown ? 'Hide' : 'View'} ${name}`} onClick={() => setShown(!isShown)}>{isShown ? 'Hide' : 'View'}</Button>
          <Button look="quiet" icon={Download} aria-label={`Save ${name}`} onClick={() => setSaving(true)}>Save…</Button>
        </div>
      ) : <p className="small">Its bytes are not on this workstation: the file of the run came without them. Take in a file of this run that was exported with its evidence.</p>}
      {isShown ? <EvidenceView runId={runId} digest={digest} /> : null}
      {isSaving ? <SaveFileDialog title="Save evidence" what={`The evidence “${name}”`} after="It is as it was taken in, byte for byte. Open it with care: nobody here looked into what it does." stem={fileStem(name.replace(/\.[A-Za-z0-9]{1,10}$/u, ''))} forms={[{ id: extension, title: extension, text: '' }]} write={(path) => call('run.saveEvidence', { runId, digest, path })} onClose={() => setSaving(false)} /> : null}
    </li>
  );
}
