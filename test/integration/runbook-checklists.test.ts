// Checklists of others beside a run: CKLB out and in, CKL in and filled, each row told; what is not proven is not taken, and what is not a reviewer's stays.
import { existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cklb } from '#core/runbooks/checklists/cklb-form.ts';
import { CHECKLIST_MAX_BYTES, createChecklists } from '#core/runbooks/checklists/service.ts';
import type { Checklists } from '#core/runbooks/checklists/service.ts';
import { fakeClock, temporaryFolder } from '../support/ports.ts';
import { codeOf, importPack, openRunbookProfile, PACK, START_INPUT } from '../support/runbook-profile.ts';
import type { RunbookProfile } from '../support/runbook-profile.ts';

type Rule = Record<string, unknown> & { rule_version: string; status: string; comments: string; finding_details: string };
interface Cklb { stigs: { release_info: string; size: number; uuid: string; rules: Rule[] }[] }

const STEP = { note: '', evidence: [] as string[], override: null };
let folder: ReturnType<typeof temporaryFolder>;
let profile: RunbookProfile;
let checklists: Checklists;
let runId: string;
const clock = fakeClock();
beforeEach(async () => {
  folder = temporaryFolder('checklists');
  profile = await openRunbookProfile(join(folder.path, 'profile'), { clock });
  checklists = createChecklists({ session: profile.session, store: profile.store, evidence: profile.kept, profileDir: profile.profileDir });
  await importPack(profile, folder.path, PACK.replace('title: Tidy up', 'title: Tidy up, references: [V-230221, SV-230221r1_rule]'));
  ({ runId } = await profile.runs.start(START_INPUT));
});
afterEach(async () => {
  await profile.close();
  folder.remove();
});

const path = (name: string): string => join(folder.path, name);
const put = (name: string, content: string | Buffer): string => { writeFileSync(path(name), content); return path(name); };
async function exported(name = 'out.cklb'): Promise<Cklb> {
  await checklists.exportCklb({ runId, path: path(name), overwrite: true });
  return JSON.parse(readFileSync(path(name), 'utf8')) as Cklb;
}
const take = (content: unknown, name = 'in.cklb') => checklists.import({ runId, path: put(name, typeof content === 'string' ? content : JSON.stringify(content)) });
const rule = (file: Cklb, step: string): Rule => {
  const found = file.stigs[0]?.rules.find(({ rule_version: version }) => version === step);
  if (found === undefined) throw new Error(`no rule of ${step}`);
  return found;
};
const outcomes = (rows: readonly { readonly id: string; readonly outcome: string }[]): string[] => rows.map(({ id, outcome }) => `${id} ${outcome}`);
const stateOf = (step: string): string => profile.runs.show(runId).steps.find((each) => each.step === step)?.state ?? 'none';
const vuln = (id: string, status: string, comments = ''): string => `<VULN><STIG_DATA><VULN_ATTRIBUTE>Vuln_Num</VULN_ATTRIBUTE><ATTRIBUTE_DATA>${id}</ATTRIBUTE_DATA></STIG_DATA><STATUS>${status}</STATUS><FINDING_DETAILS>as it was</FINDING_DETAILS><COMMENTS>${comments}</COMMENTS><SEVERITY_OVERRIDE>low</SEVERITY_OVERRIDE></VULN>`;
const ckl = (...vulns: string[]): string => `<?xml version="1.0" encoding="UTF-8"?>\r\n<CHECKLIST>\r\n<STIGS><iSTIG>${vulns.join('\r\n')}</iSTIG></STIGS></CHECKLIST>`;

