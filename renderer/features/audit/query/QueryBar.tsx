// The query line: coloured as it is read, completed at the cursor, run by Enter; a mistake is shown at its column. It runs nothing that cannot be read.
import { useCallback, useEffect, useId, useLayoutEffect, useRef, useState } from 'react';
import type { FormEvent, KeyboardEvent } from 'react';
import { CircleQuestionMark, Search, X } from 'lucide-react';
import { parseQuery } from '#shared/domain/audit-query.ts';
import type { QueryError } from '#shared/domain/audit-query-tree.ts';
import { QUERY_MAX } from '#shared/domain/audit-search.ts';
import type { SavedView } from '#shared/domain/audit-search.ts';
import { IconButton } from '../../../components/Button.tsx';
import { HostileText } from '../../../components/HostileText.tsx';
import { formatCount } from '../../../lib/format.ts';
import { FieldHelp } from './FieldHelp.tsx';
import './query.css';
import { inked } from './query-ink.ts';
import { shownOffset, toQuery, toShown } from './query-text.ts';
import { completionIn, inserted } from './suggestions.ts';
import type { Suggestion } from './suggestions.ts';
import { useSuggestions } from './use-suggestions.ts';

interface QueryBarProps {
  readonly deploymentId: string;
  /** What the screen shows now. */
  readonly query: string;
  readonly views: readonly SavedView[];
  readonly onRun: (query: string) => void;
  readonly onView: (view: SavedView) => void;
}

/** How the list of proposals came up: by itself while writing, or asked for by a key. */
type Opened = 'no' | 'writing' | 'asked';

