// Runs between people from the command line: out of one profile and into another, with what is forged, dropped or not trusted named; review, the watched folder, and checklists of others.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { mergeReport } from '#shared/domain/runbook-run.ts';
import type { RunFile } from '#shared/domain/runbook-run.ts';
import { canonicalJson } from '#core/seal.ts';
import { PACK } from '../support/runbook-profile.ts';
import { LONG, useRunbookBench } from './cli-runbook-bench.ts';

const { at, put, asProcess, by, said, served, refused, states } = useRunbookBench('cli-runbook-share');
interface Identities { readonly self: { readonly fingerprint: string } | null; readonly others: readonly { readonly fingerprint: string; readonly name: string | null; readonly trust: string }[] }

const keyOf = async (who: string): Promise<string> => (await served(who, 'identity') as unknown as Identities).self?.fingerprint ?? '';
const statusOf = (who: string, run: string) => served(who, 'status', run) as Promise<{ signatures: { name: string; isTrusted: boolean }[]; reviews: { state: string; reviews: { verdict: string; counts: boolean; whyNot: string | null }[] }[] }>;
let run = '';

beforeAll(async () => {
  put('small.yaml', PACK.replace('title: Tidy up', 'title: Tidy up, references: [V-230221]'));
  for (const [who, name] of [['ada', 'Ada'], ['bob', 'Bob']] as const) await served(who, 'identity', '--name', name);
  await served('ada', 'import', at('small.yaml'));
  ({ run } = await served('ada', 'start', 'small', '--title', 'a run for two') as { run: string });
  await served('ada', 'step', run, 'look', '--done', '--note', 'seen by Ada', '--evidence', put('seen.txt', 'what was seen'));
}, LONG.timeout);

