// A certificate as one page for people: what was checked and what came of it, with the key and the digest that tie it to the signed file. The file is the proof; the page is not.
import type { RetentionCertificate } from '#shared/domain/retention-plan.ts';
import { openPaper } from '../../posture/reports/pdf-paper.ts';
import type { Paper } from '../../posture/reports/pdf-paper.ts';
import { keyFingerprint, readPublicKey } from '../../seal.ts';
import { certificateDigest } from './certificate.ts';

const STATES = { holds: 'HOLDS', fails: 'FAILS', 'could-not': 'COULD NOT BE CHECKED' } as const;
const OUTCOMES = { holds: 'Everything that was checked holds.', fails: 'SOMETHING FAILS: see below.', open: 'Nothing fails, but not everything could be checked.' } as const;

const short = (text: string, most: number): string => (text.length <= most ? text : `${text.slice(0, most - 1)}…`);
const number = (value: number | null): string => (value === null ? 'unknown' : String(value));
const fingerprint = (publicKey: string): string => keyFingerprint(readPublicKey(publicKey) ?? Buffer.alloc(0));

function writePurge(paper: Paper, { plan, approval, run }: NonNullable<RetentionCertificate['purge']>, most: number): void {
  paper.line('The purge', { font: 'bold', size: 11, gap: 2 });
  paper.line(short(`Plan ${plan.id} of ${plan.madeAt} by ${plan.madeBy}: ${plan.preview.rows} rows before ${plan.preview.cutoff} (${plan.preview.days} days), ${plan.preview.alsoDue.rows} more until ${plan.preview.alsoDue.until}.`, most), { size: 8 });
  paper.line(`Digest of the plan: ${plan.digest}`, { size: 8 });
  paper.line(short(approval === null ? 'Approved by nobody else.' : `Approved by ${approval.approvedBy} on ${approval.approvedAt}, key ${fingerprint(approval.publicKey)}.`, most), { size: 8 });
  paper.line(short(`${run.id}, ${run.startedAt}: ${run.state}. ${run.message}`, most), { size: 8, gap: 6 });
}

async function written(certificate: RetentionCertificate, most: number, holdsShown: number): Promise<{ readonly pages: number; readonly paper: Paper }> {
  const { deployment, policy, purge, counts, holds, checks, outcome } = certificate;
  const paper = await openPaper({ title: `Retention certificate of ${deployment.name}`, subject: OUTCOMES[outcome], creator: certificate.program, at: certificate.issuedAt });
  paper.line(`Retention certificate of ${short(deployment.name, 64)}`, { font: 'bold', size: 16, gap: 4 });
  paper.line(OUTCOMES[outcome], { font: 'bold', size: 11, gap: 4 });
  paper.line(short(`${deployment.url} (${deployment.environment}${deployment.dialect === null ? '' : `, dialect ${deployment.dialect}`})`, most), { size: 8 });
  paper.line(short(`${certificate.id}, issued ${certificate.issuedAt} by ${certificate.issuedBy}`, most), { size: 8 });
  paper.line(`Rule: ${policy.state}${policy.days === null ? '' : `, ${policy.days} days`}${policy.cutoff === null ? '' : `, cutoff ${policy.cutoff}`}${policy.observedAt === null ? '' : `, read ${policy.observedAt}`}`, { size: 8 });
  paper.line(`Rows past the cutoff: before ${number(counts.before)}, after ${number(counts.after)}, known to be gone ${number(counts.gone)}`, { size: 8, gap: 6 });
  if (purge !== null) writePurge(paper, purge, most);
  paper.line('Checks', { font: 'bold', size: 11, gap: 2 });
  for (const check of checks) {
    paper.line(`${STATES[check.state]}: ${check.title}`, { font: 'bold', size: 8, gap: 1 });
    paper.line(short(`${check.message} (Asked: ${check.asked}. By: ${check.source}.)`, most), { size: 7, indent: 12, gap: 3 });
  }
  paper.line(' ', { size: 3 });
  paper.line(`Legal holds: ${holds.length}`, { font: 'bold', size: 9, gap: 1 });
  for (const { caseId, owner, rows, preserved, vanished } of holds.slice(0, holdsShown)) paper.line(short(`${caseId}, ${owner}: ${rows} rows, ${preserved} preserved, ${vanished} vanished`, 160), { size: 7, indent: 12 });
  if (holds.length > holdsShown) paper.line(`${holds.length - holdsShown} more in the signed file.`, { size: 7, indent: 12 });
  paper.line(' ', { size: 4 });
  paper.line('This page is a picture of a signed file and proves nothing without it.', { size: 8 });
  paper.line(`SHA-256 of the key: ${fingerprint(certificate.publicKey)}`, { size: 8 });
  paper.line(`SHA-256 of what is signed: ${certificateDigest(certificate)}`, { size: 8 });
  return { pages: paper.pages(), paper };
}

/** Same certificate, same bytes; always one page: what is too long for it ends with …, and stands whole in the signed file. */
export async function certificatePdf(certificate: RetentionCertificate): Promise<Buffer> {
  for (const [most, holdsShown] of [[700, 8], [420, 5], [240, 3], [140, 1]] as const) {
    const { pages, paper } = await written(certificate, most, holdsShown);
    const whole = paper.finish(() => `${certificate.program}. ${certificate.id}`);
    if (pages === 1 || most === 140) return whole;
    await whole;
  }
  throw new Error('unreachable');
}
