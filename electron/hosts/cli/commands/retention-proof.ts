// Proof of retention: looks and issues a certificate, writes one, and judges the file of somebody else. Exit code 0 only for what holds.
import { resolve } from 'node:path';
import type { CertificateReading, RetentionCertificate } from '#shared/domain/retention-plan.ts';
import { command } from '../command.ts';
import type { Command, Failing } from '../command.ts';
import { fields, say } from '../print.ts';
import { deploymentNamed, NAME } from './named.ts';
import { outFile, OVERWRITE, refuseExisting } from './out-file.ts';
import { describeCertificate, describeSigner, OUTCOMES } from './retention-text.ts';

function unproven({ outcome, checks }: RetentionCertificate): Failing | undefined {
  if (outcome === 'holds') return undefined;
  const state = outcome === 'fails' ? 'fails' : 'could-not';
  return { code: 'retention_unproven', message: `The certificate says: ${OUTCOMES[outcome].text}. ${checks.filter((check) => check.state === state).map(({ title, message }) => `${title}: ${message}`).join(' ')}`, hint: outcome === 'fails' ? 'Find out why before anything else is deleted.' : 'Make it possible to check what could not be, then verify again.' };
}

const verify = command({
  words: ['retention', 'verify'],
  summary: 'Look what is gone, what is there and what is held, and issue a signed certificate.',
  arguments: [NAME],
  options: { run: { type: 'text', value: 'ID', about: 'of this purge, see retention show; left out: of this day, by the policy' } },
  notes: ['Exit code 0 only when every check holds; 3 when one fails or could not be made. The certificate is kept either way: retention certificate writes it.'],
}, async ({ args: [name], options }, context) => {
  const certificate = await context.serve(['deployment.list', 'retention.verify'], async (app) => app.call('retention.verify', { deploymentId: (await deploymentNamed(app, name)).id, ...(options.run === undefined ? {} : { runId: options.run }) }));
  return { document: certificate, text: `${describeCertificate(certificate, context.look)}\n\n${say`To write it down: holdfast retention certificate ${certificate.id} --out FILE.pdf`}`, failing: unproven(certificate) };
});

const certificate = command({
  words: ['retention', 'certificate'],
  summary: 'Write a certificate to a file: the signed JSON, or one page as PDF.',
  arguments: [{ name: 'ID', type: 'text', about: 'the certificate, see retention show' }],
  options: { out: { type: 'text', value: 'FILE', required: true, about: 'FILE.json or FILE.pdf; one that exists is refused' }, overwrite: OVERWRITE },
  notes: ['The JSON is the proof: the page is a picture of it.'],
}, async ({ args: [id], options: { out, overwrite } }, context) => {
  const path = outFile(out, ['retention', 'certificate']);
  refuseExisting(path, overwrite);
  const { shown, written } = await context.serve(['retention.certificate', 'retention.writeCertificate'], async (app) => ({ shown: await app.call('retention.certificate', { id }), written: await app.call('retention.writeCertificate', { id, path, overwrite }) }));
  return { document: written, text: `${describeCertificate(shown, context.look)}\n\n${fields([['File', written.path], ['Bytes', written.bytes], ['SHA-256', written.sha256]], context.look)}` };
});

/** Why a certificate file proves nothing here; undefined when it does. */
function doubtful({ name, isValid, problems, signer, fingerprint, certificate: read }: CertificateReading): Failing | undefined {
  if (!isValid || read === null) return { code: 'retention_unproven', message: `${name} is not as it was signed: ${problems.join(' ')} Nothing that it says counts.`, hint: 'Have it written anew by whoever issued it (retention certificate), and bring it over unchanged.' };
  if (signer === 'distrusted') return { code: 'retention_unproven', message: `${name} is whole, but this profile does not trust the key that signed it, ${String(fingerprint)}.`, hint: 'Have it issued by somebody whose key is trusted.' };
  if (signer === 'unknown') return { code: 'retention_unproven', message: `${name} is whole, but nobody here vouched for the key that signed it, ${String(fingerprint)}.`, hint: 'Compare the key with that of the profile that issued it, by another way than the file: there, holdfast runbook identity shows it.' };
  return unproven(read);
}

const check = command({
  words: ['retention', 'check'],
  summary: 'Read a certificate file of whoever: is it as it was signed, and whose key signed it? Asks nobody.',
  arguments: [{ name: 'FILE', type: 'text', about: 'the JSON, as retention certificate wrote it' }],
  options: {},
  notes: ['Exit code 0 only when it is as it was signed, by a key of this profile or one that is trusted here (runbook trust), and every check in it holds; else 3.'],
}, async ({ args: [file] }, context) => {
  const read = await context.serve(['retention.readCertificate'], (app) => app.call('retention.readCertificate', { path: resolve(file) }));
  const text = read.certificate === null ? say`${read.name} is not as it was signed.` : `${describeCertificate(read.certificate, context.look)}\n\n${fields([['Issued by', read.certificate.issuedBy], ['Signed by', describeSigner(read)], ['Public key', read.fingerprint]], context.look)}`;
  return { document: read, text, failing: doubtful(read) };
});

export const retentionProofCommands: readonly Command[] = [verify, certificate, check];
