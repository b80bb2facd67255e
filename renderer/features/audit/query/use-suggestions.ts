// Proposals for what is being written: at once from what is known here, a moment later with values from core; typing never waits for it.
import { useEffect, useState } from 'react';
import type { Completion } from '#shared/domain/audit-query-completion.ts';
import type { FacetField, FacetValues, SavedView } from '#shared/domain/audit-search.ts';
import { call } from '../../../lib/client.ts';
import { suggestionsFor, valuesToAsk } from './suggestions.ts';
import type { Suggestion } from './suggestions.ts';

/** A pause in typing after which core is asked. */
const ASK_AFTER_MS = 120;

type Values = FacetValues[FacetField]['values'];
interface Answer { readonly of: string; readonly values: Values }

const NONE: Values = [];

/** @param completion null while nothing shall be proposed */
export function useSuggestions(deploymentId: string, completion: Completion | null, known: { readonly text: string; readonly views: readonly SavedView[] }): readonly Suggestion[] {
  const [answer, setAnswer] = useState<Answer | null>(null);
  const question = completion === null ? null : valuesToAsk(completion);
  const field = question?.field ?? null;
  const prefix = question?.prefix ?? '';
  const of = `${field ?? ''} ${prefix}`;
  useEffect(() => {
    if (field === null) return undefined;
    let isOver = false;
    const timer = setTimeout(() => {
      // A refused question leaves the fixed values; the search itself will say what is wrong.
      call('audit.complete', { deploymentId, field, prefix }).then(({ values }) => { if (!isOver) setAnswer({ of: `${field} ${prefix}`, values }); }, () => undefined);
    }, ASK_AFTER_MS);
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [deploymentId, field, prefix]);
  return completion === null ? [] : suggestionsFor(completion, { ...known, values: answer?.of === of ? answer.values : NONE });
}