export function QueryBar({ deploymentId, query, views, onRun, onView }: QueryBarProps) {
  const [draft, setDraft] = useState(() => ({ text: toShown(query), cursor: toShown(query).length }));
  const [from, setFrom] = useState(query);
  const [opened, setOpened] = useState<Opened>('no');
  const [active, setActive] = useState(-1);
  const [isHelpOpen, setHelpOpen] = useState(false);
  const [wasRefused, setRefused] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const ink = useRef<HTMLDivElement>(null);
  const caret = useRef<HTMLElement>(null);
  const wantsCursor = useRef<number | null>(null);
  const id = useId();

  // The query changed elsewhere (a facet, the bars, a view): the bar follows.
  if (from !== query) {
    setFrom(query);
    setDraft({ text: toShown(query), cursor: toShown(query).length });
    setOpened('no');
    setRefused(false);
  }

  const { text } = draft;
  const completion = opened === 'no' ? null : completionIn(text, draft.cursor);
  const isWorth = completion !== null && (opened === 'asked' || completion.kind === 'value' || completion.prefix !== '');
  const suggestions = useSuggestions(deploymentId, isWorth ? completion : null, { text, views });
  const isOpen = suggestions.length > 0;
  const chosen = isOpen ? suggestions[active] : undefined;
  const error = wasRefused ? errorOf(text) : null;
  const isDirty = toQuery(text) !== query;

  /** Colours and caret line stay under the text when the line is longer than the bar. */
  const follow = useCallback((): void => {
    const left = input.current?.scrollLeft ?? 0;
    if (ink.current !== null) ink.current.style.transform = `translateX(${-left}px)`;
    const mark = ink.current?.querySelector<HTMLElement>('[data-wrong]');
    if (caret.current !== null && mark !== null && mark !== undefined) {
      caret.current.style.marginLeft = `${Math.max(0, mark.offsetLeft - left)}px`;
      caret.current.style.width = `${Math.max(8, mark.offsetWidth)}px`;
    }
  }, []);

  useLayoutEffect(() => {
    if (wantsCursor.current !== null && input.current !== null) {
      input.current.setSelectionRange(wantsCursor.current, wantsCursor.current);
      wantsCursor.current = null;
    }
    follow();
  });
  // The input's own scrolling is not an event of React's: it comes from inside the field.
  useEffect(() => {
    const field = input.current;
    field?.addEventListener('scroll', follow, { passive: true });
    document.addEventListener('selectionchange', follow);
    return () => {
      field?.removeEventListener('scroll', follow);
      document.removeEventListener('selectionchange', follow);
    };
  }, [follow]);

  function write(next: string, cursor: number): void {
    // Pasted characters that hide are spelled at once; the cursor stays behind what was pasted.
    const shown = toShown(toQuery(next)).slice(0, QUERY_MAX);
    const place = shown === next ? cursor : toShown(toQuery(next.slice(0, cursor))).length;
    if (shown !== next) wantsCursor.current = place;
    setDraft({ text: shown, cursor: place });
    setOpened('writing');
    setActive(-1);
  }

  function run(next: string = text): void {
    setOpened('no');
    setActive(-1);
    const problem = errorOf(next);
    setRefused(problem !== null);
    if (problem !== null) return input.current?.focus();
    setHelpOpen(false);
    return onRun(toQuery(next).trim());
  }

  function take(suggestion: Suggestion): void {
    setActive(-1);
    input.current?.focus();
    if (suggestion.kind === 'view') {
      setOpened('no');
      return onView(suggestion.view);
    }
    const next = inserted(text, completion ?? completionIn(text, draft.cursor), suggestion.insert);
    wantsCursor.current = next.cursor;
    setDraft(next);
    setOpened(suggestion.kind === 'field' ? 'asked' : 'no');
    return undefined;
  }

  function example(term: string): void {
    const next = text.trim() === '' ? term : `${text.trimEnd()} ${term}`;
    wantsCursor.current = next.length;
    setDraft({ text: next, cursor: next.length });
    setOpened('no');
    input.current?.focus();
  }

  function onKey(event: KeyboardEvent<HTMLInputElement>): void {
    if (event.nativeEvent.isComposing) return;
    const field = event.currentTarget;
    const cursor = field.selectionStart ?? 0;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && isOpen) {
      const count = suggestions.length;
      // -1 is the text itself: from there one goes to the first or the last.
      setActive(((active + 1 + step + count + 1) % (count + 1)) - 1);
    } else if (event.key === 'ArrowDown' || (event.key === ' ' && event.ctrlKey)) {
      setDraft({ text, cursor });
      setOpened('asked');
    } else if (event.key === 'Enter' || event.key === 'Tab') {
      if (chosen === undefined) {
        if (event.key === 'Tab') setOpened('no');
        return;
      }
      take(chosen);
    } else if (event.key === 'Escape' && (isOpen || isHelpOpen)) {
      setOpened('no');
      setHelpOpen(false);
      setActive(-1);
    } else if (event.key === '?' && cursor === field.selectionEnd && completionIn(text, cursor).kind === 'field' && completionIn(text, cursor).prefix === '') {
      setHelpOpen(!isHelpOpen);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- leaving the form closes what it proposes.
    <form className="query" role="search" aria-label="Search audit events" onSubmit={(event: FormEvent) => { event.preventDefault(); run(); }} noValidate
      onBlur={(event) => {
        if (event.currentTarget.contains(event.relatedTarget)) return;
        setOpened('no');
        // A click on the words of the help takes the focus from everything; the help stays for reading.
        if (event.relatedTarget !== null) setHelpOpen(false);
      }}>
      <div className={`query-line ${error === null ? '' : 'query-bad'}`}>
        <Search size={14} aria-hidden />
        <div className="query-field">
          <div className="query-ink" aria-hidden><div ref={ink}><Ink text={text} error={error} /></div></div>
          <input ref={input} className="query-input mono" value={text} maxLength={QUERY_MAX} spellCheck={false} autoComplete="off" autoCapitalize="off" placeholder="Everything. Words, or fields: status:>=400 actor:alice since:24h" aria-label="Query"
            role="combobox" aria-autocomplete="list" aria-expanded={isOpen} aria-controls={`${id}-list`} aria-activedescendant={chosen === undefined ? undefined : `${id}-${active}`}
            aria-invalid={error === null ? undefined : true} aria-describedby={error === null ? `${id}-keys` : `${id}-error`}
            onChange={(event) => write(event.target.value, event.target.selectionStart ?? event.target.value.length)} onKeyDown={onKey} onClick={(event) => setDraft({ text, cursor: event.currentTarget.selectionStart ?? 0 })} />
        </div>
        <span className={`query-keys small ${isDirty ? 'sub' : 'dim'}`} id={`${id}-keys`}>Enter runs · ? shows fields</span>
        {text === '' ? null : <IconButton icon={X} label="Clear the query" onClick={() => { write('', 0); run(''); input.current?.focus(); }} />}
        <IconButton icon={CircleQuestionMark} label="Fields of a query" aria-expanded={isHelpOpen} onClick={() => setHelpOpen(!isHelpOpen)} />
      </div>
      {error === null ? null : (
        <div className="query-error" id={`${id}-error`} role="alert">
          <i ref={caret} className="query-caret" aria-hidden />
          <p><span className="text-fail">Column {shownOffset(toQuery(text), error.column - 1) + 1}: <HostileText text={error.message} /></span> <span className="sub"><HostileText text={error.hint} /></span></p>
        </div>
      )}
      <div id={`${id}-list`} className="query-list" role="listbox" aria-label="Proposals" hidden={!isOpen}>
        {suggestions.map((suggestion, at) => (
          // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- the keys of a combobox are those of its field.
          <div key={suggestion.id} id={`${id}-${at}`} role="option" tabIndex={-1} aria-selected={at === active} className="query-option" onPointerDown={(event) => event.preventDefault()} onClick={() => take(suggestion)}>
            <span className={suggestion.kind === 'view' ? '' : 'mono'}><HostileText text={suggestion.text} /></span>
            <span className="dim cut">{suggestion.kind === 'view' ? <>saved view · <HostileText text={suggestion.about === '' ? 'everything' : suggestion.about} /></> : suggestion.about}</span>
            {suggestion.count === null ? null : <span className="dim">{formatCount(suggestion.count)}</span>}
          </div>
        ))}
      </div>
      {isHelpOpen ? <FieldHelp onExample={example} /> : null}
    </form>
  );
}

/** In columns of the query that would be run. */
function errorOf(shown: string): QueryError | null {
  const parsed = parseQuery(toQuery(shown));
  return parsed.ok ? null : parsed.error;
}

/** The same text as in the field, in colours, with what is wrong underlined. */
function Ink({ text, error }: { readonly text: string; readonly error: QueryError | null }) {
  const query = toQuery(text);
  const from = error === null ? text.length : shownOffset(query, error.column - 1);
  const to = error === null ? text.length : shownOffset(query, error.column - 1 + error.length);
  const pieces = [text.slice(0, from), text.slice(from, to), text.slice(to)];
  return (
    <>
      {inked(pieces[0] ?? '').map((part, at) => <span key={at} className={`ink-${part.tone}`}>{part.text}</span>)}
      {pieces[1] === '' ? null : <span className="ink-wrong" data-wrong>{pieces[1]}</span>}
      {pieces[2]}
    </>
  );
}
