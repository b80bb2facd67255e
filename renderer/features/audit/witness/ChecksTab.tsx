// The checks that cost nothing: what the cached rows show without any key, and the way to the rows.
import type { AuditCheck } from '#shared/domain/audit-bulk.ts';
import { Button } from '../../../components/Button.tsx';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { HostileText } from '../../../components/HostileText.tsx';
import { Skeleton } from '../../../components/Skeleton.tsx';
import { WordChip } from '../../../components/WordChip.tsx';
import { formatCount } from '../../../lib/format.ts';
import { useQuery } from '../../../lib/query.ts';
import { CHECK_LOOKS } from './witness-words.ts';

interface ChecksTabProps { readonly deploymentId: string; readonly onQuery: (query: string) => void }

export function ChecksTab({ deploymentId, onQuery }: ChecksTabProps) {
  const query = useQuery('audit.checks', { deploymentId });
  if (query.data === undefined) return <div className="pad">{query.error === null ? <Skeleton lines={5} label="Reading the checks" /> : <ErrorNote error={query.error} onRetry={() => { void query.reload(); }} />}</div>;
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a region that scrolls must be reachable by keyboard.
    <div className="free-checks" role="region" aria-label="Free checks" tabIndex={0}>
      {query.error === null ? null : <div className="pad"><ErrorNote error={query.error} kept="What was read before is still shown." onRetry={() => { void query.reload(); }} /></div>}
      <ul>{query.data.checks.map((check) => <Check key={check.id} check={check} onQuery={onQuery} />)}</ul>
      <p className="pad small dim">Read from the rows held here; no payload is opened and no server is asked.</p>
    </div>
  );
}

function Check({ check, onQuery }: { readonly check: AuditCheck; readonly onQuery: (query: string) => void }) {
  const { word, tone } = CHECK_LOOKS[check.state];
  const { query } = check;
  return (
    <li className="free-check">
      <span><WordChip tone={tone} word={word} /></span>
      <div className="free-check-text">
        <h3>{check.title}</h3>
        <p className="sub"><HostileText text={check.message} /></p>
        {check.examples.length === 0 ? null : (
          <p className="small dim">For example {check.examples.slice(0, 5).map((id, at) => <span key={id}>{at === 0 ? '' : ', '}<button type="button" className="link" onClick={() => onQuery(`id:${id}`)}>event {id}</button></span>)}</p>
        )}
      </div>
      <span className="num free-check-count">{check.state === 'unknown' ? <span className="dim">not known</span> : check.rows === 0 ? <span className="dim">0 rows</span> : `${formatCount(check.rows)} ${check.rows === 1 ? 'row' : 'rows'}`}</span>
      <span className="free-check-action">{query === null || check.rows === 0 ? null : <Button onClick={() => onQuery(query)} aria-label={`Show these rows: ${check.title}`}>Show these rows</Button>}</span>
    </li>
  );
}
