// The time of a gap in words.
import type { AuditGap } from '#shared/domain/audit-event.ts';
import { Time } from '../../components/Time.tsx';

export function GapTime({ gap }: { readonly gap: AuditGap }) {
  if (gap.from === null && gap.to === null) return <>the whole log</>;
  if (gap.from === null) return <>before {gap.to === null ? null : <Time iso={gap.to} />}</>;
  if (gap.to === null) return <>after <Time iso={gap.from} /></>;
  return <><Time iso={gap.from} /> to <Time iso={gap.to} /></>;
}
