// The coverage map under the bars, on the same axis, and the same in words: green only where complete is proven, hatched where something is missing.
import type { CoverageSegment } from '#shared/domain/audit-coverage.ts';
import { HostileText } from '../../../components/HostileText.tsx';
import { Time } from '../../../components/Time.tsx';
import { plural } from '../../../lib/format.ts';
import { useSettings } from '../../../lib/settings.ts';
import { toShown } from '../query/query-text.ts';
import { StretchTime } from '../StretchTime.tsx';
import { COVERAGE_WORDS, stretchesOn } from './coverage.ts';
import type { CoverageHeadline, CoverageState, Stretch } from './coverage.ts';
import { stretchWords } from './time-axis.ts';
import type { Span } from './time-axis.ts';

const ORDER: readonly CoverageState[] = ['complete', 'own-org', 'gap', 'unread'];

function placeOf(stretch: Span, axis: Span): { readonly left: string; readonly width: string } {
  const length = axis.endSeconds - axis.startSeconds;
  return { left: `${((stretch.startSeconds - axis.startSeconds) / length) * 100}%`, width: `${((stretch.endSeconds - stretch.startSeconds) / length) * 100}%` };
}

function titleOf(stretch: Stretch, zone: 'utc' | 'local'): string {
  return `${stretchWords(stretch, zone)}\n${COVERAGE_WORDS[stretch.state].word}: ${toShown(stretch.segment?.reason ?? COVERAGE_WORDS[stretch.state].means)}`;
}

export function CoverageStrip({ segments, axis }: { readonly segments: readonly CoverageSegment[]; readonly axis: Span }) {
  const { times: zone } = useSettings();
  const stretches = stretchesOn(segments, axis);
  return (
    <div className="strip" aria-hidden>
      {stretches.map((stretch) => <span key={stretch.startSeconds} className={`strip-${stretch.state}`} style={placeOf(stretch, axis)} title={titleOf(stretch, zone)} />)}
    </div>
  );
}

/** Behind the bars: no bar there does not mean that nothing happened. */
export function UnknownShade({ segments, axis }: { readonly segments: readonly CoverageSegment[]; readonly axis: Span }) {
  const unknown = stretchesOn(segments, axis).filter(({ state }) => state === 'gap' || state === 'unread');
  return <div className="shade" aria-hidden>{unknown.map((stretch) => <span key={stretch.startSeconds} className={`shade-${stretch.state}`} style={placeOf(stretch, axis)} />)}</div>;
}

export function CoverageLegend() {
  return <ul className="legend">{ORDER.map((state) => <li key={state} title={COVERAGE_WORDS[state].means}><span className={`legend-mark strip-${state}`} aria-hidden />{COVERAGE_WORDS[state].word}</li>)}</ul>;
}

/** The coverage map in words, gaps first; what is complete is said as well. */
export function CoverageList({ segments }: { readonly segments: readonly CoverageSegment[] }) {
  const gaps = segments.filter(({ state }) => state === 'gap');
  const others = segments.filter(({ state }) => state !== 'gap').toReversed();
  return (
    <ul className="coverage-list">
      {[...gaps, ...others].map((segment, at) => (
        <li key={at}>
          <span className={`legend-mark strip-${segment.state}`} aria-hidden />
          <span><span className={segment.state === 'gap' ? 'text-stale' : ''}>{COVERAGE_WORDS[segment.state].word}</span>, <span className="sub"><StretchTime stretch={segment} /></span>{segment.reason === null ? null : <>: <HostileText text={segment.reason} /></>}{segment.observedAt === null ? null : <span className="dim"> · read <Time iso={segment.observedAt} age /></span>}</span>
        </li>
      ))}
    </ul>
  );
}

/** What is missing in one sentence. No gap is good news only as far as something was proven complete. */
export function CoverageSentence({ headline: { state, allSince, gaps } }: { readonly headline: CoverageHeadline }) {
  if (gaps > 0) return <>{plural(gaps, 'gap')} in what is held here</>;
  if (state === null) return <>Nothing of what is held here is proven complete</>;
  if (state === 'complete') return <>No gap known in what is held here</>;
  return <>No gap known in your organisation; of others, rows{allSince === null ? '' : <> before <Time iso={allSince} style="day" /></>} may be missing</>;
}
