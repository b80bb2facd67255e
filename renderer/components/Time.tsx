// An instant on the screen: in the zone that the admin chose, the other one on hover, its age where age matters.
import { useNow } from '../lib/clock.ts';
import { formatAge, formatTime } from '../lib/format.ts';
import type { TimeStyle } from '../lib/format.ts';
import { useSettings } from '../lib/settings.ts';

interface TimeProps {
  readonly iso: string;
  readonly style?: TimeStyle;
  /** Adds ", 3 h ago". */
  readonly age?: boolean;
}

export function Time({ iso, style = 'minute', age = false }: TimeProps) {
  const nowMs = useNow();
  const zone = useSettings().times;
  const other = zone === 'utc' ? 'local' : 'utc';
  return (
    <time dateTime={iso} title={`${formatTime(iso, { zone, style: 'full', nowMs })}\n${formatTime(iso, { zone: other, style: 'full', nowMs })}`}>
      {formatTime(iso, { zone, style, nowMs })}{age ? `, ${formatAge(iso, nowMs)}` : null}
    </time>
  );
}
