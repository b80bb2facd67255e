// Schedules for a deployment's own server, made here to be read and carried over, and the examination of one that is already there. It installs nothing.
import { useState } from 'react';
import type { RetentionView } from '#shared/contract/retention.ts';
import type { Deployment } from '#shared/domain/deployment.ts';
import { HostileText } from '../../../components/HostileText.tsx';
import { Tabs } from '../../../components/Tabs.tsx';
import { Workspace } from '../../../components/Workspace.tsx';
import { policyWord } from '../retention-words.ts';
import { LintView } from './LintView.tsx';
import { MakeSchedule } from './MakeSchedule.tsx';

const TABS = [{ id: 'make', name: 'Make a schedule' }, { id: 'lint', name: 'Examine one that is there' }] as const;

export function SchedulePanel({ deployment, view, onClose }: { readonly deployment: Deployment; readonly view: RetentionView; readonly onClose: () => void }) {
  const [tab, setTab] = useState<'make' | 'lint'>('make');
  return (
    <Workspace title="Schedule" about={<><HostileText text={deployment.name} /> · <HostileText text={policyWord(view.policy)} /></>} back="Back to retention" onClose={onClose}>
      <Tabs label="Schedules" items={TABS} chosen={tab} onChoose={setTab}>{tab === 'make' ? <MakeSchedule deployment={deployment} /> : <LintView />}</Tabs>
    </Workspace>
  );
}
