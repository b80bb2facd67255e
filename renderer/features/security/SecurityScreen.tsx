// The deployment's checks: what state each is in, and on what evidence; it draws no conclusion of its own and gives no score.
import { useEffect, useMemo, useRef, useState } from 'react';
import { ArrowDown, ArrowUp, FileText, RefreshCw, RotateCcwKey, ShieldQuestionMark, WifiOff } from 'lucide-react';
import type { Deployment } from '#shared/domain/deployment.ts';
import { CHECK_STATES } from '#shared/domain/evidence.ts';
import type { CheckState, SecurityCheck } from '#shared/domain/evidence.ts';
import type { SecurityView } from '#shared/contract/security.ts';
import { useApp } from '../../app/store.ts';
import { Button } from '../../components/Button.tsx';
import { EmptyState } from '../../components/EmptyState.tsx';
import { ErrorNote } from '../../components/ErrorNote.tsx';
import { HostileText } from '../../components/HostileText.tsx';
import { onRowKey } from '../../components/row-keys.ts';
import { Pane } from '../../components/Pane.tsx';
import { Screen } from '../../components/Screen.tsx';
import { Skeleton } from '../../components/Skeleton.tsx';
import { StateChip, stateWord } from '../../components/StateChip.tsx';
import { Time } from '../../components/Time.tsx';
import { plural } from '../../lib/format.ts';
import { useQuery } from '../../lib/query.ts';
import { NoDeployment } from '../deployments/NoDeployment.tsx';
import { CheckDetail } from './CheckDetail.tsx';
import { LastFailure } from './LastFailure.tsx';
import { filterChecks, sortChecks } from './order.ts';
import type { SortBy, Sorting } from './order.ts';
import { startRefresh, useRefresh } from './refresh.ts';
import { ReportDialog } from './report/ReportDialog.tsx';
import { RotationPanel } from './rotation/RotationPanel.tsx';
import './security.css';

export function SecurityScreen({ deployment }: { readonly deployment: Deployment | null }) {
  if (deployment === null) return <Screen title="Security"><NoDeployment /></Screen>;
  return <Security deployment={deployment} />;
}

function Security({ deployment }: { readonly deployment: Deployment }) {
  const view = useQuery('security.show', { deploymentId: deployment.id });
  const refresh = useRefresh(deployment.id);
  const [task, setTask] = useState<'report' | 'rotation' | null>(null);
  const { data } = view;
  const about = data === undefined ? null : (
    <span>
      {data.summary}{data.observedAt === null ? null : <> · as of <Time iso={data.observedAt} age /></>}
    </span>
  );
  const refreshButton = (look: 'main' | 'plain') => <Button look={look} icon={RefreshCw} busy={refresh.running} onClick={() => { void startRefresh(deployment.id); }}>Refresh</Button>;
  return (
    <Screen title="Security" about={about} actions={(
      <>
        <Button look="quiet" icon={RotateCcwKey} aria-pressed={task === 'rotation'} onClick={() => setTask(task === 'rotation' ? null : 'rotation')}>Rotation…</Button>
        <Button look="quiet" icon={FileText} onClick={() => setTask('report')}>Report…</Button>
        {refreshButton('main')}
      </>
    )}>
      {task === 'report' ? <ReportDialog deployment={deployment} baselineId={data?.baseline.id} onClose={() => setTask(null)} /> : null}
      {task === 'rotation' ? <RotationPanel key={deployment.id} deployment={deployment} onClose={() => setTask(null)} /> : (
        <>
      <LastFailure refreshError={refresh.error} view={data} />
      {view.error !== null && data !== undefined ? <div className="pad"><ErrorNote error={view.error} kept="What was read before is still shown." onRetry={() => { void view.reload(); }} /></div> : null}
      {data === undefined ? <div className="pad">{view.error === null ? <Skeleton lines={8} /> : <ErrorNote error={view.error} onRetry={() => { void view.reload(); }} />}</div>
        : data.observedAt === null ? (
          <EmptyState icon={data.lastFailure === null ? ShieldQuestionMark : WifiOff} title="Nothing is known yet" actions={refreshButton('plain')}>
            <p>{data.lastFailure === null ? 'This deployment has not been asked for its security status. All checks are unknown until it answers.' : 'The deployment has never answered the status request, so every check is unknown.'}</p>
          </EmptyState>
        ) : <Checks view={data} />}
        </>
      )}
    </Screen>
  );
}