describe('CKLB of a run', () => {
  it('has the strict form, a status for each standing, ids of its own, and the same bytes for the same state', async () => {
    await profile.runs.step({ runId, step: 'look', outcome: 'done', ...STEP, note: 'seen\u202e' });
    await profile.runs.attest({ runId, step: 'health', by: 'Bob', result: 'fail', seen: 'it is away' });
    await profile.runs.step({ runId, step: 'health', outcome: 'failed', ...STEP });
    await profile.runs.step({ runId, step: 'tidy', outcome: 'not-applicable', ...STEP });
    const file = await exported();
    expect(cklb.safeParse(file).success).toBe(true);
    expect(Object.keys(file)).toEqual(['title', 'id', 'stigs', 'active', 'mode', 'has_path', 'target_data', 'cklb_version']);
    const [stig] = file.stigs;
    expect(stig).toMatchObject({ size: 7, release_info: expect.stringContaining('not a STIG of DISA') as string });
    expect(stig?.rules.map(({ rule_version: id, status }) => `${id} ${status}`)).toEqual(['look not_a_finding', 'health open', 'soak not_reviewed', 'proof not_reviewed', 'choose not_reviewed', 'agree not_reviewed', 'tidy not_applicable']);
    expect(rule(file, 'look').comments).toBe('seen⟨U+202E⟩');
    const bytes = readFileSync(path('out.cklb'));
    await exported('again.cklb');
    expect(readFileSync(path('again.cklb')).equals(bytes)).toBe(true);
  });

  it('never calls reviewed what is overridden or only claimed', async () => {
    await profile.runs.step({ runId, step: 'look', outcome: 'done', ...STEP });
    await profile.runs.attest({ runId, step: 'health', by: 'Bob', result: 'pass', seen: 'it is there' });
    await profile.runs.step({ runId, step: 'health', outcome: 'done', ...STEP });
    await profile.runs.step({ runId, step: 'soak', outcome: 'done', ...STEP, override: 'no time' });
    await profile.runs.step({ runId, step: 'proof', outcome: 'skipped', ...STEP, note: 'why' });
    const file = await exported();
    expect(['soak', 'proof'].map((step) => rule(file, step).status)).toEqual(['open', 'not_reviewed']);
    expect(rule(file, 'soak').finding_details).toContain('Overridden: no time');
  });
});

