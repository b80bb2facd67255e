// Gathers what shows that rows are still there after they came due, and what shows that they are gone. A purge of this console proves nothing of the deployment's own.
import { DAY_US } from '#shared/domain/retention.ts';
import { formatInstantUs } from '#shared/domain/time.ts';
import type { ReadDb } from '../../db/sql.ts';
import { batchesOf, exactBetween, HOUR_US } from './age-queries.ts';
import type { AgeGroup, BatchOrigin } from './age-queries.ts';
import { olderThan } from './ages.ts';
import type { KnownRetention } from './known.ts';
import { goneRows, isReadWhole, ownPurges, singleLooks } from './truth-queries.ts';
import type { OwnPurge } from './truth-queries.ts';
import { FRESH_US } from './verdict.ts';
import type { Sign } from './verdict.ts';

export interface Signs {
  readonly signs: readonly Sign[];
  /** Rows that were still given more than a day after they came due. */
  readonly seenPastCutoff: number;
  /** What is said when no sign decides. */
  readonly lack: string;
}

const rows = (count: number): string => `${count} ${count === 1 ? 'row' : 'rows'}`;

interface Scene { readonly db: ReadDb; readonly known: KnownRetention; readonly groups: readonly AgeGroup[]; readonly batches: ReadonlyMap<number, BatchOrigin>; readonly purges: readonly OwnPurge[] }

/** Rows of a group that are older than a time, exact. */
function olderIn({ db, known }: Scene, { hour, batch, rows: all }: AgeGroup, us: number): number {
  if ((hour + 1) * HOUR_US <= us) return all;
  if (hour * HOUR_US >= us) return 0;
  return exactBetween(db, known.at.dep, { fromUs: hour * HOUR_US, toUs: us }).find((part) => part.batch === batch)?.rows ?? 0;
}

/** By batch: how many of its rows were more than a day past the cutoff when they came. */
function cameLate(scene: Scene): { readonly total: number; readonly newest: (BatchOrigin & { readonly rows: number }) | null } {
  const { known: { ruleUs, ruleSinceUs }, groups, batches } = scene;
  if (ruleUs === null) return { total: 0, newest: null };
  const byBatch = new Map<number, number>();
  for (const group of groups) {
    const batch = batches.get(group.batch);
    // Under a rule that came later than the rows, they came due with the rule.
    if (batch === undefined || (ruleSinceUs !== null && batch.atUs < ruleSinceUs + DAY_US)) continue;
    const late = olderIn(scene, group, batch.atUs - ruleUs - DAY_US);
    if (late > 0) byBatch.set(group.batch, (byBatch.get(group.batch) ?? 0) + late);
  }
  let total = 0;
  let newest: (BatchOrigin & { readonly rows: number }) | null = null;
  for (const [id, count] of byBatch) {
    total += count;
    const batch = batches.get(id);
    if (batch !== undefined && (newest === null || batch.atUs > newest.atUs)) newest = { ...batch, rows: count };
  }
  return { total, newest };
}

/** Up to which time rows that were missed at `us` may be gone because this console asked for it. */
function purgedUpTo({ known, purges }: Scene, us: number): number {
  return purges.filter(({ sentUs }) => sentUs <= us).reduce((highest, { overUs, days, serverCutoffUs }) => Math.max(highest, serverCutoffUs ?? Math.min(us, overUs) + known.aheadUs - days * DAY_US), Number.MIN_SAFE_INTEGER);
}

function signsOfLooks(scene: Scene): { readonly signs: readonly Sign[]; readonly there: number } {
  const { db, known: { at, cutoffUs, ruleUs, ruleSinceUs } } = scene;
  if (cutoffUs === null || ruleUs === null) return { signs: [], there: 0 };
  const looks = singleLooks(db, at, cutoffUs);
  const isLate = (createdAtUs: number, atUs: number): boolean => createdAtUs < atUs - ruleUs - DAY_US && (ruleSinceUs === null || atUs >= ruleSinceUs + DAY_US);
  const there = looks.filter((look) => look.isThere && isLate(look.createdAtUs, look.atUs));
  // Those that came so late already are counted with their batch.
  const more = there.filter(({ createdAtUs, firstSeenUs }) => firstSeenUs === null || !isLate(createdAtUs, firstSeenUs)).length;
  const gone = looks.filter((look) => !look.isThere && look.createdAtUs < look.atUs - ruleUs && look.createdAtUs >= purgedUpTo(scene, look.atUs));
  const sign = (kind: 'there' | 'gone', found: typeof looks, words: string): Sign[] => {
    const [newest] = found;
    return newest === undefined ? [] : [{ kind, atUs: newest.atUs, source: newest.source, text: `${rows(found.length)} that came due ${found.length === 1 ? 'was' : 'were'} looked for or given again, the last one event ${newest.eventId} of ${formatInstantUs(newest.createdAtUs)}: ${words}.` }];
  };
  return { there: more, signs: [...sign('there', there, 'still there more than a day after'), ...sign('gone', gone, 'not there any more')] };
}

