// All deployments against all checks from the cache: one glance shows what fails where; each cell says its state in a word. It asks no deployment anything.
import { useEffect, useMemo, useRef, useState } from 'react';
import type { KeyboardEvent } from 'react';
import type { Environment } from '#shared/domain/deployment.ts';
import type { Fleet } from '#shared/domain/posture.ts';
import { Button } from '../../components/Button.tsx';
import { EmptyState } from '../../components/EmptyState.tsx';
import { EnvironmentBadge } from '../../components/EnvironmentBadge.tsx';
import { ErrorNote } from '../../components/ErrorNote.tsx';
import { HostileText } from '../../components/HostileText.tsx';
import { Skeleton } from '../../components/Skeleton.tsx';
import { StateChip } from '../../components/StateChip.tsx';
import { Time } from '../../components/Time.tsx';
import { Workspace } from '../../components/Workspace.tsx';
import { plural } from '../../lib/format.ts';
import { useQuery } from '../../lib/query.ts';
import { CountsBar } from './CountsBar.tsx';
import { cellForKey, fleetChecks } from './fleet-order.ts';
import type { Cell, FleetRow, FleetShows } from './fleet-order.ts';

const SHOWS: readonly { readonly id: FleetShows; readonly word: string }[] = [{ id: 'failing', word: 'Failing somewhere' }, { id: 'attention', word: 'All that do not pass' }, { id: 'all', word: 'All' }];

interface FleetGridProps { readonly onClose: () => void; readonly onCheck: (deploymentId: string, checkId: string) => void; readonly onDeployment: (deploymentId: string) => void }

export function FleetPanel({ onClose, onCheck, onDeployment }: FleetGridProps) {
  const fleet = useQuery('security.fleet', {});
  const [shows, setShows] = useState<FleetShows>('attention');
  const { data } = fleet;
  const failing = data?.rows.filter(({ counts }) => counts.fail > 0).length ?? 0;
  return (
    <Workspace title="Fleet" back="Back to the checks" onClose={onClose}
      about={data === undefined || data.rows.length === 0 ? null : `${plural(data.rows.length, 'deployment')}: ${failing === 0 ? 'none is known to fail' : `${failing} ${failing === 1 ? 'fails' : 'fail'} some check`}`}
      actions={<div className="row" role="group" aria-label="Which checks">{SHOWS.map(({ id, word }) => <Button key={id} look="quiet" className="fleet-shows" aria-pressed={shows === id} onClick={() => setShows(id)}>{word}</Button>)}</div>}>
      {data === undefined ? <div className="pad">{fleet.error === null ? <Skeleton lines={10} label="Reading the fleet" /> : <ErrorNote error={fleet.error} onRetry={() => { void fleet.reload(); }} />}</div>
        : data.rows.length === 0 ? <EmptyState title="No deployment yet"><p>Every deployment gets a column here, every check a row.</p></EmptyState>
          : (
            <>
              {fleet.error === null ? null : <div className="pad"><ErrorNote error={fleet.error} kept="What was read before is still shown." onRetry={() => { void fleet.reload(); }} /></div>}
              <FleetTable fleet={data} shows={shows} onShows={setShows} onCheck={onCheck} onDeployment={onDeployment} />
            </>
          )}
    </Workspace>
  );
}

