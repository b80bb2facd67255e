// One bar for all filters: Enter applies, a mistake is said at its field, nothing is sent before it would be taken.
import { useId, useState } from 'react';
import type { FormEvent } from 'react';
import { Search } from 'lucide-react';
import type { CallOutput } from '#shared/contract.ts';
import type { AuditFilter } from '#shared/domain/audit-event.ts';
import { Button } from '../../components/Button.tsx';
import { HostileText } from '../../components/HostileText.tsx';
import type { ClientError } from '../../lib/client.ts';
import { hasHidden } from '../../lib/hostile-text.ts';
import { EMPTY_DRAFT, fieldOfRefusal, FILTER_FIELDS, isEmptyFilter, readFilter } from './filter.ts';
import type { FilterDraft, FilterField } from './filter.ts';

const WORDS: Readonly<Record<FilterField, { readonly label: string; readonly example: string }>> = {
  text: { label: 'Text', example: 'route, actor, id' },
  actor: { label: 'Actor', example: 'anyone' },
  org: { label: 'Org', example: 'any' },
  method: { label: 'Method', example: 'any' },
  status: { label: 'Status', example: '>=400' },
  since: { label: 'Since', example: '2026-11-14' },
  until: { label: 'Until', example: 'now' },
};

function draftOf(filter: AuditFilter): FilterDraft {
  return Object.fromEntries(FILTER_FIELDS.map((field) => [field, filter[field] ?? ''])) as Record<FilterField, string>;
}

interface FilterBarProps {
  readonly applied: AuditFilter;
  readonly onApply: (filter: AuditFilter) => void;
  readonly facets: CallOutput<'audit.facets'> | undefined;
  /** What core said of the filter that was applied last. */
  readonly refusal: ClientError | null;
}

export function FilterBar({ applied, onApply, facets, refusal }: FilterBarProps) {
  const [draft, setDraft] = useState<FilterDraft>(() => draftOf(applied));
  const [ownErrors, setErrors] = useState<Partial<Record<FilterField, string>>>({});
  const id = useId();

  function change(field: FilterField, value: string): void {
    setDraft((now) => ({ ...now, [field]: value }));
    setErrors(({ [field]: _fixed, ...rest }) => rest);
  }

  function submit(event: FormEvent): void {
    event.preventDefault();
    const read = readFilter(draft);
    if (read.ok) {
      setErrors({});
      return onApply(read.filter);
    }
    setErrors(read.errors);
    const first = FILTER_FIELDS.find((field) => read.errors[field] !== undefined);
    if (first !== undefined) document.getElementById(`${id}-${first}`)?.focus();
    return undefined;
  }

  function clear(): void {
    setDraft(EMPTY_DRAFT);
    setErrors({});
    onApply({});
  }

  const options: Partial<Record<FilterField, readonly { readonly value: string; readonly count: number }[]>> = facets === undefined ? {} : { actor: facets.actors, org: facets.orgs };
  const isDirty = FILTER_FIELDS.some((field) => draft[field].trim() !== (applied[field] ?? ''));
  // What core refused stands until the admin changes something.
  const refused = refusal === null || isDirty ? null : fieldOfRefusal(refusal.wire.message);
  const errors: Partial<Record<FilterField, string>> = refused === null ? ownErrors : { ...ownErrors, [refused.field]: refused.text };
  const wrong = FILTER_FIELDS.filter((field) => errors[field] !== undefined);

  return (
    <form className="filter" role="search" aria-label="Filter audit events" onSubmit={submit} noValidate>
      <div className="filter-bar">
        {FILTER_FIELDS.map((field) => (
          <div key={field} className={`filter-field filter-${field} ${errors[field] === undefined ? '' : 'filter-bad'}`}>
            <label htmlFor={`${id}-${field}`}>{field === 'text' ? <><Search size={13} aria-hidden /><span className="visually-hidden">Text</span></> : WORDS[field].label}</label>
            {field === 'method' ? (
              <select id={`${id}-method`} value={draft.method} aria-invalid={errors.method === undefined ? undefined : true} aria-describedby={errors.method === undefined ? undefined : `${id}-method-error`} onChange={(event) => change('method', event.target.value)}>
                <option value="">any</option>
                {(facets?.methods ?? []).filter(({ value }) => !hasHidden(value)).map(({ value }) => <option key={value} value={value}>{value}</option>)}
              </select>
            ) : (
              <input id={`${id}-${field}`} value={draft[field]} placeholder={WORDS[field].example} maxLength={256} spellCheck={false} autoComplete="off" list={options[field] === undefined ? undefined : `${id}-${field}-list`}
                aria-invalid={errors[field] === undefined ? undefined : true} aria-describedby={errors[field] === undefined ? undefined : `${id}-${field}-error`} onChange={(event) => change(field, event.target.value)} />
            )}
            {options[field] === undefined ? null : <datalist id={`${id}-${field}-list`}>{options[field].slice(0, 50).filter(({ value }) => !hasHidden(value)).map(({ value }) => <option key={value} value={value}>{value}</option>)}</datalist>}
          </div>
        ))}
        <div className="filter-actions">
          {isEmptyFilter(applied) && !isDirty ? null : <Button look="quiet" onClick={clear}>Clear</Button>}
          <Button type="submit" disabled={!isDirty && wrong.length === 0}>Apply</Button>
        </div>
      </div>
      {wrong.map((field) => <p key={field} id={`${id}-${field}-error`} className="field-error" role="alert"><strong>{WORDS[field].label}:</strong> <HostileText text={errors[field] ?? ''} /></p>)}
    </form>
  );
}