function Checks({ view }: { readonly view: SecurityView }) {
  const asked = useApp((state) => state.checkId);
  const [sorting, setSorting] = useState<Sorting>({ by: 'state', isDescending: false });
  const [text, setText] = useState('');
  const [states, setStates] = useState<ReadonlySet<CheckState>>(new Set());
  const [selectedId, setSelectedId] = useState<string | null>(asked);
  const body = useRef<HTMLTableSectionElement>(null);
  const wantsFocus = useRef(asked !== null);

  const rows = useMemo(() => sortChecks(filterChecks(view.checks, { text, states }), sorting), [view.checks, text, states, sorting]);
  const found = rows.findIndex(({ id }) => id === selectedId);
  const index = found === -1 ? 0 : found;
  const selected = rows[index];

  useEffect(() => {
    if (!wantsFocus.current) return;
    wantsFocus.current = false;
    body.current?.querySelector<HTMLElement>('tr[tabindex="0"]')?.focus();
  });

  function select(to: number): void {
    setSelectedId(rows[to]?.id ?? null);
    wantsFocus.current = true;
  }

  function toggle(state: CheckState): void {
    const next = new Set(states);
    if (!next.delete(state)) next.add(state);
    setStates(next);
  }

  function header(by: SortBy, word: string) {
    const isOn = sorting.by === by;
    return (
      <th scope="col" aria-sort={isOn ? (sorting.isDescending ? 'descending' : 'ascending') : 'none'} className={`check-${by}`}>
        <button type="button" className="sort" onClick={() => setSorting({ by, isDescending: isOn && !sorting.isDescending })}>
          {word}{isOn ? (sorting.isDescending ? <ArrowUp size={11} aria-hidden /> : <ArrowDown size={11} aria-hidden />) : null}
        </button>
      </th>
    );
  }

  return (
    <>
      <div className="checks-bar">
        <input className="input checks-text" type="search" aria-label="Filter checks by text" placeholder="Filter checks" value={text} onChange={(event) => setText(event.target.value)} />
        {CHECK_STATES.map((state) => (
          <button key={state} type="button" className="chip-toggle" aria-pressed={states.has(state)} disabled={view.counts[state] === 0} onClick={() => toggle(state)}><StateChip state={state} count={view.counts[state]} /></button>
        ))}
        <span className="grow" />
        <span className="small dim" role="status">{rows.length === view.checks.length ? plural(rows.length, 'check') : `${rows.length} of ${plural(view.checks.length, 'check')}`}</span>
      </div>
      <div className="split">
        <div className="split-list">
          {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-to-interactive-role -- rows can be selected and arrows move, so this table is a grid (ARIA practices). */}
          <table className="table checks" role="grid" aria-label="Checks" aria-rowcount={rows.length + 1} onKeyDown={(event) => onRowKey(event, { count: rows.length, index, onMove: select })}>
            <thead>
              <tr>
                {header('state', 'State')}
                {header('title', 'Check')}
                <th scope="col">What was seen</th>
                {header('severity', 'Severity')}
              </tr>
            </thead>
            <tbody ref={body}>
              {rows.map((check, row) => (
                <CheckRow key={check.id} check={check} isSelected={row === index} onSelect={() => select(row)} />
              ))}
            </tbody>
          </table>
          {rows.length === 0 ? <EmptyState title="No check matches" actions={<Button onClick={() => { setText(''); setStates(new Set()); }}>Show all checks</Button>}><p>The filter hides all {view.checks.length}.</p></EmptyState> : null}
        </div>
        <Pane label="Selected check">
          {selected === undefined ? <p className="pane-empty">No check is selected.</p> : <CheckDetail check={selected} freshHours={view.freshHours} />}
        </Pane>
      </div>
    </>
  );
}

function CheckRow({ check, isSelected, onSelect }: { readonly check: SecurityCheck; readonly isSelected: boolean; readonly onSelect: () => void }) {
  return (
    <tr aria-selected={isSelected} tabIndex={isSelected ? 0 : -1} onClick={onSelect} aria-label={`${stateWord(check.state)}: ${check.title}`}>
      <td><StateChip state={check.state} /></td>
      <td className="check-name">{check.title}</td>
      <td className="sub"><HostileText text={check.seen} /></td>
      <td className={check.severity === 'critical' && check.state === 'fail' ? 'text-fail' : 'sub'}>{check.severity}</td>
    </tr>
  );
}
