// Runs between people (R55 to R57): the laws of joining over random histories, forged, altered and dropped events, evidence by its digest, trust, and the watched folder.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { mergeReport } from '#shared/domain/runbook-run.ts';
import type { RunEvent, RunFile } from '#shared/domain/runbook-run.ts';
import type { RunState } from '#shared/domain/runbook-state.ts';
import { AppError } from '#shared/errors.ts';
import { checkFile } from '#core/runbooks/merge/join.ts';
import { fingerprintOf } from '#core/runbooks/merge/identities.ts';
import { readRunFile, writeRunFile } from '#core/runbooks/merge/run-file.ts';
import { canonicalJson } from '#core/seal.ts';
import { fakeClock, temporaryFolder } from '../support/ports.ts';
import type { FakeClock } from '../support/ports.ts';
import { LOADED, PEOPLE, story, tell } from '../support/random-run.ts';
import type { Told } from '../support/random-run.ts';
import { codeOf, importPack, makePerson, openRunbookProfile, START_INPUT, STEP } from '../support/runbook-profile.ts';
import type { Person, RunbookProfile } from '../support/runbook-profile.ts';
import { historyOf } from '#shared/domain/runbook-history.ts';

const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? 20261122);
const isLong = process.env['HOLDFAST_TEST_LONG'] === '1';
const NOW = Date.UTC(2026, 10, 23);

type Editable = Omit<RunFile, 'events'> & { events: RunEvent[] };

/** The file that a person would hand on who holds these events. */
function fileOf({ runId, events, who, evidence = new Map() }: { readonly runId: string; readonly events: readonly RunEvent[]; readonly who: Person; readonly evidence?: ReadonlyMap<string, Buffer> }): Buffer {
  return Buffer.from(writeRunFile({ id: runId, packText: LOADED.text, events, state: { heads: historyOf(events).heads } as RunState }, { evidence, key: who, nowMs: NOW }));
}

describe('the laws of joining', () => {
  const folder = temporaryFolder('merge-laws');
  const machines: RunbookProfile[] = [];
  beforeAll(async () => {
    for (const name of ['a', 'b']) machines.push(await openRunbookProfile(join(folder.path, name), { clock: fakeClock(NOW), actor: name }));
  });
  afterAll(async () => {
    for (const machine of machines) await machine.close();
    folder.remove();
  });

  const stateAt = (machine: RunbookProfile | undefined, runId: string): RunState | undefined => machine?.store.load(runId).state;

  it('hold over random histories of up to five people: files in any order, any number of times, some behind events that come later', { timeout: isLong ? 900_000 : 240_000 }, async () => {
    await fc.assert(fc.asyncProperty(story(30), fc.array(fc.record({ who: fc.nat(4), drop: fc.option(fc.nat(50), { nil: null }) }), { minLength: 1, maxLength: 4 }), fc.array(fc.nat(4), { maxLength: 4 }), async (drawn, cuts, again) => {
      const told: Told = tell(drawn);
      // One machine's whole knowledge each; some files lack an event in the middle; one has everything but the start's descendants' first.
      const files = [
        ...told.known.map((events, who) => fileOf({ runId: told.runId, events, who: PEOPLE[who] as Person })),
        ...cuts.map(({ who, drop }) => fileOf({ runId: told.runId, events: (told.known[who % told.known.length] ?? []).filter((_, index) => index === 0 || index !== drop), who: PEOPLE[who] as Person })),
      ];
      const [a, b] = machines;
      for (const bytes of files) await a?.merging.join(bytes, 'test');
      for (const bytes of [...files].reverse()) await b?.merging.join(bytes, 'test');
      const [left, right] = [stateAt(a, told.runId), stateAt(b, told.runId)];
      expect(right).toEqual(left);
      expect(left?.missing).toEqual([]);
      expect(a?.store.load(told.runId).events).toHaveLength(told.events.length);
      for (const index of again) {
        const report = await a?.merging.join(files[index % files.length] ?? Buffer.alloc(0), 'test');
        expect(report).toMatchObject({ added: 0, isNew: false });
      }
      expect(stateAt(a, told.runId)).toEqual(left);
      // Joined first among themselves, then here: the same.
      const whole = fileOf({ runId: told.runId, events: b?.store.load(told.runId).events ?? [], who: makePerson() });
      expect(await a?.merging.join(whole, 'test')).toMatchObject({ added: 0, known: told.events.length, refused: [], missing: [], head: 'unknown-signer' });
    }), { numRuns: isLong ? 1000 : 200, seed });
  });
});

