// The coverage map where payloads are missing: a row that is held without the payload that could be read is not held completely.
import type { CoverageSegment } from '#shared/domain/audit-coverage.ts';
import { formatInstantUs, parseInstantUs } from '#shared/domain/time.ts';
import { BEGINNING, PRESENT } from './coverage.ts';

/** More instants than this are told of as one stretch. */
const APART = 50;

interface Bare { readonly us: number; readonly rows: number }
/** Where rows are held without their payload, oldest first. */
export type BareWithin = (range: { readonly fromUs: number; readonly toUs: number; readonly limit: number }) => readonly Bare[];

/** Cuts the instants without payloads out of a stretch whose rows are all held. */
export function withoutPayloads(segment: CoverageSegment, bareWithin: BareWithin): CoverageSegment[] {
  if (segment.state !== 'complete' && segment.state !== 'own-org') return [segment];
  const fromUs = segment.from === null ? BEGINNING : parseInstantUs(segment.from) ?? BEGINNING;
  const toUs = segment.to === null ? PRESENT : parseInstantUs(segment.to) ?? PRESENT;
  const bare = bareWithin({ fromUs, toUs, limit: APART + 1 });
  const [first] = bare;
  if (first === undefined) return [segment];
  const gaps = bare.length <= APART ? bare.map(({ us, rows }) => ({ fromUs: us, toUs: us, reason: `${rows === 1 ? 'A row is' : `${rows} rows are`} held here without the payload.` }))
    : [{ fromUs: first.us, toUs, reason: `Rows at more than ${APART} instants are held here without their payloads.` }];
  const parts: CoverageSegment[] = [];
  const part = (range: { readonly fromUs: number; readonly toUs: number }, over: Partial<CoverageSegment>): void => {
    if (range.fromUs > range.toUs) return;
    parts.push({ ...segment, ...over, from: range.fromUs <= BEGINNING ? null : formatInstantUs(range.fromUs), to: range.toUs >= PRESENT ? null : formatInstantUs(range.toUs) });
  };
  let next = fromUs;
  for (const gap of gaps) {
    part({ fromUs: next, toUs: gap.fromUs - 1 }, {});
    part(gap, { state: 'gap', reason: gap.reason });
    next = gap.toUs + 1;
  }
  part({ fromUs: next, toUs }, {});
  return parts;
}
