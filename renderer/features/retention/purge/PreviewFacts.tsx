// What a purge would take, counted: warnings first, then ends, holds, gaps, the server's own count, and the counts by type, organisation, actor and day. Only what was counted is a number here.
import type { PurgePreview } from '#shared/domain/retention-plan.ts';
import { HostileText } from '../../../components/HostileText.tsx';
import { Time } from '../../../components/Time.tsx';
import { formatBytes, formatCount, plural } from '../../../lib/format.ts';
import { CoreWords } from '../../security/rotation/CoreWords.tsx';
import { Warnings } from './Warnings.tsx';

export function PreviewFacts({ preview }: { readonly preview: PurgePreview }) {
  const { rows, bytes, cutoff, first, last, held, heldRows, gaps, alsoDue, serverCount, byType, byOrg, byActor, byDay, isShortened, warnings } = preview;
  return (
    <div className="stack">
      <Warnings warnings={warnings} />
      <dl className="facts purge-facts">
        <dt>Would go</dt><dd><strong>{plural(rows, 'row')}</strong> <span className="sub">of this cache, {formatBytes(bytes)} here</span></dd>
        <dt>Cutoff</dt><dd><Time iso={cutoff} style="full" /> <span className="sub">rows written before it</span></dd>
        <dt>First row</dt><dd>{first === null ? <span className="dim">none</span> : <EndRow row={first} />}</dd>
        <dt>Last row</dt><dd>{last === null ? <span className="dim">none</span> : <EndRow row={last} />}</dd>
        <dt>Due meanwhile</dt>
        <dd>{alsoDue.rows === 0 ? <span>No cached row <span className="sub">comes due until the plan ends: none was written between the cutoff and <Time iso={alsoDue.until} style="full" /></span></span> : <><strong>{plural(alsoDue.rows, 'row')}</strong> <span className="sub">more {alsoDue.rows === 1 ? 'comes' : 'come'} due until the plan ends, written before <Time iso={alsoDue.until} style="full" />, and may go as well</span></>}</dd>
        <dt>Under hold</dt><dd>{heldRows + alsoDue.held === 0 ? 'No cached row' : <><strong className="text-fail">{plural(heldRows + alsoDue.held, 'row')}</strong>{held.length === 0 ? null : <ul>{held.map((one) => <li key={one.holdId}><HostileText text={one.caseId} />: {plural(one.rows, 'row')}</li>)}</ul>}</>}</dd>
        <dt>Server counts</dt><dd>{serverCount.rows === null ? <span>not known <span className="sub"><CoreWords text={serverCount.reason} /></span></span> : <><strong>{plural(serverCount.rows, 'row')}</strong> <span className="sub">as due{serverCount.at === null ? null : <>, seen <Time iso={serverCount.at} age /></>}</span></>}</dd>
        <dt>Never read</dt>
        <dd>{gaps.length === 0 ? <span>No stretch <span className="sub">before the cutoff</span></span> : (
          <>
            <strong>{plural(gaps.length, 'stretch', 'stretches')}</strong> <span className="sub">What is in {gaps.length === 1 ? 'it' : 'them'} goes too. Nobody could restore it.</span>
            <ul>{gaps.map((gap) => <li key={`${gap.from} ${gap.to}`}>{gap.from === null ? 'from the beginning' : <>from <Time iso={gap.from} style="full" /></>} {gap.to === null ? 'on' : <>to <Time iso={gap.to} style="full" /></>} <span className="sub"><CoreWords text={gap.reason} /></span></li>)}</ul>
          </>
        )}</dd>
      </dl>
      {rows === 0 ? null : (
        <div className="purge-counts">
          <Counts label="By type" rows={byType} none="no type" />
          <Counts label="By organisation" rows={byOrg} none="no organisation" />
          <Counts label="By actor" rows={byActor} none="no actor" />
          <Counts label="By day, UTC" rows={byDay.map(({ day, rows: count }) => ({ value: day, rows: count }))} none="" />
        </div>
      )}
      {isShortened ? <p className="small text-stale">There are more values than these lists show. The number of rows above counts all of them.</p> : null}
    </div>
  );
}

function EndRow({ row: { id, createdAt, route, eventType } }: { readonly row: NonNullable<PurgePreview['first']> }) {
  return <><Time iso={createdAt} style="full" /> <span className="sub">· row <span className="mono">{id}</span> · <HostileText text={eventType} /> <span className="mono"><HostileText text={route} /></span></span></>;
}

interface CountsProps { readonly label: string; readonly rows: PurgePreview['byType']; readonly none: string }

function Counts({ label, rows, none }: CountsProps) {
  const most = Math.max(1, ...rows.map((one) => one.rows));
  return (
    <section className="purge-count" aria-label={label}>
      <p className="label">{label} <span className="dim">{formatCount(rows.length)}</span></p>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a list that scrolls must be reachable by keyboard. */}
      <ul tabIndex={0} aria-label={label}>
        {rows.map(({ value, rows: count }) => (
          <li key={value ?? ' none'}>
            <span className="cut">{value === null || value === '' ? <span className="dim">{value === null ? none : 'empty'}</span> : <HostileText text={value} />}</span>
            <span className="purge-bar" aria-hidden><span style={{ width: `${(100 * count) / most}%` }} /></span>
            <span className="num">{formatCount(count)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