describe('a run between two people', () => {
  it('travels as a file: who it is from is said, and a new key is not trusted yet (R55, R57)', LONG, async () => {
    const exported = await asProcess('ada', ['runbook', 'export', run, '--out', at('run'), '--json']);
    expect(exported.code, exported.stderr).toBe(0);
    expect(JSON.parse(exported.stdout)).toMatchObject({ run, path: at('run'), bytes: readFileSync(at('run')).length });
    expect(await refused('ada', 'export', run, '--out', at('run'))).toMatchObject({ code: 3, error: 'file_exists' });
    const imported = await asProcess('bob', ['runbook', 'import', at('run'), '--json']);
    expect(imported.code, imported.stderr).toBe(0);
    const { imported: kind, ...report } = JSON.parse(imported.stdout) as Record<string, unknown>;
    expect(kind).toBe('run');
    expect(mergeReport.parse(report)).toMatchObject({ run, isNew: true, refused: [], missing: [], head: 'unknown-signer', evidenceAdded: 1, bySigner: [{ name: 'Ada', trust: 'not-trusted-yet', fingerprint: await keyOf('ada') }] });
    const again = await said('bob', 'import', at('run'));
    for (const part of ['0 events', 'is not trusted here', 'Refused   nothing']) expect(again).toContain(part);
    expect(await said('bob', 'status', run)).toContain('NOT TRUSTED YET');
    // The run that came needs no runbook of that name here, and its evidence is whole.
    expect((await served('bob', 'list'))['runbooks']).not.toContainEqual(expect.objectContaining({ id: 'small' }));
    const { evidence } = await served('bob', 'evidence', run) as { evidence: { digest: string; isHere: boolean }[] };
    expect(evidence).toMatchObject([{ isHere: true }]);
    await served('bob', 'evidence', run, evidence[0]?.digest ?? '', '--out', at('seen-by-bob.txt'));
    expect(readFileSync(at('seen-by-bob.txt'), 'utf8')).toBe('what was seen');
  });

  it('a sign-off of a key that is not trusted does not count until it is trusted, whole and by name (R57)', LONG, async () => {
    expect(await said('bob', 'sign', run, '--role', 'security', '--statement', 'looks well')).toContain('agree, Security agrees');
    await served('ada', 'submit', run);
    await served('ada', 'export', run, '--out', at('submitted'));
    await served('bob', 'import', at('submitted'));
    expect(await refused('ada', 'review', run, '--accept')).toMatchObject({ code: 3, error: 'review_refused' });
    expect(await refused('bob', 'review', run, '--reject')).toMatchObject({ code: 3, error: 'review_refused' });
    await served('bob', 'review', run, '--accept', '--feedback', 'well done');
    await served('bob', 'export', run, '--out', at('signed'));
    expect(await said('ada', 'import', at('signed'))).toContain(`holdfast runbook trust ${await keyOf('bob')} --name WHO`);
    expect((await states('ada', run))['agree']).toBe('open');
    expect(await statusOf('ada', run)).toMatchObject({ signatures: [{ name: 'Bob', isTrusted: false }], reviews: [{ state: 'open', reviews: [{ verdict: 'accepted', counts: false, whyNot: 'by somebody who is not trusted yet' }] }] });
    expect((await said('ada', 'status', run)).replaceAll(/\s+/g, ' ')).toContain('NOT TRUSTED YET, so it does not count');

    const fingerprint = await keyOf('bob');
    expect(await refused('ada', 'trust', fingerprint.slice(0, 16), '--name', 'Bob')).toMatchObject({ code: 3, error: 'identity_not_found' });
    expect(await refused('ada', 'trust', 'f'.repeat(64), '--name', 'Bob')).toMatchObject({ code: 3, error: 'identity_not_found' });
    expect(await refused('ada', 'trust', await keyOf('ada'), '--name', 'Bob')).toMatchObject({ code: 2 });
    // In groups, as people read it to each other.
    expect(await served('ada', 'trust', fingerprint.toUpperCase().replaceAll(/(.{4})(?=.)/g, '$1 '), '--name', 'Bob of security')).toMatchObject({ trust: 'trusted', name: 'Bob of security' });
    expect((await states('ada', run))['agree']).toBe('done');
    expect(await statusOf('ada', run)).toMatchObject({ signatures: [{ isTrusted: true }], reviews: [{ state: 'accepted' }] });
    expect(await served('ada', 'trust', fingerprint, '--name', 'Bob', '--revoke')).toMatchObject({ trust: 'distrusted' });
    expect((await states('ada', run))['agree']).toBe('open');
    await served('ada', 'trust', fingerprint, '--name', 'Bob');
  });

  it('two outcomes that do not know each other are a conflict, which a third settles', LONG, async () => {
    await served('ada', 'step', run, 'tidy', '--done');
    await served('bob', 'step', run, 'tidy', '--failed', '--note', 'nothing is tidy');
    await served('bob', 'export', run, '--out', at('other'));
    const merged = await asProcess('ada', ['runbook', 'import', at('other'), '--json']);
    expect(merged.code, merged.stderr).toBe(0);
    expect(JSON.parse(merged.stdout)).toMatchObject({ head: 'fits', conflicts: [{ step: 'tidy' }] });
    const shown = (await said('ada', 'status', run, 'tidy')).replaceAll(/\s+/g, ' ');
    for (const part of ['CONFLICT', 'Ada says done', 'Bob says failed', 'nothing is tidy']) expect(shown).toContain(part);
    expect(await served('ada', 'step', run, 'tidy', '--done', '--note', 'it is now')).toMatchObject({ state: 'done' });
  });

  it('what was altered or dropped is refused or missing, named, and 3 (R56)', LONG, async () => {
    const bytes = readFileSync(at('other'));
    const file = JSON.parse(bytes.toString('utf8')) as Omit<RunFile, 'events'> & { events: { digest: string; body: Record<string, unknown> }[] };
    const victim = file.events.findIndex(({ body }) => body['note'] === 'seen by Ada');
    expect(victim).toBeGreaterThan(-1);
    const digest = file.events[victim]?.digest;

    const forged = structuredClone(file);
    (forged.events[victim] as { body: Record<string, unknown> }).body['note'] = 'seen by Eve';
    const answer = await asProcess('carl', ['runbook', 'import', put('forged', canonicalJson(forged)), '--json']);
    expect(answer.code).toBe(3);
    expect(JSON.parse(answer.stderr)).toMatchObject({ code: 'run_file_damaged' });
    expect(JSON.parse(answer.stdout)).toMatchObject({ head: 'altered', refused: [{ index: victim, digest, reason: expect.stringMatching(/./) as string }], missing: [digest] });

    const dropped = await refused('dora', 'import', put('dropped', canonicalJson({ ...file, events: file.events.filter((_, index) => index !== victim) })));
    expect(dropped).toMatchObject({ code: 3, error: 'run_file_damaged' });
    expect(JSON.parse(dropped.stdout)).toMatchObject({ refused: [], missing: [digest] });
    const text = (await by('dora', 'runbook', 'import', at('dropped'))).stdout;
    expect(text).toContain(digest);
    expect(await said('dora', 'status', run)).toContain('NOT WHOLE');
    // The whole file heals it.
    expect(await served('dora', 'import', at('other'))).toMatchObject({ missing: [], waiting: 0 });

    expect(await refused('dora', 'import', put('cut', bytes.subarray(0, 4000)))).toMatchObject({ code: 3, error: 'run_file_damaged', stdout: '' });
    const one = Buffer.from(bytes);
    const place = one.indexOf('seen by Ada');
    one[place] = (one[place] ?? 0) ^ 1;
    expect((await by('erin', 'runbook', 'import', put('byte', one))).code).toBe(3);
  });
});

