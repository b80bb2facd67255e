// What joining a file did and who people are, as text for people. A key is never called trusted because of the name that it gives itself.
import type { Identity } from '#shared/contract/runbook.ts';
import type { MergeReport } from '#shared/domain/runbook-run.ts';
import { counted, fields, say, table, utc, wrapped } from '../print.ts';
import type { Cell, Look, Tone } from '../print.ts';

/** Refused events that are printed; --json gives them all. */
const PRINTED = 1000;

type Trust = Identity['trust'];
const TRUST: Readonly<Record<Trust, { readonly text: string; readonly tone: Tone }>> = {
  self: { text: 'you', tone: 'good' }, trusted: { text: 'trusted', tone: 'good' }, 'not-trusted-yet': { text: 'NOT TRUSTED YET', tone: 'doubtful' }, distrusted: { text: 'NOT TRUSTED', tone: 'bad' },
};

const HEADS: Readonly<Record<MergeReport['head'], { readonly text: string; readonly tone: Tone }>> = {
  fits: { text: 'whole: it is as a trusted key sealed it', tone: 'good' },
  altered: { text: 'ALTERED: it is not as it was sealed', tone: 'bad' },
  'unknown-signer': { text: 'it fits its seal, but the key of the seal is not trusted here', tone: 'doubtful' },
  absent: { text: 'without a seal: events at its end may have been left out', tone: 'doubtful' },
};

/** What is wrong with a file that was joined, in one sentence; null when nothing is. */
export function faultOf({ refused, missing, waiting, head, evidenceRefused }: MergeReport): string | null {
  const parts = [
    ...(refused.length > 0 ? [`${counted(refused.length, 'event')} ${refused.length === 1 ? 'was' : 'were'} refused`] : []),
    ...(missing.length > 0 ? [`${counted(missing.length, 'event')} ${missing.length === 1 ? 'is' : 'are'} missing`] : []),
    ...(waiting > 0 ? [`${counted(waiting, 'event')} ${waiting === 1 ? 'waits' : 'wait'} for what is missing`] : []),
    ...(evidenceRefused.length > 0 ? [`${counted(evidenceRefused.length, 'piece')} of evidence ${evidenceRefused.length === 1 ? 'was' : 'were'} refused`] : []),
    ...(head === 'altered' ? ['the file is not as it was sealed'] : []),
  ];
  return parts.length === 0 ? null : parts.join('; ');
}

export function describeMerge(report: MergeReport, look: Look): string {
  const { run, title, isNew, added, known, bySigner, refused, missing, waiting, head, conflicts, evidenceAdded, evidenceRefused } = report;
  const strangers = bySigner.filter(({ trust }) => trust === 'not-trusted-yet');
  return [
    fields([
      ['Run', run], ['Title', title], ['File', HEADS[head]], ['Taken', `${counted(added, 'event')}${isNew ? ', the run is new here' : ''}; ${known} ${known === 1 ? 'was' : 'were'} here already`], ['Evidence', `${counted(evidenceAdded, 'piece')} taken`],
      ['Refused', refused.length === 0 ? 'nothing' : { text: counted(refused.length, 'event'), tone: 'bad' }], ['Missing', missing.length + waiting === 0 ? 'nothing' : { text: `${counted(missing.length, 'event')}; ${waiting} wait for them`, tone: 'bad' }],
    ], look),
    ...(bySigner.length === 0 ? [] : [table([{ title: 'FROM' }, { title: 'EVENTS', align: 'right' }, { title: 'TRUST' }, { title: 'KEY' }], bySigner.map(({ name, added: n, trust, fingerprint }): Cell[] => [name, n, TRUST[trust], fingerprint.slice(0, 16)]), look)]),
    ...strangers.map(({ name, fingerprint }) => [
      wrapped(`${name ?? 'Somebody without a name'} is not trusted yet: what this key says is shown, and is no sign-off and no review. Compare the fingerprint with that person by another way, then:`, '', look),
      say`  holdfast runbook trust ${fingerprint} --name WHO`,
    ].join('\n')),
    ...(refused.length === 0 ? [] : [['Refused', ...refused.slice(0, PRINTED).map(({ index, digest, reason }) => wrapped(`event ${index}${digest === null ? '' : `, ${digest}`}: ${reason}`, '  ', look)), ...(refused.length > PRINTED ? [`  … and ${refused.length - PRINTED} more.`] : [])].join('\n')]),
    ...(missing.length === 0 ? [] : [['Missing', ...missing.map((digest) => say`  ${digest}`)].join('\n')]),
    ...(evidenceRefused.length === 0 ? [] : [['Evidence refused', ...evidenceRefused.map((digest) => say`  ${digest}`)].join('\n')]),
    ...(conflicts.length === 0 ? [] : [['In conflict: both stand until somebody who knows both records a third', ...conflicts.map(({ step, title: called }) => wrapped(`${step}: ${called}`, '  ', look))].join('\n')]),
  ].join('\n\n');
}

export function describeIdentity({ name, fingerprint, trust, firstSeenAt, runs }: Identity, look: Look): string {
  return fields([['Name', name ?? 'none given'], ['Key', fingerprint], ['Trust', TRUST[trust]], ['First seen', `${utc(firstSeenAt)}, in ${counted(runs, 'run')}`]], look);
}

export function describeIdentities({ self, others }: { readonly self: Identity | null; readonly others: readonly Identity[] }, look: Look): string {
  return [
    self === null ? 'This profile has signed nothing yet: its key is made with the first thing that it signs.' : describeIdentity(self, look),
    ...others.map((each) => describeIdentity(each, look)),
  ].join('\n\n');
}