describe('a file of a run', () => {
  const told = tell({ people: 2, skewMinutes: [0, 5, 0, 0, 0], nonce: 7, acts: [{ who: 0, hears: null, kind: 0, step: 0, choice: 0, minutes: 1 }, { who: 1, hears: 0, kind: 6, step: 0, choice: 2, minutes: 1 }, { who: 0, hears: 1, kind: 7, step: 0, choice: 1, minutes: 1 }] });
  const picture = Buffer.from('what was seen');
  const at = '2026-11-22T13:00:00Z';
  const ada = PEOPLE[0] as Person;
  const bob = PEOPLE[1] as Person;
  const kept = ada.event({ run: told.runId, parents: [told.events.at(-1)?.digest ?? ''], at, body: { kind: 'evidence', digest: 'c4f8a8d4a7f5f9f4a0b7c3d8e4f1a2b3c4d5e6f708192a3b4c5d6e7f80910203', name: 'x', bytes: 1, type: 't', step: null, note: '', source: 'file' } });
  const withPicture = ada.event({ run: told.runId, parents: [kept.digest], at, body: { kind: 'evidence', digest: digestOfBytes(picture), name: 'a.txt', bytes: picture.length, type: 'text/plain', step: null, note: '', source: 'file' } });
  const events = [...told.events, kept, withPicture];
  const bytes = fileOf({ runId: told.runId, events, who: ada, evidence: new Map([[digestOfBytes(picture), picture]]) });

  function digestOfBytes(data: Buffer): string {
    return fingerprintOf(data.toString('base64'));
  }
  const read = async (given: Buffer) => checkFile(readRunFile(given), { packDigest: null });
  const edited = (edit: (file: Editable) => void): Buffer => {
    const file = JSON.parse(bytes.toString('utf8')) as Editable;
    edit(file);
    return Buffer.from(canonicalJson(file));
  };
  const refusalOf = async (change: (event: RunEvent) => unknown): Promise<string> => {
    const target = events.find(({ body }) => body.kind === 'entry') as RunEvent;
    const checked = await read(edited((file) => { file.events = file.events.map((event) => (event.digest === target.digest ? change(event) as RunEvent : event)); }));
    expect(checked.refused).toHaveLength(1);
    expect(checked.head.head).toBe('altered');
    const [refused] = checked.refused;
    expect(refused?.index).toBe([...events].sort((a, b) => (a.digest < b.digest ? -1 : 1)).indexOf(target));
    return refused?.reason ?? '';
  };

  it('is read back whole, and its head fits', async () => {
    const checked = await read(bytes);
    expect(checked).toMatchObject({ refused: [], head: { head: 'fits', author: ada.author }, evidenceRefused: [] });
    expect(checked.events).toHaveLength(events.length);
    expect(checked.evidence.get(digestOfBytes(picture))).toEqual(picture);
  });

  it('R56: each altered, added or lost byte is refused or named', { timeout: 600_000 }, async () => {
    const isNoticed = async (given: Buffer): Promise<boolean> => {
      try {
        const { refused, head, evidenceRefused } = await read(given);
        return refused.length > 0 || head.head === 'altered' || evidenceRefused.length > 0;
      } catch (error) {
        if (error instanceof AppError) return ['run_file_damaged', 'unknown_format', 'too_large'].includes(error.code);
        throw error;
      }
    };
    expect(await isNoticed(bytes)).toBe(false);
    const random = fc.sample(fc.record({ flip: fc.integer({ min: 1, max: 255 }), kind: fc.nat(4), byte: fc.nat(255) }), { numRuns: bytes.length, seed });
    for (let place = seed % (isLong ? 1 : 5); place < bytes.length; place += isLong ? 1 : 5) {
      const { flip = 1, kind = 0, byte = 0 } = random[place] ?? {};
      const altered = Buffer.from(bytes);
      altered[place] = (altered[place] ?? 0) ^ flip;
      const given = kind === 1 ? Buffer.concat([bytes.subarray(0, place), bytes.subarray(place + 1)]) : kind === 2 ? Buffer.concat([bytes.subarray(0, place), Buffer.of(byte), bytes.subarray(place)]) : kind === 3 ? bytes.subarray(0, place) : altered;
      expect(await isNoticed(given), `seed ${seed}: byte ${place} of ${bytes.length}, ${['flipped', 'removed', 'added before', 'cut off at', 'flipped'][kind] ?? ''} (${flip})`).toBe(true);
    }
  });

  it('refuses an event and names its place and the reason', async () => {
    expect(await refusalOf((event) => ({ ...event, body: { ...event.body, text: 'something else' } }))).toMatch(/altered/);
    expect(await refusalOf((event) => ({ ...event, author: bob.author }))).toMatch(/altered/);
    expect(await refusalOf((event) => ({ ...event, signature: kept.signature }))).toMatch(/forged/);
    expect(await refusalOf((event) => ({ ...event, at: '2026-99-99T00:00:00Z' }))).toMatch(/at does not fit/);
    expect(await refusalOf((event) => ({ ...event, extra: 1 }))).toMatch(/form/);
    expect(await refusalOf((event) => bob.event({ run: `run_${'0'.repeat(32)}`, parents: event.parents, at, body: event.body }))).toMatch(/another run/);
    expect(await refusalOf(() => bob.event({ run: null, parents: [], at, body: { ...(told.events[0] as RunEvent).body, title: 'Another' } as RunEvent['body'] }))).toMatch(/starts another run/);
    expect(await refusalOf((event) => ({ ...event, body: { ...event.body, text: ' padded ' } }))).toMatch(/one form/);
  });

  it('names what was dropped on the way, by the parents of others and by the head', async () => {
    const without = (digest: string): Buffer => edited((file) => { file.events = file.events.filter((event) => event.digest !== digest); });
    expect((await read(without(kept.digest))).head).toMatchObject({ head: 'altered' });
    // The last one: nobody names it but the exporter.
    expect((await read(without(withPicture.digest))).head).toMatchObject({ head: 'altered', heads: [withPicture.digest] });
    expect(await codeOf(() => read(without(told.events[0]?.digest ?? '')))).toBe('run_file_damaged');
    expect((await read(edited((file) => { file.head = null; file.seal = null; }))).head).toMatchObject({ head: 'absent' });
    expect((await read(edited((file) => { file.head = null; }))).head).toMatchObject({ head: 'altered' });
    expect((await read(edited((file) => { file.events.reverse(); }))).head).toMatchObject({ head: 'altered' });
    expect((await read(edited((file) => { file.events.push(file.events[0] as RunEvent); }))).refused).toMatchObject([{ index: events.length, reason: 'It stands in the file twice.' }]);
  });

  it('takes evidence only by the digest of its bytes, and only what an event names', async () => {
    const other = Buffer.from('something else');
    // As long as what it stands for.
    const alike = Buffer.from(picture.toString('utf8').replace('seen', 'SEEN'));
    expect(await read(edited((file) => { file.evidence = { [digestOfBytes(picture)]: alike.toString('base64') }; }))).toMatchObject({ evidence: new Map(), evidenceRefused: [digestOfBytes(picture)] });
    expect(await read(edited((file) => { file.evidence = { [digestOfBytes(picture)]: other.toString('base64') }; }))).toMatchObject({ evidence: new Map(), evidenceRefused: [digestOfBytes(picture)] });
    expect(await read(edited((file) => { file.evidence = { [digestOfBytes(other)]: other.toString('base64') }; }))).toMatchObject({ evidence: new Map(), evidenceRefused: [digestOfBytes(other)] });
  });

  it('is refused when it is no such file, too deep, too large, or has keys that reach a prototype', async () => {
    expect(await codeOf(() => read(Buffer.from('hello')))).toBe('unknown_format');
    expect(await codeOf(() => read(Buffer.alloc(0)))).toBe('unknown_format');
    expect(await codeOf(() => read(Buffer.from('{"format":"something"}')))).toBe('unknown_format');
    expect(await codeOf(() => read(Buffer.alloc(67_108_865, 0x20)))).toBe('too_large');
    expect(await codeOf(() => read(Buffer.from(bytes.toString('utf8').replace('"evidence":{', '"evidence":{"__proto__":"",'))))).toBe('run_file_damaged');
    expect(await codeOf(() => read(Buffer.from(`{"format":"holdfast.run/1","events":${'['.repeat(50)}${']'.repeat(50)}}`)))).toBe('run_file_damaged');
    expect(await codeOf(() => read(Buffer.concat([bytes, Buffer.from('\n')])))).toBe('run_file_damaged');
    expect(await codeOf(() => read(edited((file) => { file.pack = file.pack.replace('Look at it', 'Look away'); })))).toBe('run_file_damaged');
  });
});

