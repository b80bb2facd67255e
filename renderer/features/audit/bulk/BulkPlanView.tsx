// What would be opened, before anything is: how many rows, under which keys, which of these are held, and the digest that names the set.
import type { BulkPlan } from '#shared/domain/audit-bulk.ts';
import { HostileText } from '../../../components/HostileText.tsx';
import { Note } from '../../../components/Note.tsx';
import { WordChip } from '../../../components/WordChip.tsx';
import { formatCount } from '../../../lib/format.ts';
import { announcedSentence, planSentence } from './bulk-words.ts';

export function BulkPlanView({ plan, announced, onKeys }: { readonly plan: BulkPlan; readonly announced: number | null; readonly onKeys: () => void }) {
  const lacking = plan.byKey.filter(({ isHeld }) => !isHeld).reduce((sum, { rows }) => sum + rows, 0);
  return (
    <>
      <p>{planSentence(plan)}</p>
      {announced === null || announced === plan.rows ? null : <p className="sub">{announcedSentence(announced)}</p>}
      <table className="table bulk-keys" aria-label="Rows by key">
        <thead><tr><th scope="col">Key the rows name</th><th scope="col" className="num">Rows</th><th scope="col">Here</th></tr></thead>
        <tbody>
          {plan.byKey.map(({ keyId, rows, isHeld }) => (
            <tr key={keyId ?? ''}>
              <td className="mono">{keyId === null ? <span className="dim">none named</span> : <HostileText text={keyId} />}</td>
              <td className="num">{formatCount(rows)}</td>
              <td>{keyId === null ? <WordChip tone="unknown" word="every key is tried" /> : isHeld ? <WordChip tone="pass" word="held" /> : <WordChip tone="warn" word="not held" />}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {lacking === 0 ? null : <Note tone="age">{formatCount(lacking)} of these name no key that is held here. Every held key is tried on each of them; those that none opens are listed as such. <button type="button" className="link" onClick={onKeys}>Keys…</button></Note>}
      <dl className="facts">
        <dt>Digest</dt><dd className="mono selectable">{plan.digest}</dd>
      </dl>
      <p className="small dim">SHA-256 over the ids of exactly these rows. It stands in the ledger before the first payload is opened, so that the set can be named later.</p>
    </>
  );
}
