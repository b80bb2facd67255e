// What the rows of this view are made of, counted; a click narrows the query, Alt or Shift leaves out. It shows no count that is not of this view or named otherwise.
import { useEffect, useId, useMemo, useState } from 'react';
import type { MouseEvent } from 'react';
import { Minus, X } from 'lucide-react';
import { formatTerm, hasTerm } from '#shared/domain/audit-query-format.ts';
import { FACET_FIELDS } from '#shared/domain/audit-search.ts';
import type { FacetField, FacetValues } from '#shared/domain/audit-search.ts';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { HostileText } from '../../../components/HostileText.tsx';
import { Skeleton } from '../../../components/Skeleton.tsx';
import { formatCount, formatShortCount } from '../../../lib/format.ts';
import { useQuery } from '../../../lib/query.ts';
import { useSteadyQuery } from '../use-steady.ts';
import type { View } from '../use-view.ts';
import { activeTerms } from './active-terms.ts';
import './facets.css';
import type { ActiveTerm } from './active-terms.ts';

const TITLES: Readonly<Record<FacetField, string>> = { method: 'Method', status: 'Status', org: 'Organisation', actor: 'Actor', route: 'Route', event: 'Type', payload: 'Payload', key: 'Key' };
const WITHOUT: Readonly<Record<FacetField, string>> = { method: 'no method', status: 'no status', org: 'no org', actor: 'no actor', route: 'no route', event: 'no type', payload: 'none obtained', key: 'no key id' };
const ASK_AFTER_MS = 150;

interface FacetsPanelProps {
  readonly view: View | null;
  readonly isCurrent: boolean;
  /** The query of the screen. */
  readonly query: string;
  readonly onAdd: (term: string) => void;
  readonly onRemove: (term: string) => void;
}

type Value = FacetValues[FacetField]['values'][number];

export function FacetsPanel({ view, isCurrent, query, onAdd, onRemove }: FacetsPanelProps) {
  const counted = useSteadyQuery('audit.facets', view === null ? null : { deploymentId: view.deploymentId, query: view.query, anchor: view.anchor });
  const active = useMemo(() => activeTerms(query), [query]);
  const isOld = counted.isOld || !isCurrent;
  return (
    <section className="facets" aria-label="Facets" aria-busy={isOld || undefined}>
      {counted.error === null ? null : <ErrorNote error={counted.error} onRetry={() => { void counted.reload(); }} />}
      {counted.data === undefined || view === null ? (counted.error === null ? <Skeleton lines={8} label="Counting facets" /> : null) : (
        <div className={isOld ? 'is-old' : ''}>
          {FACET_FIELDS.map((field) => <Facet key={field} field={field} deploymentId={view.deploymentId} values={counted.data?.[field]?.values ?? []} hasMore={counted.data?.[field]?.hasMore ?? false} countedRows={counted.data?.[field]?.countedRows ?? null} query={query} active={active.filter((term) => term.field === field)} onAdd={onAdd} onRemove={onRemove} />)}
        </div>
      )}
    </section>
  );
}

interface FacetProps {
  readonly field: FacetField;
  readonly deploymentId: string;
  readonly values: readonly Value[];
  readonly hasMore: boolean;
  /** Only so many rows were counted; null: all of the view. */
  readonly countedRows: number | null;
  readonly query: string;
  readonly active: readonly ActiveTerm[];
  readonly onAdd: (term: string) => void;
  readonly onRemove: (term: string) => void;
}

