// What comes due in the next weeks, from the rows that are held here; without a rule in force it forecasts nothing.
import type { DueBy, RetentionPolicy } from '#shared/domain/retention.ts';
import { Time } from '../../components/Time.tsx';
import { formatBytes, formatCount } from '../../lib/format.ts';

export function DueTable({ due, policy }: { readonly due: readonly DueBy[]; readonly policy: RetentionPolicy }) {
  return (
    <section className="stack-small" aria-label="Coming due">
      <h3 className="label">Coming due</h3>
      {due.length === 0 ? <p className="sub small">{policy.state === 'off' ? 'Retention is off, so by its own rule nothing comes due.' : 'Without a rule that is known, nothing can be said to come due.'}</p> : (
        <>
          <table className="table due-table" aria-label="Rows that come due">
            <thead><tr><th scope="col">In the next</th><th scope="col" className="num">Rows</th><th scope="col" className="num">Size here</th><th scope="col" className="num">Held</th></tr></thead>
            <tbody>{due.map(({ days, by, rows, bytes, held }) => <tr key={days}><th scope="row">{days} days <span className="dim">to <Time iso={by} style="day" /></span></th><td className="num">{formatCount(rows)}</td><td className="num">{formatBytes(bytes)}</td><td className={`num ${held > 0 ? 'text-held' : ''}`}>{formatCount(held)}</td></tr>)}</tbody>
          </table>
          <p className="small dim">Counted from the rows that are held here, without those that are due already. The held ones come due too: the server knows no hold.</p>
        </>
      )}
    </section>
  );
}