describe('CKLB back into the run', () => {
  it('changes nothing as it was exported', async () => {
    await profile.runs.step({ runId, step: 'look', outcome: 'done', ...STEP, note: 'seen' });
    const before = profile.store.load(runId).events.length;
    const report = await take(await exported());
    expect(report).toMatchObject({ taken: 0, unchanged: 7 });
    expect(profile.store.load(runId).events).toHaveLength(before);
  });

  it('takes a reviewer\'s fields alone, refuses what is not proven, and takes nothing twice', async () => {
    const file = await exported();
    Object.assign(rule(file, 'look'), { status: 'not_a_finding', comments: 'looked at', rule_title: 'another title', fix_text: 'rm -rf' });
    Object.assign(rule(file, 'health'), { status: 'not_a_finding', comments: 'trust me' });
    Object.assign(rule(file, 'agree'), { status: 'not_a_finding' });
    Object.assign(rule(file, 'tidy'), { status: 'open', finding_details: 'not tidy', overrides: { severity: { severity: 'low', reason: 'small' } } });
    Object.assign(rule(file, 'choose'), { comments: 'thinking' });
    const report = await take(file);
    expect(outcomes(report.rows)).toEqual(['look taken', 'health refused', 'soak unchanged', 'proof unchanged', 'choose unchanged', 'agree refused', 'tidy taken']);
    expect(report).toMatchObject({ taken: 2, unchanged: 3 });
    expect([stateOf('look'), stateOf('health'), stateOf('agree'), stateOf('tidy')]).toEqual(['done', 'open', 'open', 'failed']);
    expect(profile.runs.show(runId).steps.find(({ step }) => step === 'tidy')?.note).toBe('Finding details: not tidy\n\nSeverity override: {"severity":{"severity":"low","reason":"small"}}');
    expect(profile.runs.show(runId).pack.sections[0]?.steps[0]?.title).toBe('Look at it');
    expect(await take(file)).toMatchObject({ taken: 0 });
    expect(await take(await exported())).toMatchObject({ taken: 0, unchanged: 7 });
  });

  it('does not take back what a run wrote before and nobody reviewed', async () => {
    await profile.runs.step({ runId, step: 'look', outcome: 'done', ...STEP, note: 'first' });
    const old = await exported();
    await profile.runs.step({ runId, step: 'look', outcome: 'failed', ...STEP, note: 'second' });
    expect(await take(old)).toMatchObject({ taken: 0, unchanged: 7 });
    rule(old, 'look').comments = 'reviewed';
    expect(await take(old)).toMatchObject({ taken: 1 });
    expect(profile.runs.show(runId).steps[0]).toMatchObject({ state: 'done', note: 'reviewed' });
  });

  it('takes steps that wait for each other in the order of the runbook, in one go', async () => {
    const file = await exported();
    Object.assign(rule(file, 'look'), { status: 'not_applicable' });
    Object.assign(rule(file, 'health'), { status: 'not_applicable' });
    Object.assign(rule(file, 'proof'), { status: 'not_applicable' });
    file.stigs[0]?.rules.reverse();
    expect(await take(file)).toMatchObject({ taken: 3 });
    expect([stateOf('look'), stateOf('health'), stateOf('proof')]).toEqual(['not-applicable', 'not-applicable', 'not-applicable']);
  });

  it('of others is filled from the run into another file: three fields of the rows that the run knows, the rest byte for byte', async () => {
    await profile.runs.step({ runId, step: 'look', outcome: 'done', ...STEP, note: 'a "quote"\nnext' });
    await profile.runs.step({ runId, step: 'tidy', outcome: 'failed', ...STEP });
    const rows = [
      '{"comments":"","note": 1.50, "group_id":"look" ,"status" :\t"open","overrides":{"severity":{"severity":"low"}},"finding_details" : null}',
      '{"group_id":"V-230221","rule_title":"caf\\u00e9 \\/ 3","status":"not_reviewed","comments":"kept\\r\\nhere"}',
      '{"group_id":"choose","status":"open","finding_details":"theirs","comments":"theirs"}', '{"group_id":"V-9","status":"open"}',
    ];
    const source = `\ufeff{\r\n\t"title":"theirs", "stigs":[{"stig_id":"RHEL", "rules":[${rows[0] ?? ''},\r\n${rows[1] ?? ''}]},{"rules":[${rows.slice(2).join(' , ')}]}] , "cklb_version":"1.0"}\r\n`;
    const from = put('from.cklb', source);
    const filled = await checklists.fill({ runId, from, path: path('to.cklb'), overwrite: false });
    expect(outcomes(filled.rows)).toEqual(['look written', 'V-230221 written', 'choose unchanged', 'V-9 not-in-runbook']);
    const text = readFileSync(path('to.cklb'), 'utf8');
    const [look, tidy] = (JSON.parse(text.slice(1)) as Cklb).stigs[0]?.rules ?? [];
    expect(look).toMatchObject({ status: 'not_a_finding', comments: 'a "quote"\nnext', finding_details: expect.stringContaining('Standing: done') as string });
    expect(tidy).toMatchObject({ status: 'open', comments: 'kept\r\nhere', finding_details: expect.stringContaining('Standing: failed') as string });
    const back = [[JSON.stringify(look?.comments), '""'], ['"not_a_finding"', '"open"'], [JSON.stringify(look?.finding_details), 'null'], [`"open",${JSON.stringify('finding_details')}:${JSON.stringify(tidy?.finding_details)}`, '"not_reviewed"']] as const;
    expect(back.reduce((all, [now, before]) => all.replace(now, () => before), text)).toBe(source);
    const again = await checklists.fill({ runId, from: path('to.cklb'), path: path('again.cklb'), overwrite: false });
    expect(again.sha256).toBe(filled.sha256);
  });

  it('is not filled in a row about another text of the step', async () => {
    await profile.runs.step({ runId, step: 'look', outcome: 'done', ...STEP });
    const file = await exported();
    Object.assign(rule(file, 'look'), { status: 'not_reviewed', check_content: `Text of the step, sha256 ${'0'.repeat(64)}.` });
    const { rows } = await checklists.fill({ runId, from: put('from.cklb', JSON.stringify(file)), path: path('to.cklb'), overwrite: false });
    expect(rows[0]).toMatchObject({ outcome: 'unchanged', reason: 'It is about another text of this step.' });
    expect(readFileSync(path('to.cklb')).equals(readFileSync(path('from.cklb')))).toBe(true);
  });

  it('refuses a row about another text, of another runbook, in another form, or that stands twice', async () => {
    const file = await exported();
    Object.assign(rule(file, 'look'), { status: 'not_a_finding', check_content: `Text of the step, sha256 ${'0'.repeat(64)}.` });
    Object.assign(rule(file, 'health'), { status: 'fine' });
    Object.assign(rule(file, 'soak'), { status: 'open', comments: 7 });
    file.stigs[0]?.rules.push({ ...rule(file, 'tidy'), status: 'open' });
    const report = await take(file);
    expect(outcomes(report.rows)).toEqual(['look refused', 'health refused', 'soak refused', 'proof unchanged', 'choose unchanged', 'agree unchanged', 'tidy refused', 'tidy refused']);
    const other = await exported();
    const [stig] = other.stigs;
    if (stig !== undefined) stig.release_info = stig.release_info.replace('small', 'other');
    expect((await take(other)).rows.every(({ outcome }) => outcome === 'not-in-runbook')).toBe(true);
  });

  it('refuses a file that is none, and a run that has ended', async () => {
    for (const text of ['', 'x', '{}', '[]', '{"stigs":1}', '{"stigs":[],"stigs":[]}', '<a/>', '<!DOCTYPE a><CHECKLIST/>', '{"stigs":[{"rules":[{"__proto__":1}]}]}', '\u0000']) expect(await codeOf(() => take(text))).toBe('unknown_format');
    expect(await codeOf(() => checklists.import({ runId, path: path('none') }))).toBe('file_not_found');
    expect(await codeOf(() => checklists.import({ runId, path: folder.path }))).toBe('file_unreadable');
    truncateSync(put('huge.ckl', ''), CHECKLIST_MAX_BYTES + 1);
    expect(await codeOf(() => checklists.import({ runId, path: path('huge.ckl') }))).toBe('too_large');
    const file = await exported();
    await profile.runs.end({ runId, outcome: 'stopped', note: '' });
    expect(await codeOf(() => take(file))).toBe('run_ended');
  });
});

