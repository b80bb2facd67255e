// Beside the steps: what happened, what was decided, what is to do, what proves it, what to tell others, who reviews, and who takes part.
import type { RunView } from '#shared/domain/runbook-view.ts';
import { Tabs } from '../../../../components/Tabs.tsx';
import { ActionsTab } from './ActionsTab.tsx';
import { DecisionsTab } from './DecisionsTab.tsx';
import { EvidenceTab, heldOnce } from './EvidenceTab.tsx';
import { MessagesTab } from './MessagesTab.tsx';
import { PeopleTab } from './PeopleTab.tsx';
import { ReviewTab } from './ReviewTab.tsx';
import { TimelineTab } from './TimelineTab.tsx';

export const SIDE_TABS = ['timeline', 'decisions', 'actions', 'evidence', 'messages', 'review', 'people'] as const;
export type SideTab = (typeof SIDE_TABS)[number];

interface RunSideProps { readonly run: RunView; readonly tab: SideTab; readonly onTab: (tab: SideTab) => void; readonly onStep: (step: string) => void }

export function RunSide({ run, tab, onTab, onStep }: RunSideProps) {
  const count = (of: number): { count?: number } => (of === 0 ? {} : { count: of });
  const strangers = run.authors.filter(({ isTrusted }) => !isTrusted).length;
  return (
    <aside className="run-side" aria-label="Around the run">
      <Tabs label="Around the run" chosen={tab} onChoose={onTab} items={[
        { id: 'timeline', name: 'Timeline' },
        { id: 'decisions', name: 'Decisions', ...count(run.decisions.length) },
        { id: 'actions', name: 'Actions', ...count(run.actions.filter(({ isDone }) => !isDone).length) },
        { id: 'evidence', name: 'Evidence', ...count(heldOnce(run.evidence).length) },
        ...(run.pack.comms.length === 0 ? [] : [{ id: 'messages' as const, name: 'Messages' }]),
        { id: 'review', name: 'Review', ...count(run.reviews.filter(({ state }) => state === 'open').length) },
        { id: 'people', name: 'People', ...(strangers === 0 ? {} : { count: strangers, tone: 'stale' as const }) },
      ]}>
        {tab === 'timeline' ? <TimelineTab run={run} />
          : tab === 'decisions' ? <DecisionsTab run={run} onStep={onStep} />
            : tab === 'actions' ? <ActionsTab run={run} />
              : tab === 'evidence' ? <EvidenceTab run={run} onStep={onStep} />
                : tab === 'messages' ? <MessagesTab run={run} />
                  : tab === 'review' ? <ReviewTab run={run} /> : <PeopleTab run={run} />}
      </Tabs>
    </aside>
  );
}
