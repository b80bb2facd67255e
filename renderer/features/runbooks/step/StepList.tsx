// The steps of a run by section, each with how it stands: shape and word, its gate, its role, who disagrees, what is old, what runs, and what it waits for.
import { memo, useEffect, useId, useMemo, useRef } from 'react';
import { Clock, OctagonPause, Radio } from 'lucide-react';
import type { RunbookPack, RunbookStep } from '#shared/domain/runbook-pack.ts';
import { isSettled } from '#shared/domain/runbook-steps.ts';
import type { RunView } from '#shared/domain/runbook-view.ts';
import { HostileText } from '../../../components/HostileText.tsx';
import { onRowKey } from '../../../components/row-keys.ts';
import { StepChip } from './StepMark.tsx';
import { heldBackBy, lookOf, placedSteps } from './step-words.ts';
import type { PlacedStep } from './step-words.ts';
import { TimerLeft } from './TimerLeft.tsx';
import { useRunRefresh } from './use-run-refresh.ts';
import './step.css';

interface StepListProps { readonly run: RunView; readonly selected: string | null; readonly onSelect: (step: string) => void }

/** The list is one stop of the Tab key; arrow keys, j and k, Home and End move in it. */
export function StepList({ run, selected, onSelect }: StepListProps) {
  useRunRefresh(run);
  const listId = useId();
  const list = useRef<HTMLDivElement>(null);
  const placed = useMemo(() => placedSteps(run), [run]);
  const bySection = useMemo(() => run.pack.sections.map((section) => ({ section, steps: placed.filter((each) => each.section === section) })), [run.pack.sections, placed]);
  const at = placed.findIndex(({ step }) => step.id === selected);
  useEffect(() => {
    if (at >= 0) list.current?.querySelector(`[data-step="${at}"]`)?.scrollIntoView({ block: 'nearest' });
  }, [at]);
  return (
    // The list itself holds the focus and names its active row, so that no row can take the focus with it when it changes.
    <div ref={list} className="step-list" role="listbox" tabIndex={0} aria-label="Steps" {...(at < 0 ? {} : { 'aria-activedescendant': `${listId}-${at}` })}
      onFocus={() => { const first = placed.find(({ step }) => step.id === run.next) ?? placed[0]; if (at < 0 && first !== undefined) onSelect(first.step.id); }}
      onKeyDown={(event) => onRowKey(event, { count: placed.length, index: at, onMove: (index) => { const to = placed[index]; if (to !== undefined) onSelect(to.step.id); } })}>
      {bySection.map(({ section, steps }) => (
        <div key={section.id} role="group" aria-label={section.title} className="step-section">
          <div className="step-section-title" aria-hidden><HostileText text={section.title} /><span className="dim">{steps.filter(({ standing }) => isSettled(standing)).length} of {steps.length}</span></div>
          {steps.map((each) => {
            const index = each.number - 1;
            return (
              <StepRow key={each.step.id} id={`${listId}-${index}`} index={index} placed={each} words={run.pack.words} roles={run.roles} isNext={each.step.id === run.next} isSelected={index === at}
                waitsFor={each.standing.state === 'waiting' ? heldBackBy(placed, each.step.id) : null} onSelect={onSelect} />
            );
          })}
        </div>
      ))}
    </div>
  );
}

/** A chip with more letters stands below the title, which would have no room beside it. */
const LONG_WORD = 14;

interface StepRowProps {
  readonly id: string; readonly index: number; readonly placed: PlacedStep; readonly words: RunbookPack['words']; readonly roles: RunView['roles'];
  readonly isNext: boolean; readonly isSelected: boolean; readonly waitsFor: RunbookStep | null; readonly onSelect: (step: string) => void;
}

const StepRow = memo(function StepRow({ id, index, placed: { step, standing, number }, words, roles, isNext, isSelected, waitsFor, onSelect }: StepRowProps) {
  const look = lookOf(standing, words);
  const role = step.role === undefined ? null : roles.find((each) => each.role === step.role) ?? null;
  return (
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus -- the list takes the keys and the focus for its rows.
    <div id={id} data-step={index} role="option" aria-selected={isSelected} className={`step-row ${isNext ? 'step-row-next' : ''} step-row-${standing.state} ${look.word.length > LONG_WORD ? 'step-row-long' : ''}`} onClick={() => onSelect(step.id)}>
      <span className="step-number" aria-hidden>{number}</span>
      <span className="step-row-text">
        <span className="step-row-title"><HostileText text={step.title} /></span>
        <span className="step-row-about">
          {isNext ? <span className="step-next">next</span> : null}
          {role === null ? null : <span><HostileText text={role.names.length === 0 ? role.title : `${role.title}: ${role.names.join(', ')}`} /></span>}
          {step.gate === 'blocks' ? <span className="step-about-mark"><OctagonPause size={12} aria-hidden />blocks</span> : null}
          {waitsFor === null ? null : <span className="cut" title={waitsFor.title}>waits for “<HostileText text={waitsFor.title} />”</span>}
          {standing.check === null || standing.check.isStale || isSettled(standing) ? null : <span className={`step-about-mark step-check-${standing.check.result}`}><Radio size={12} aria-hidden />check: {standing.check.result}</span>}
          {standing.check?.isStale === true ? <span className="step-about-mark step-old"><Clock size={12} aria-hidden />check is stale</span> : null}
          {standing.timer === null ? null : <TimerLeft timer={standing.timer} title={step.title} />}
        </span>
      </span>
      <StepChip look={look} />
    </div>
  );
});