/** Rows that are gone although the rule kept them: whoever took them, it was not the rule. */
function signOfStray(scene: Scene, nowUs: number): Sign[] {
  const { db, known: { at, ruleUs } } = scene;
  if (ruleUs === null) return [];
  // What a look found not to have happened excuses nothing.
  const excused = { ...scene, purges: scene.purges.filter(({ isFoundNotDone }) => !isFoundNotDone) };
  const stray = goneRows(db, at, { sinceUs: nowUs - FRESH_US }).filter(({ createdAtUs, atUs }) => createdAtUs >= atUs - ruleUs && createdAtUs >= purgedUpTo(excused, atUs));
  const [newest] = stray;
  return newest === undefined ? [] : [{ kind: 'stray', atUs: newest.atUs, source: 'comparison with the deployment', text: `${rows(stray.length)} that ${stray.length === 1 ? 'was' : 'were'} not due ${stray.length === 1 ? 'is' : 'are'} gone as well, one of them event ${newest.eventId} of ${formatInstantUs(newest.createdAtUs)}.` }];
}

/** What its own count proves: of rows past the cutoff, at most those that came due within the last day may wait for the next purge. */
function signOfCount(scene: Scene): Sign[] {
  const { db, known: { at, said, statuses, ruleSinceUs }, groups } = scene;
  if (said === null || said.state !== 'on' || said.cutoffUs === null || said.overdue === null || said.overdue === 0) return [];
  const base = { atUs: said.observedAtUs, source: said.source };
  const window = { fromUs: said.cutoffUs - DAY_US, toUs: said.cutoffUs - 1 };
  const recent = olderThan(db, { dep: at.dep, groups }, said.cutoffUs).rows - olderThan(db, { dep: at.dep, groups }, window.fromUs).rows;
  const holds = ruleSinceUs === null || said.observedAtUs >= ruleSinceUs + DAY_US;
  if (holds && isReadWhole(db, at, window) && said.overdue > recent) {
    return [{ kind: 'there', ...base, text: `It counts ${rows(said.overdue)} past the cutoff, and only ${recent} came due within the day before: the others are older.` }];
  }
  const gone = goneByCount(scene, { cutoffUs: said.cutoffUs, atUs: said.observedAtUs, overdue: said.overdue });
  if (gone !== null) return [{ kind: 'gone', ...base, text: gone }];
  const before = statuses.find(({ observedAtUs, state, days, overdue }) => state === 'on' && days === said.days && overdue !== null && observedAtUs <= said.observedAtUs - DAY_US);
  const grew = before !== undefined && before.overdue !== null && said.overdue > before.overdue ? `, more than the ${before.overdue} of ${formatInstantUs(before.observedAtUs)}` : '';
  return [{ kind: 'hint', ...base, text: `It counts ${rows(said.overdue)} past the cutoff${grew}.` }];
}

/**
 * Were nothing deleted for a day, everything known to have come due within it would still be counted, and what came due before that besides. So a count that is
 * not above the rows of that day, and below all that are known to have come due, shows that rows went within the day, or all that were older did.
 */
function goneByCount(scene: Scene, { cutoffUs, atUs, overdue }: { readonly cutoffUs: number; readonly atUs: number; readonly overdue: number }): string | null {
  const all = knownDue(scene, { cutoffUs, atUs });
  const ofDay = all - knownDue(scene, { cutoffUs: cutoffUs - DAY_US, atUs });
  if (overdue > ofDay || overdue >= all) return null;
  return `It counts ${rows(overdue)} past the cutoff; ${rows(all)} that it gave before ${all === 1 ? 'has' : 'have'} come due, ${ofDay} of them within the day before: at least ${all - overdue} ${all - overdue === 1 ? 'is' : 'are'} gone.`;
}

/** Rows that the address gave before a time and that are older than a cutoff; those that a purge from here may have taken are left out. */
function knownDue(scene: Scene, { cutoffUs, atUs }: { readonly cutoffUs: number; readonly atUs: number }): number {
  const purged = purgedUpTo(scene, atUs);
  let due = 0;
  for (const group of scene.groups) {
    const batch = scene.batches.get(group.batch);
    if (batch === undefined || batch.atUs > atUs || (group.hour + 1) * HOUR_US <= purged) continue;
    due += Math.max(0, olderIn(scene, group, cutoffUs) - (purged > group.hour * HOUR_US ? olderIn(scene, group, purged) : 0));
  }
  return due;
}

