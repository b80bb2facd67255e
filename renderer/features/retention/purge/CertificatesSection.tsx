// Proof of retention: verifies on any day, and lists the certificates with their outcome in words. Green is for an outcome that holds, and for nothing else.
import { useEffect, useRef, useState } from 'react';
import { ChevronDown, ChevronRight, FileCheck, ShieldCheck } from 'lucide-react';
import type { CallOutput } from '#shared/contract.ts';
import type { Deployment } from '#shared/domain/deployment.ts';
import { Button } from '../../../components/Button.tsx';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { Note } from '../../../components/Note.tsx';
import { ProgressLine } from '../../../components/ProgressLine.tsx';
import { Time } from '../../../components/Time.tsx';
import { WordChip } from '../../../components/WordChip.tsx';
import { plural } from '../../../lib/format.ts';
import { useJob } from '../../../lib/jobs.ts';
import { Part } from '../Part.tsx';
import { outcomeLook } from './certificate-words.ts';
import { CertificateFileDialog } from './CertificateFileDialog.tsx';
import { CertificateView } from './CertificateView.tsx';
import { openCertificate, useOpenedCertificate } from './opened-certificate.ts';
import { verifyTasks } from './purge-tasks.ts';
import './purge.css';

/** Certificates that are shown at once. */
const SHOWN = 5;

interface CertificatesSectionProps { readonly deployment: Deployment; readonly view: CallOutput<'retention.show'> }

export function CertificatesSection({ deployment: { id, name }, view }: CertificatesSectionProps) {
  const task = verifyTasks.useTask(id);
  const job = useJob('retention.verify', id);
  const [isAll, setAll] = useState(false);
  const [isChecking, setChecking] = useState(false);
  const isRunning = task.running || job !== null;
  const { id: opened, asked } = useOpenedCertificate();
  const heard = useRef(asked);
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    if (heard.current === asked) return;
    heard.current = asked;
    list.current?.querySelector<HTMLElement>('[aria-expanded="true"]')?.focus();
  }, [asked]);
  const isFar = view.certificates.findIndex((one) => one.id === opened) >= SHOWN;
  const shown = isAll || isFar ? view.certificates : view.certificates.slice(0, SHOWN);
  return (
    <Part title="Certificates" actions={<><Button look="quiet" icon={FileCheck} onClick={() => setChecking(true)}>Check a file…</Button><Button icon={ShieldCheck} busy={isRunning} onClick={() => { void verifyTasks.start(id, { deploymentId: id }); }}>Verify now</Button></>}>
      <p className="sub">Verifying asks {name} for single rows and its status, checks the signed log and the holds, and signs what it found. It only reads there.</p>
      {isRunning ? (job === null ? <div className="progress-line" role="status"><progress className="progress" aria-label="Starting" /><span>Starting…</span></div> : <ProgressLine job={job} />) : null}
      {task.error === null ? null : task.error.wire.code === 'cancelled' ? <Note>Cancelled. No certificate was issued; those before it are kept.</Note> : <ErrorNote error={task.error} kept="No certificate was issued; those before it are kept." />}
      {view.certificates.length === 0 ? <p className="dim">No certificate was issued yet.</p> : (
        <ul ref={list} className="purge-certificates" aria-label="Certificates, newest first">
          {shown.map((one) => {
            const isOpen = one.id === opened;
            return (
              <li key={one.id}>
                <button type="button" className="purge-certificate-row" aria-expanded={isOpen} onClick={() => openCertificate(isOpen ? null : one.id)}>
                  {isOpen ? <ChevronDown size={14} aria-hidden /> : <ChevronRight size={14} aria-hidden />}
                  <WordChip {...outcomeLook(one.outcome)} />
                  <Time iso={one.issuedAt} style="full" age />
                  <span className="sub">{one.runId === null ? 'of that day' : `of purge ${one.runId}`}{one.days === null ? '' : `, ${plural(one.days, 'day')}`}</span>
                  <span className="grow" />
                  <span className="mono dim">{one.id}</span>
                </button>
                {isOpen ? <CertificateView id={one.id} /> : null}
              </li>
            );
          })}
        </ul>
      )}
      {view.certificates.length > SHOWN ? <div><Button look="quiet" aria-expanded={isAll} onClick={() => setAll(!isAll)}>{isAll ? 'Fewer' : `All ${view.certificates.length}`}</Button></div> : null}
      {isChecking ? <CertificateFileDialog onClose={() => setChecking(false)} /> : null}
    </Part>
  );
}
