// What a purge would take, counted over the cached rows: by type, organisation, actor and day, its ends, what is held and what nobody could restore.
import type { ReactNode } from 'react';
import type { PurgePreview } from '#shared/domain/retention-plan.ts';
import { HostileText } from '../../../components/HostileText.tsx';
import { Note } from '../../../components/Note.tsx';
import { Time } from '../../../components/Time.tsx';
import { formatBytes, formatCount, plural } from '../../../lib/format.ts';
import { StretchTime } from '../../audit/StretchTime.tsx';

/** Counted values that are listed at once; what is beyond is summed. */
const SHOWN = 100;
const GAPS_SHOWN = 50;

export function PreviewView({ preview, isGrave }: { readonly preview: PurgePreview; /** The route deletes over all organisations: its warning is said in red words. */ readonly isGrave: boolean }) {
  const { rows, bytes, cutoff, days, alsoDue, serverCount, first, last, held, heldRows, gaps, warnings, isShortened } = preview;
  return (
    <div className="preview">
      <p className="preview-count"><strong>{plural(rows, 'row')}</strong> <span className="sub">older than {plural(days, 'day')}, before <Time iso={cutoff} style="full" /> · {formatBytes(bytes)} here</span></p>
      {warnings.length === 0 ? null : (
        <ul className="warnings" aria-label="To know before">
          {warnings.map((warning, index) => <li key={warning} className={isGrave && index === graveAt(warnings) ? 'warning warning-grave' : 'warning'}><HostileText text={warning} /></li>)}
        </ul>
      )}
      {held.length === 0 ? null : (
        <Note tone="bad">
          <p className="note-main">{plural(heldRows + alsoDue.held, 'of these rows is', 'of these rows are')} under a legal hold. A plan with any is refused.</p>
          <ul>{held.map(({ holdId, caseId, rows: count }) => <li key={holdId}><HostileText text={caseId} />: {plural(count, 'row')}</li>)}</ul>
        </Note>
      )}
      <dl className="facts preview-facts">
        <dt>Comes due too</dt><dd>{alsoDue.rows === 0 ? 'none' : plural(alsoDue.rows, 'row')} until <Time iso={alsoDue.until} style="full" /></dd>
        <dt>It counts</dt><dd>{serverCount.rows === null ? <span className="text-stale">not known</span> : plural(serverCount.rows, 'row')}{serverCount.at === null ? null : <> at <Time iso={serverCount.at} /></>} <span className="sub block"><HostileText text={serverCount.reason} /></span></dd>
        <dt>First</dt><dd>{first === null ? <span className="dim">none</span> : <EndRow row={first} />}</dd>
        <dt>Last</dt><dd>{last === null ? <span className="dim">none</span> : <EndRow row={last} />}</dd>
      </dl>
      {gaps.length === 0 ? null : (
        <section className="stack-small" aria-label="Never read">
          <h3>{plural(gaps.length, 'stretch', 'stretches')} before the cutoff never read: what is there goes too, and nobody could restore it</h3>
          <ul className="rests">{gaps.slice(0, GAPS_SHOWN).map((gap, index) => <li key={index}><StretchTime stretch={gap} /> <span className="dim">· <HostileText text={gap.reason} /></span></li>)}</ul>
          {gaps.length > GAPS_SHOWN ? <p className="small sub">{formatCount(gaps.length - GAPS_SHOWN)} more.</p> : null}
        </section>
      )}
      {rows === 0 ? null : (
        <div className="preview-tables">
          <Counts title="By type" values={preview.byType.map(({ value, rows: count }) => ({ name: value, count }))} none="no type" />
          <Counts title="By organisation" values={preview.byOrg.map(({ value, rows: count }) => ({ name: value, count }))} none="no organisation" />
          <Counts title="By actor" values={preview.byActor.map(({ value, rows: count }) => ({ name: value, count }))} none="no actor" />
          <Counts title="By day, UTC" values={preview.byDay.map(({ day, rows: count }) => ({ name: day, count }))} none="no day" />
        </div>
      )}
      {isShortened ? <p className="small sub">There are more values than these lists hold; the sum counts all rows.</p> : null}
    </div>
  );
}

/** The warning of the route itself: it names every organisation. */
const graveAt = (warnings: readonly string[]): number => warnings.findIndex((warning) => /organi[sz]ation/iu.test(warning));

function EndRow({ row: { id, createdAt, route, eventType } }: { readonly row: NonNullable<PurgePreview['first']> }): ReactNode {
  return <><Time iso={createdAt} style="full" /> <span className="block small sub"><span className="mono">{formatCount(id)}</span> · <HostileText text={eventType} /> · <span className="mono"><HostileText text={route} /></span></span></>;
}

function Counts({ title, values, none }: { readonly title: string; readonly values: readonly { readonly name: string | null; readonly count: number }[]; readonly none: string }) {
  const shown = values.slice(0, SHOWN);
  const rest = values.slice(SHOWN);
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard.
    <section className="preview-counts" aria-label={title} tabIndex={0}>
      <table>
        <thead><tr><th scope="col">{title}</th><th scope="col" className="num">{formatCount(values.length)}</th></tr></thead>
        <tbody>{shown.map(({ name, count }) => <tr key={name ?? ''}><td className="cut">{name === null ? <span className="dim">{none}</span> : <HostileText text={name} />}</td><td className="num">{formatCount(count)}</td></tr>)}</tbody>
      </table>
      {rest.length === 0 ? null : <p className="small dim">{formatCount(rest.length)} more, {plural(rest.reduce((sum, { count }) => sum + count, 0), 'row')}</p>}
    </section>
  );
}