/** A count of none that the database gave, where something is known to have come due. */
function signOfNone(scene: Scene): { readonly signs: readonly Sign[]; readonly lack: string | null } {
  const { known: { said, noneLeft, ruleSinceUs, statuses } } = scene;
  // Under another rule, other rows were past the cutoff.
  if (noneLeft === null || (ruleSinceUs !== null && noneLeft.atUs < ruleSinceUs)) return { signs: [], lack: null };
  const purged = purgedUpTo(scene, noneLeft.atUs);
  const gone = knownDue(scene, noneLeft);
  if (gone > 0) return { lack: null, signs: [{ kind: 'gone', atUs: noneLeft.atUs, source: noneLeft.source, text: `It counts no row past the cutoff, and its database was shown to give that count; ${rows(gone)} that it gave before ${gone === 1 ? 'has' : 'have'} come due, and so ${gone === 1 ? 'is' : 'are'} gone.` }] };
  const lastPurge = scene.purges.filter(({ sentUs }) => sentUs <= noneLeft.atUs).reduce((latest, { overUs }) => Math.max(latest, overUs), Number.MIN_SAFE_INTEGER);
  // What was past an earlier cutoff still is, unless the rule grew longer meanwhile.
  const counted = statuses.find(({ observedAtUs, cutoffUs, overdue }) => cutoffUs !== null && cutoffUs <= noneLeft.cutoffUs && overdue !== null && overdue > 0 && observedAtUs < noneLeft.atUs && observedAtUs > lastPurge);
  if (counted !== undefined) return { lack: null, signs: [{ kind: 'gone', atUs: noneLeft.atUs, source: noneLeft.source, text: `It counts no row past the cutoff, and its database was shown to give that count; on ${formatInstantUs(counted.observedAtUs)} it counted ${counted.overdue}.` }] };
  const why = purged > Number.MIN_SAFE_INTEGER ? 'what was due may have gone with a purge from here, and no row that was seen there has come due since' : 'no row that was seen there has come due yet';
  return { signs: [{ kind: 'hint', atUs: noneLeft.atUs, source: noneLeft.source, text: 'It counts no row past the cutoff, and its database was shown to give that count.' }], lack: said?.observedAtUs !== noneLeft.atUs ? null : `It counts no row past the cutoff, but ${why}: nothing shows yet that it deletes. Look again when rows have come due.` };
}

/** Everything that is known, from the cache. */
export function gatherSigns({ db, known, groups, nowUs }: { readonly db: ReadDb; readonly known: KnownRetention; readonly groups: readonly AgeGroup[]; readonly nowUs: number }): Signs {
  const batches = new Map(batchesOf(db, known.at).map((batch) => [batch.id, batch]));
  const scene: Scene = { db, known, groups, batches, purges: ownPurges(db, known.at) };
  const late = cameLate(scene);
  const looks = signsOfLooks(scene);
  const none = signOfNone(scene);
  const came: Sign[] = late.newest === null ? [] : [{
    kind: 'there', atUs: late.newest.atUs, source: late.newest.source,
    text: `${rows(late.newest.rows)} came that ${late.newest.rows === 1 ? 'was' : 'were'} more than a day past the cutoff${late.total > late.newest.rows ? `; ${late.total} in all` : ''}.`,
  }];
  const purges: Sign[] = scene.purges.slice(0, 1).map(({ sentUs, isAnswered }) => ({
    kind: 'hint', atUs: sentUs, source: 'purge from here',
    text: `${isAnswered ? 'This console had rows purged.' : 'This console asked for a purge and got no answer that counts: rows that went within a day of it may have gone with it.'} That says nothing of the deployment's own purge.`,
  }));
  const count = signOfCount(scene);
  const noRows = batches.size === 0 ? 'No row of this address was read yet: sync first.' : null;
  const isNewRule = known.ruleSinceUs !== null && known.said !== null && known.said.observedAtUs < known.ruleSinceUs + DAY_US;
  const mayBe = isNewRule ? `The rule was not the same before ${formatInstantUs(known.ruleSinceUs ?? 0)}, and a daily purge may be about to take them. Look again a day after that.` : 'Whether any of them is more than a day older than that is not known, and a daily purge may be about to take them.';
  const counted = count.some(({ kind }) => kind === 'hint') ? `${count[0]?.text ?? ''} ${mayBe}` : null;
  return { signs: [...came, ...looks.signs, ...signOfStray(scene, nowUs), ...count, ...none.signs, ...purges], seenPastCutoff: late.total + looks.there, lack: none.lack ?? counted ?? noRows ?? (known.policy.overdue.rows === null ? `Nothing shows whether it deletes. ${known.policy.overdue.reason}` : 'Nothing shows whether it deletes.') };
}
