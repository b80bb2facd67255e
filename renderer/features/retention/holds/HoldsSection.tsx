// The legal holds of a deployment with their counts and what is to be looked at; it says what a hold cannot do.
import { Plus } from 'lucide-react';
import type { Hold } from '#shared/domain/retention-hold.ts';
import { Button } from '../../../components/Button.tsx';
import { HostileText } from '../../../components/HostileText.tsx';
import { WordChip } from '../../../components/WordChip.tsx';
import { formatCount } from '../../../lib/format.ts';
import type { Chosen } from '../RetentionWork.tsx';
import { holdWarnings } from '../retention-words.ts';
import { SectionHead } from '../SectionHead.tsx';

interface HoldsSectionProps { readonly holds: readonly Hold[]; readonly chosen: Chosen; readonly onChoose: (id: string) => void; readonly onAdd: () => void }

export function HoldsSection({ holds, chosen, onChoose, onAdd }: HoldsSectionProps) {
  const standing = holds.filter(({ released }) => released === null);
  const released = holds.filter(({ released: end }) => end !== null);
  return (
    <section className="part" aria-label="Legal holds">
      <SectionHead title="Legal holds" count={standing.length}><Button look="quiet" icon={Plus} onClick={onAdd}>Set a hold…</Button></SectionHead>
      <p className="small sub part-note">Holdfast cannot stop the server’s own schedule. It refuses its own purges of held rows, warns before they come due, keeps copies of them in the sealed vault here, and tells when one vanished.</p>
      {standing.length === 0 ? <p className="sub part-none">No hold stands. Rows go when they come due.</p> : <Table holds={standing} chosen={chosen} onChoose={onChoose} label="Standing holds" />}
      {released.length === 0 ? null : <details className="part-more"><summary>{formatCount(released.length)} released</summary><Table holds={released} chosen={chosen} onChoose={onChoose} label="Released holds" /></details>}
    </section>
  );
}

function Table({ holds, chosen, onChoose, label }: { readonly holds: readonly Hold[]; readonly chosen: Chosen; readonly onChoose: (id: string) => void; readonly label: string }) {
  return (
    <table className="table part-table holds-table" aria-label={label}>
      <thead><tr><th scope="col">Case</th><th scope="col" className="col-owner">Owner</th><th scope="col" className="num col-count">Rows</th><th scope="col" className="num col-count">In the vault</th><th scope="col" className="col-review">Review</th><th scope="col" className="col-look">To look at</th></tr></thead>
      <tbody>
        {holds.map((hold) => {
          const isChosen = chosen?.kind === 'hold' && chosen.id === hold.id;
          const warnings = holdWarnings(hold);
          return (
            <tr key={hold.id} className={isChosen ? 'row-chosen' : undefined}>
              <td><button type="button" id={`choose-${hold.id}`} className="pick cut" aria-pressed={isChosen} onClick={() => onChoose(hold.id)}><HostileText text={hold.caseId} /></button></td>
              <td className="sub"><HostileText text={hold.owner} /></td>
              <td className="num">{formatCount(hold.counts.rows)}</td>
              <td className="num">{formatCount(hold.counts.preserved)}</td>
              <td className="sub nowrap">{hold.reviewOn}</td>
              <td><span className="chips">{hold.released !== null ? <span className="dim">released</span> : warnings.length === 0 ? <span className="dim">nothing</span> : warnings.map(({ tone, word }) => <WordChip key={word} tone={tone} word={word} />)}</span></td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
