// The signed certificates of a deployment, and the way to a new one: it looks at the deployment and deletes nothing.
import { BadgeCheck } from 'lucide-react';
import type { RetentionView } from '#shared/contract/retention.ts';
import type { Deployment } from '#shared/domain/deployment.ts';
import { Button } from '../../../components/Button.tsx';
import { Time } from '../../../components/Time.tsx';
import { WordChip } from '../../../components/WordChip.tsx';
import { useJob } from '../../../lib/jobs.ts';
import { plural } from '../../../lib/format.ts';
import type { Chosen } from '../RetentionWork.tsx';
import { verifyTasks } from '../retention-tasks.ts';
import { OUTCOME_LOOKS } from '../retention-words.ts';
import { SectionHead } from '../SectionHead.tsx';

interface CertificatesSectionProps { readonly deployment: Deployment; readonly certificates: RetentionView['certificates']; readonly chosen: Chosen; readonly onChoose: (id: string) => void }

export function CertificatesSection({ deployment: { id }, certificates, chosen, onChoose }: CertificatesSectionProps) {
  const task = verifyTasks.useTask(id);
  const job = useJob('retention.verify', id);
  return (
    <section className="part" aria-label="Certificates">
      <SectionHead title="Certificates" count={certificates.length}><Button look="quiet" icon={BadgeCheck} busy={task.running || job !== null} onClick={() => { void verifyTasks.start(id, { deploymentId: id }); }}>Verify and certify</Button></SectionHead>
      {certificates.length === 0 ? <p className="sub part-none">None was issued yet. Verifying asks the deployment whether due rows are gone and the others still there, and signs what it found. It deletes nothing.</p> : (
        <table className="table part-table certificates-table" aria-label="Certificates">
          <thead><tr><th scope="col" className="col-when">Issued</th><th scope="col" className="col-state">Outcome</th><th scope="col" className="col-rule">Rule</th><th scope="col">About</th></tr></thead>
          <tbody>
            {certificates.map((certificate) => {
              const isChosen = chosen?.kind === 'certificate' && chosen.id === certificate.id;
              const { tone, word } = OUTCOME_LOOKS[certificate.outcome];
              return (
                <tr key={certificate.id} className={isChosen ? 'row-chosen' : undefined}>
                  <td><button type="button" id={`choose-${certificate.id}`} className="pick" aria-pressed={isChosen} onClick={() => onChoose(certificate.id)}><Time iso={certificate.issuedAt} /></button></td>
                  <td><WordChip tone={tone} word={word} /></td>
                  <td className="sub">{certificate.days === null ? 'not known' : plural(certificate.days, 'day')}</td>
                  <td className="sub">{certificate.runId === null ? 'the state of that day' : 'a purge from here'}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
    </section>
  );
}