describe('a watched folder', () => {
  it('takes in and gives out in one look, and names what it cannot join', LONG, async () => {
    mkdirSync(at('shared'));
    const set = await asProcess('ada', ['runbook', 'watch', at('shared'), '--json']);
    expect(set.code, set.stderr).toBe(0);
    expect(JSON.parse(set.stdout)).toMatchObject({ path: at('shared'), problem: null });
    const [name = ''] = readdirSync(at('shared'));
    expect(name.startsWith(run)).toBe(true);
    await served('fay', 'watch', at('shared'));
    expect(await served('fay', 'status')).toMatchObject({ runs: [{ runId: run }] });
    writeFileSync(join(at('shared'), `other${name.slice(name.indexOf('.'))}`), 'no run at all');
    expect((await refused('gus', 'watch', at('shared'))).code).toBe(3);
    expect(await said('ada', 'watch')).toContain(at('shared'));
    expect(await served('ada', 'watch', '--off')).toMatchObject({ path: null });
    expect(await refused('ada', 'watch', at('nothing'))).toMatchObject({ code: 3, error: 'file_not_found' });
  });
});

describe('checklists of others', () => {
  const vuln = (id: string, status: string, comments: string): string => `<VULN><STIG_DATA><VULN_ATTRIBUTE>Vuln_Num</VULN_ATTRIBUTE><ATTRIBUTE_DATA>${id}</ATTRIBUTE_DATA></STIG_DATA><STATUS>${status}</STATUS><FINDING_DETAILS></FINDING_DETAILS><COMMENTS>${comments}</COMMENTS><SEVERITY_OVERRIDE></SEVERITY_OVERRIDE></VULN>`;
  const ckl = (...vulns: string[]): string => `<?xml version="1.0" encoding="UTF-8"?>\r\n<CHECKLIST>\r\n<STIGS><iSTIG>${vulns.join('\r\n')}</iSTIG></STIGS></CHECKLIST>`;

  it('a CKLB goes out, and what a reviewer writes into it comes back row by row', LONG, async () => {
    const { run: other } = await served('ada', 'start', 'small') as { run: string };
    const out = await asProcess('ada', ['runbook', 'cklb', 'export', other, '--out', at('run.cklb'), '--json']);
    expect(out.code, out.stderr).toBe(0);
    const file = JSON.parse(readFileSync(at('run.cklb'), 'utf8')) as { stigs: { rules: { rule_version: string; status: string; comments: string }[] }[] };
    for (const rule of file.stigs[0]?.rules ?? []) {
      if (rule.rule_version === 'look') Object.assign(rule, { status: 'not_a_finding', comments: 'looked at' });
      if (rule.rule_version === 'health') Object.assign(rule, { status: 'not_a_finding', comments: 'I say so' });
    }
    const back = await refused('ada', 'cklb', 'import', other, put('back.cklb', JSON.stringify(file)));
    expect(back).toMatchObject({ code: 3, error: 'step_unproven' });
    const { rows, taken } = JSON.parse(back.stdout) as { taken: number; rows: { id: string; outcome: string }[] };
    expect(taken).toBe(1);
    expect(rows.filter(({ outcome }) => outcome !== 'unchanged')).toMatchObject([{ id: 'look', outcome: 'taken' }, { id: 'health', outcome: 'refused' }]);
    expect(await states('ada', other)).toMatchObject({ look: 'done', health: 'open' });
    expect((await by('ada', 'runbook', 'cklb', 'import', other, at('run.cklb'))).stdout).toContain('unchanged');
    expect(await refused('ada', 'cklb', 'import', other, put('no.ckl', '<not a checklist'))).toMatchObject({ code: 3, error: 'unknown_format' });
  });

  it('a CKL comes in, and is filled in a copy: what is not a reviewer\'s stays byte for byte', LONG, async () => {
    const { run: other } = await served('ada', 'start', 'small') as { run: string };
    const path = put('in.ckl', ckl(vuln('V-230221', 'NotAFinding', 'tidied'), vuln('V-1', 'Open', 'of another')));
    expect(await served('ada', 'cklb', 'import', other, path)).toMatchObject({ run: other, taken: 1, rows: [{ id: 'V-230221', outcome: 'taken' }, { id: 'V-1', outcome: 'not-in-runbook' }] });
    expect((await states('ada', other))['tidy']).toBe('done');
    const blank = ckl(vuln('V-230221', 'Not_Reviewed', ''), vuln('V-1', 'Open', 'of another'));
    expect(await served('ada', 'cklb', 'fill', other, '--from', put('blank.ckl', blank), '--out', at('filled.ckl'))).toMatchObject({ rows: [{ outcome: 'written' }, { outcome: 'not-in-runbook' }] });
    const filled = readFileSync(at('filled.ckl'), 'utf8');
    expect(filled).toContain('<STATUS>NotAFinding</STATUS>');
    expect(filled).toContain(vuln('V-1', 'Open', 'of another'));
    expect(readFileSync(at('blank.ckl'), 'utf8')).toBe(blank);
    expect(await refused('ada', 'cklb', 'fill', other, '--from', at('blank.ckl'), '--out', at('filled.ckl'))).toMatchObject({ code: 3, error: 'file_exists' });
  });
});
