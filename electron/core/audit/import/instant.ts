// Reads times as shared/domain/time.ts does, and fast for the long runs of a log in which one minute follows another.
import { parseInstantUs } from '#shared/domain/time.ts';

const MINUTE_CHARACTERS = 16;
/** Seconds, an optional fraction, and UTC or nothing. */
const REST = /^:([0-5]\d)(?:[.,](\d{1,9}))?(?:Z|\+00:00)?$/;

/** One reader for each file: it remembers the minute that it read last. Gives microseconds since the epoch, or null for what is no time that can be kept exactly. */
export function createInstantReader(): (text: string) => number | null {
  let minute = '';
  let minuteUs = 0;
  return (text) => {
    const rest = REST.exec(text.slice(MINUTE_CHARACTERS));
    if (rest === null) return exact(parseInstantUs(text));
    if (!text.startsWith(minute) || minute === '') {
      const given = text.slice(0, MINUTE_CHARACTERS);
      const us = given.length === MINUTE_CHARACTERS && given.trim() === given ? exact(parseInstantUs(given)) : null;
      if (us === null) return exact(parseInstantUs(text));
      minute = given;
      minuteUs = us;
    }
    const fraction = rest[2] ?? '';
    return exact(minuteUs + Number(rest[1]) * 1_000_000 + (fraction === '' ? 0 : Number(fraction.length > 6 ? fraction.slice(0, 6) : fraction.padEnd(6, '0'))));
  };
}

function exact(us: number | null): number | null {
  return us === null || !Number.isSafeInteger(us) ? null : us;
}
