// The earliest moment at which the old key can go without cutting anybody off, how long until then, and what decides it.
import { CalendarClock, CircleCheck, CircleQuestionMark, TriangleAlert } from 'lucide-react';
import type { RotationView } from '#shared/contract/rotation.ts';
import { parseInstantUs } from '#shared/domain/time.ts';
import { Time } from '../../../components/Time.tsx';
import { useNow } from '../../../lib/clock.ts';
import { formatDuration } from '../../../lib/format.ts';
import { CoreWords } from './CoreWords.tsx';
import { decidingToken } from './token-words.ts';

export function CutoverSection({ view }: { readonly view: RotationView }) {
  const nowMs = useNow();
  const { earliest, basis, message } = view.cutover;
  const atMs = earliest === null ? null : (parseInstantUs(earliest) ?? Number.NaN) / 1000;
  const deciding = decidingToken(view);
  const Icon = atMs === null ? (basis === 'never' ? TriangleAlert : CircleQuestionMark) : atMs <= nowMs ? CircleCheck : CalendarClock;
  return (
    <section className="stack-small" aria-label="Earliest safe cutover">
      <p className="label">Earliest safe cutover</p>
      <p className="cutover-time"><Icon size={15} aria-hidden /> {earliest === null ? <span>{basis === 'never' ? 'There is none' : 'Not known yet'}</span> : <Time iso={earliest} style="full" />}</p>
      {atMs === null ? null : <p className="sub">{atMs <= nowMs ? 'That moment has come, by the clock of this machine.' : `In ${formatDuration((atMs - nowMs) / 1000)}, by the clock of this machine.`}</p>}
      <p className="sub">{deciding === null ? null : <><strong>Decided by <span className="mono">{deciding}</span>.</strong> </>}<CoreWords text={message} /></p>
    </section>
  );
}