function Facet({ field, deploymentId, values, hasMore, countedRows, query, active, onAdd, onRemove }: FacetProps) {
  const [isMore, setMore] = useState(false);
  const most = values.reduce((max, { count }) => Math.max(max, count), 1);
  if (values.length === 0 && active.length === 0) return null;
  const shown = values.filter(({ value }) => !hasTerm(query, formatTerm(field, value)));
  return (
    <details className="facet" open>
      <summary>{TITLES[field]}{countedRows === null ? null : <span className="dim facet-part"> of {formatShortCount(countedRows)} rows</span>}</summary>
      <ul>
        {active.map(({ term, isNegated }, at) => (
          <li key={`${at} ${term}`} className="facet-active">
            <button type="button" className="facet-value" onClick={() => onRemove(term)}><span className="visually-hidden">Remove </span><span className="cut mono">{isNegated ? <span className="text-stale">not </span> : null}<HostileText text={isNegated ? term.replace(/^(?:-|NOT\s+)/u, '') : term} /></span><X size={12} aria-hidden /></button>
          </li>
        ))}
        {shown.map((one) => <FacetValue key={one.value === null ? 'none' : `=${one.value}`} field={field} value={one.value} count={one.count} share={one.count / most} onAdd={onAdd} />)}
        {hasMore ? <li><button type="button" className="link small" aria-expanded={isMore} onClick={() => setMore(!isMore)}>{isMore ? 'Fewer' : 'More…'}</button></li> : null}
      </ul>
      {isMore ? <MoreValues field={field} deploymentId={deploymentId} onAdd={onAdd} /> : null}
    </details>
  );
}

interface FacetValueProps { readonly field: FacetField; readonly value: string | null; readonly count: number; readonly share: number; readonly onAdd: (term: string) => void }

function FacetValue({ field, value, count, share, onAdd }: FacetValueProps) {
  const add = (isNegated: boolean): void => onAdd(formatTerm(field, value, { negated: isNegated }));
  return (
    <li className="facet-line">
      <button type="button" className="facet-value" style={{ '--share': `${Math.round(share * 100)}%` } as Record<string, string>} onClick={(event: MouseEvent) => add(event.altKey || event.shiftKey)} title={`${formatCount(count)} events. Click: only these. Alt or Shift and click: without these.`}>
        <span className={`cut ${value === null ? 'dim' : field === 'route' || field === 'key' ? 'mono' : ''}`}>{value === null ? WITHOUT[field] : <HostileText text={value} />}</span>
        <span className="facet-count">{formatShortCount(count)}</span>
      </button>
      <button type="button" className="facet-not" onClick={() => add(true)}><Minus size={12} aria-hidden /><span className="visually-hidden">Leave out {value === null ? WITHOUT[field] : <HostileText text={value} />}</span></button>
    </li>
  );
}

/** Any value of the field, found by its beginning, with how often it occurs beyond this view. */
function MoreValues({ field, deploymentId, onAdd }: Pick<FacetProps, 'field' | 'deploymentId' | 'onAdd'>) {
  const [text, setText] = useState('');
  const [prefix, setPrefix] = useState('');
  const id = useId();
  useEffect(() => {
    const timer = setTimeout(() => setPrefix(text), ASK_AFTER_MS);
    return () => clearTimeout(timer);
  }, [text]);
  const found = useQuery('audit.complete', { deploymentId, field, prefix });
  const values = found.data?.values ?? [];
  const most = values.reduce((max, { count }) => Math.max(max, count), 1);
  return (
    <div className="facet-more">
      <label className="visually-hidden" htmlFor={id}>Find a value of {TITLES[field]}</label>
      <input id={id} className="input mono" value={text} maxLength={256} spellCheck={false} autoComplete="off" placeholder="begins with…" onChange={(event) => setText(event.target.value)} />
      {found.error === null ? null : <ErrorNote error={found.error} />}
      <p className="small dim">{found.data === undefined ? 'Looking…' : values.length === 0 ? 'No value begins so.' : field === 'route' ? 'Counts are of the newest rows.' : 'Counts are of the whole log.'}</p>
      <ul>{values.map((one) => <FacetValue key={one.value === null ? 'none' : `=${one.value}`} field={field} value={one.value} count={one.count} share={one.count / most} onAdd={onAdd} />)}</ul>
    </div>
  );
}