describe('CKL', () => {
  it('is taken by the ids of steps and by what they name, with the override of the severity in words', async () => {
    const report = await take(ckl(vuln('look', 'NotAFinding', 'ok'), vuln('V-230221', 'Open', 'no'), vuln('V-1', 'Open'), vuln('choose', 'Not_Reviewed')), 'in.ckl');
    expect(outcomes(report.rows)).toEqual(['look taken', 'V-230221 taken', 'V-1 not-in-runbook', 'choose unchanged']);
    expect(profile.runs.show(runId).steps.find(({ step }) => step === 'tidy')).toMatchObject({ state: 'failed', note: 'no\n\nFinding details: as it was\n\nSeverity override: low' });
  });

  it('reads carriage returns that a viewer wrote as references as line ends, and leaves them where they stand', async () => {
    const words = 'first&#13;\r\nsecond&#xD;&#10;third';
    expect((await take(ckl(vuln('look', 'NotAFinding', words)), 'in.ckl')).taken).toBe(1);
    expect(profile.runs.show(runId).steps.find(({ step }) => step === 'look')?.note).toMatch(/^first\n+second\nthird\n\nFinding/);
    await profile.runs.step({ runId, step: 'tidy', outcome: 'failed', ...STEP });
    const from = put('from.ckl', ckl(vuln('tidy', 'NotAFinding', words)));
    await checklists.fill({ runId, from, path: path('to.ckl'), overwrite: false });
    expect(readFileSync(path('to.ckl'), 'utf8')).toContain(`<COMMENTS>${words}</COMMENTS>`);
  });

  it('R61: is filled from the run into another file: three fields of the rows that the run knows, the rest byte for byte', async () => {
    await profile.runs.step({ runId, step: 'look', outcome: 'done', ...STEP, note: 'a < b & c\nnext' });
    await profile.runs.step({ runId, step: 'tidy', outcome: 'failed', ...STEP });
    const source = ckl(vuln('look', 'Open'), vuln('tidy', 'NotAFinding', 'kept'), vuln('choose', 'Open', 'kept'), vuln('V-9', 'Open'));
    const from = put('from.ckl', source);
    const to = path('to.ckl');
    const filled = await checklists.fill({ runId, from, path: to, overwrite: false });
    expect(outcomes(filled.rows)).toEqual(['look written', 'tidy written', 'choose unchanged', 'V-9 not-in-runbook']);
    const text = readFileSync(to, 'utf8');
    expect(readFileSync(from, 'utf8')).toBe(source);
    expect(text).toContain('<STATUS>NotAFinding</STATUS>');
    expect(text).toContain('<COMMENTS>a &lt; b &amp; c\r\nnext</COMMENTS>');
    // A run without a comment has nothing to say against one that is there.
    expect(text.match(/<COMMENTS>kept<\/COMMENTS>/g)).toHaveLength(2);
    const without = (xml: string): string => xml.replaceAll(/<(STATUS|FINDING_DETAILS|COMMENTS)>[^<]*</g, '<$1><');
    expect(without(text)).toBe(without(source));
    expect(text.match(/<SEVERITY_OVERRIDE>low</g)).toHaveLength(4);
    const again = await checklists.fill({ runId, from: to, path: path('again.ckl'), overwrite: false });
    expect(again.rows.map(({ outcome }) => outcome)).toEqual(['unchanged', 'unchanged', 'unchanged', 'not-in-runbook']);
    expect(again.sha256).toBe(filled.sha256);
    expect(await codeOf(() => checklists.fill({ runId, from, path: to, overwrite: false }))).toBe('file_exists');
    expect(await codeOf(() => checklists.fill({ runId, from: put('x.cklb', '{"rigs":[]}'), path: path('n'), overwrite: false }))).toBe('unknown_format');
    expect(existsSync(path('n'))).toBe(false);
  });

  it('is not filled where a step has more than one row', async () => {
    await profile.runs.step({ runId, step: 'look', outcome: 'done', ...STEP });
    const from = put('from.ckl', ckl(vuln('look', 'Open'), vuln('look', 'Open')));
    const { rows } = await checklists.fill({ runId, from, path: path('to.ckl'), overwrite: false });
    expect(rows).toMatchObject([{ outcome: 'unchanged' }, { outcome: 'unchanged' }]);
    expect(readFileSync(path('to.ckl')).equals(readFileSync(from))).toBe(true);
  });
});