describe('two profiles', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let clock: FakeClock;
  let ada: RunbookProfile;
  let bob: RunbookProfile;
  let runId: string;
  const path = (name: string): string => join(folder.path, name);
  const hand = async (from: RunbookProfile, to: RunbookProfile) => {
    await from.merging.export({ runId, path: path('run.holdfast-run'), overwrite: true, withEvidence: true });
    return mergeReport.parse(await to.merging.import(path('run.holdfast-run')));
  };
  const trust = async (who: RunbookProfile, whom: RunbookProfile, isTrusted = true) => who.identities.trust({ fingerprint: fingerprintOf(await whom.key()), name: isTrusted ? 'Known' : 'Bad', isTrusted });

  beforeEach(async () => {
    folder = temporaryFolder('merge');
    clock = fakeClock();
    ada = await openRunbookProfile(path('ada'), { clock, actor: 'ada' });
    bob = await openRunbookProfile(path('bob'), { clock, actor: 'bob' });
    await importPack(ada, folder.path);
    ({ runId } = await ada.runs.start(START_INPUT));
  });
  afterEach(async () => {
    await ada.close();
    await bob.close();
    folder.remove();
  });

  it('take what is new from each other, say what came from whom, and trust nobody by themselves', async () => {
    const report = await hand(ada, bob);
    expect(report).toMatchObject({ run: runId, isNew: true, added: 2, known: 0, refused: [], missing: [], waiting: 0, head: 'unknown-signer', conflicts: [], bySigner: [{ fingerprint: fingerprintOf(await ada.key()), name: 'ada', trust: 'not-trusted-yet', added: 2 }] });
    expect(bob.runs.show(runId).startedBy).toBe(`ada (key ${fingerprintOf(await ada.key()).slice(0, 16)})`);
    expect(bob.identities.list()).toMatchObject({ others: [{ name: 'ada', trust: 'not-trusted-yet', runs: 1 }] });
    await bob.runs.sign({ runId, step: 'agree', role: 'security', name: 'Bob', verdict: 'approved', statement: '' });
    await hand(bob, ada);
    const standing = () => ada.runs.show(runId).steps.find(({ step }) => step === 'agree');
    expect(standing()?.state).toBe('open');
    expect(ada.runs.show(runId).signatures).toMatchObject([{ isTrusted: false }]);
    await trust(ada, bob);
    expect(standing()).toMatchObject({ state: 'done', by: 'Known' });
    expect((await hand(bob, ada)).head).toBe('fits');
    await trust(ada, bob, false);
    expect(standing()?.state).toBe('open');
    expect(ada.identities.list().others).toMatchObject([{ trust: 'distrusted', name: 'Bad' }]);
    expect(await codeOf(() => ada.identities.trust({ fingerprint: '0'.repeat(64), name: 'x', isTrusted: true }))).toBe('identity_not_found');
    expect(await codeOf(async () => ada.identities.trust({ fingerprint: fingerprintOf(await ada.key()), name: 'x', isTrusted: false }))).toBe('invalid_input');
  });

  it('show a conflict and choose neither; the third word is had by who knows both', async () => {
    await hand(ada, bob);
    await ada.runs.step({ runId, step: 'look', outcome: 'done', ...STEP, evidence: [] });
    await bob.runs.step({ runId, step: 'look', outcome: 'failed', ...STEP, evidence: [] });
    expect((await hand(ada, bob)).conflicts).toEqual([{ step: 'look', title: 'Look at it' }]);
    expect((await hand(bob, ada)).conflicts).toHaveLength(1);
    expect(ada.runs.show(runId).steps[0]?.claims.map(({ outcome }) => outcome).sort()).toEqual(['done', 'failed']);
    await ada.runs.step({ runId, step: 'look', outcome: 'done', ...STEP, evidence: [] });
    expect((await hand(ada, bob)).conflicts).toEqual([]);
    expect(bob.runs.show(runId).steps[0]).toMatchObject({ state: 'done', isTrusted: false });
  });

  it('do not tick on a check that somebody unknown made', async () => {
    await ada.runs.step({ runId, step: 'look', outcome: 'done', ...STEP, evidence: [] });
    await hand(ada, bob);
    await bob.runs.attest({ runId, step: 'health', by: 'Bob', result: 'pass', seen: 'it answered' });
    await hand(bob, ada);
    const tick = () => ada.runs.step({ runId, step: 'health', outcome: 'done', ...STEP, evidence: [] });
    await expect(tick()).rejects.toThrow(/was not run/);
    await trust(ada, bob);
    expect(await tick()).toMatchObject({ state: 'done', isTrusted: true });
  });

  it('review each other: another key, and trusted', async () => {
    const { reviews } = await ada.runs.submit({ runId, note: '' });
    await hand(ada, bob);
    await bob.runs.review({ runId, of: reviews[0]?.submission ?? '', verdict: 'accepted', feedback: '' });
    expect(bob.runs.show(runId).reviews[0]?.state).toBe('accepted');
    await hand(bob, ada);
    expect(ada.runs.show(runId).reviews[0]).toMatchObject({ state: 'open', reviews: [{ counts: false, whyNot: 'by somebody who is not trusted yet' }] });
    await trust(ada, bob);
    expect(ada.runs.show(runId).reviews[0]?.state).toBe('accepted');
    await ada.runs.end({ runId, outcome: 'stopped', note: '' });
    await hand(ada, bob);
    await bob.runs.review({ runId, of: reviews[0]?.submission ?? '', verdict: 'rejected', feedback: 'after all' });
    await hand(bob, ada);
    expect(ada.runs.show(runId).reviews[0]?.state).toBe('rejected');
  });

  it('carry evidence with the run, and say when its bytes are not here', async () => {
    writeFileSync(path('seen.txt'), 'what was seen');
    await ada.runs.step({ runId, step: 'look', outcome: 'done', ...STEP, evidence: [path('seen.txt')] });
    await ada.merging.export({ runId, path: path('bare'), overwrite: false, withEvidence: false });
    expect(await bob.merging.import(path('bare'))).toMatchObject({ evidenceAdded: 0 });
    expect(bob.runs.show(runId).evidence).toMatchObject([{ name: 'seen.txt', isHere: false }]);
    expect(await hand(ada, bob)).toMatchObject({ added: 0, evidenceAdded: 1, evidenceRefused: [] });
    expect(bob.runs.show(runId).evidence).toMatchObject([{ isHere: true }]);
  });

  it('take the sound part of a file that was tampered with, and name the rest', async () => {
    await ada.runs.step({ runId, step: 'look', outcome: 'done', ...STEP, evidence: [] });
    await ada.merging.export({ runId, path: path('run'), overwrite: false, withEvidence: true });
    const file = JSON.parse(readFileSync(path('run'), 'utf8')) as { events: { body: { kind: string; outcome?: string } }[] };
    for (const { body } of file.events) if (body.kind === 'step') body.outcome = 'failed';
    writeFileSync(path('run'), canonicalJson(file));
    const report = await bob.merging.import(path('run'));
    expect(report).toMatchObject({ added: 2, head: 'altered' });
    expect(report.refused).toMatchObject([{ reason: 'It was altered: its content does not fit its digest.' }]);
    expect(report.missing).toEqual([report.refused[0]?.digest]);
    expect(bob.runs.show(runId).steps[0]?.state).toBe('open');
    expect(await codeOf(() => bob.merging.import(path('none')))).toBe('file_not_found');
    expect(await codeOf(() => bob.merging.import(folder.path))).toBe('file_unreadable');
    expect(bob.ledger.list(null, 10).entries[0]).toMatchObject({ action: 'run.imported', subject: runId });
  });

  it('refuse to write over a file without being told to, and into a profile', async () => {
    const out = { runId, path: path('out'), overwrite: false, withEvidence: true };
    const written = await ada.merging.export(out);
    expect(written).toMatchObject({ events: 2, bytes: readFileSync(path('out')).length });
    expect(await codeOf(() => ada.merging.export(out))).toBe('file_exists');
    expect(await codeOf(() => ada.merging.export({ ...out, path: join(ada.profileDir, 'x') }))).toBe('file_unwritable');
    expect(ada.ledger.list(null, 100).entries.filter(({ action }) => action === 'run.exported')).toHaveLength(1);
  });

  it('join more heads than one event can name', async () => {
    const start = ada.store.load(runId).events[0] as RunEvent;
    const strangers = Array.from({ length: 70 }, () => makePerson());
    const root = ada.store.load(runId).events.find(({ run }) => run === null) ?? start;
    const events = [...ada.store.load(runId).events, ...strangers.map((who, index) => who.event({ run: runId, parents: [root.digest], at: '2026-11-22T13:00:00Z', body: { kind: 'entry', text: `word ${index}`, occurredAt: null } }))];
    writeFileSync(path('many'), fileOf2(events, strangers[0] as Person));
    expect(await ada.merging.import(path('many'))).toMatchObject({ added: 70, refused: [] });
    await ada.runs.entry({ runId, text: 'all together', occurredAt: null });
    expect(ada.store.load(runId).state.heads).toHaveLength(1);
    expect((await hand(ada, bob)).refused).toEqual([]);
  });

  function fileOf2(events: readonly RunEvent[], who: Person): string {
    const { packText } = ada.store.load(runId);
    return writeRunFile({ id: runId, packText, events, state: { heads: historyOf(events).heads } as RunState }, { evidence: new Map(), key: who, nowMs: clock.now() });
  }
});