function FleetTable({ fleet, shows, onShows, onCheck, onDeployment }: { readonly fleet: Fleet; readonly shows: FleetShows; readonly onShows: (shows: FleetShows) => void } & Omit<FleetGridProps, 'onClose'>) {
  const { rows } = fleet;
  const checks = useMemo(() => fleetChecks(fleet, shows), [fleet, shows]);
  const [at, setAt] = useState<Cell>({ row: 0, column: 0 });
  const table = useRef<HTMLTableElement>(null);
  const wantsFocus = useRef(false);
  const active: Cell = { row: Math.min(at.row, Math.max(0, checks.length - 1)), column: Math.min(at.column, rows.length - 1) };
  useEffect(() => {
    if (!wantsFocus.current) return;
    wantsFocus.current = false;
    table.current?.querySelector<HTMLElement>('td[tabindex="0"]')?.focus();
  });

  function move(cell: Cell): void {
    setAt(cell);
    wantsFocus.current = true;
  }

  function open({ row, column }: Cell): void {
    const check = checks[row];
    const deployment = rows[column];
    if (check !== undefined && deployment !== undefined && Object.hasOwn(deployment.states, check.id)) onCheck(deployment.deploymentId, check.id);
  }

  function onKey(event: KeyboardEvent): void {
    if (!(event.target instanceof HTMLTableCellElement) || event.altKey || event.metaKey) return;
    if (event.key === 'Enter') {
      event.preventDefault();
      open(active);
      return;
    }
    const cell = cellForKey(event.key, { isControl: event.ctrlKey, at: active, rows: checks.length, columns: rows.length });
    if (cell === null) return;
    event.preventDefault();
    move(cell);
  }

  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard, also when no cell is in it.
    <div className="fleet-scroll" tabIndex={checks.length === 0 ? 0 : -1} role="region" aria-label="Deployments against checks">
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-to-interactive-role -- arrows move through its cells, so this table is a grid (ARIA practices). */}
      <table ref={table} className="fleet" role="grid" aria-label="Fleet" onKeyDown={onKey}>
        <thead>
          <tr>
            <th scope="col" className="fleet-check"><p className="small dim">A dot: not in the baseline</p><span className="label">Check</span></th>
            {rows.map((row) => <th key={row.deploymentId} scope="col" className="fleet-deployment"><DeploymentHead row={row} onOpen={() => onDeployment(row.deploymentId)} /></th>)}
          </tr>
        </thead>
        <tbody>
          {checks.map((check, row) => (
            <tr key={check.id}>
              <th scope="row" className="fleet-check"><span className="fleet-title" title={`${check.title} (${check.severity})`}>{check.title}</span><span className="small dim fleet-severity">{check.severity}</span></th>
              {rows.map(({ deploymentId, name, states }, column) => {
                const state = states[check.id];
                const isActive = row === active.row && column === active.column;
                return (
                  // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions, jsx-a11y/click-events-have-key-events -- the grid handles the keys of its cells.
                  <td key={deploymentId} tabIndex={isActive ? 0 : -1} className={`fleet-cell ${state === undefined ? '' : `fleet-${state}`}`} onFocus={() => { if (!isActive) setAt({ row, column }); }} onClick={() => open({ row, column })}>
                    <span className="visually-hidden"><HostileText text={name} />: {state === undefined ? 'not in its baseline' : null}</span>
                    {state === undefined ? <span className="dim" aria-hidden title="not in its baseline">·</span> : <StateChip state={state} />}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
      {checks.length === 0 ? <EmptyState title={shows === 'failing' ? 'No check is known to fail' : 'Every check passes'} actions={<Button onClick={() => onShows('all')}>Show all checks</Button>}><p>{shows === 'failing' ? 'What is unknown or stale may still fail.' : 'Everything is known, fresh and passes, or does not apply.'}</p></EmptyState> : null}
    </div>
  );
}

function DeploymentHead({ row: { name, environment, summary, counts, observedAt }, onOpen }: { readonly row: FleetRow; readonly onOpen: () => void }) {
  return (
    <div className="fleet-head">
      <p className="row row-wrap"><button type="button" className="link-plain cut" onClick={onOpen}><HostileText text={name} /></button><EnvironmentBadge environment={environment as Environment} /></p>
      <p className="small sub fleet-summary" title={summary}>{summary}</p>
      <p className="small dim">{observedAt === null ? 'never looked' : <Time iso={observedAt} age />}</p>
      <CountsBar counts={counts} />
    </div>
  );
}
