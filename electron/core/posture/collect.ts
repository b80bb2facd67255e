// Puts together everything that is known of one deployment at one time, from the cache alone; what is missing is named with the reason.
import type { Deployment } from '#shared/domain/deployment.ts';
import { OWN_SOURCE } from '#shared/domain/evidence.ts';
import type { EvidenceDocument, EvidenceSet } from '#shared/domain/posture-evaluate.ts';
import type { Json } from '#shared/domain/posture-expression.ts';
import { DOCUMENTS } from '#shared/domain/posture-pack.ts';
import type { DocumentName } from '#shared/domain/posture-pack.ts';
import { parseInstantUs } from '#shared/domain/time.ts';
import { attestation } from './attestation.ts';
import type { ReadDb } from '../db/sql.ts';
import { historyDocument } from './derived.ts';
import { latestFailure, latestOf, latestStatements, statusPoints, wasAsked } from './evidence-queries.ts';

export interface Surroundings {
  readonly db: ReadDb;
  readonly deployment: Deployment;
  readonly tokenFingerprint: string | null;
  /** Null while the log was never read. */
  readonly audit: EvidenceDocument | null;
  readonly rotatedAtUs: number | null;
  readonly areProbesAllowed: boolean;
  readonly nowUs: number;
}

type Documents = Partial<Record<DocumentName, EvidenceDocument>>;

/** A statement counts from the day it was made for, not from the day it was noted. */
function statements(db: ReadDb, deploymentId: string): EvidenceDocument | null {
  const table: Record<string, Json> = {};
  const parts: Record<string, { readonly source: string; readonly observedAtUs: number }> = {};
  for (const { value, source, observedAtUs } of latestStatements(db, deploymentId)) {
    const { checkId, ...statement } = attestation.parse(value);
    table[checkId] = statement;
    parts[checkId] = { source, observedAtUs: parseInstantUs(statement.on) ?? observedAtUs };
  }
  const times = Object.values(parts).map((part) => part.observedAtUs);
  return times.length === 0 ? null : { value: table, parts, source: 'statements of people', observedAtUs: Math.min(...times) };
}

/** What is known of the deployment, document by document. */
export function collectEvidence(around: Surroundings): EvidenceSet {
  const { db, deployment, tokenFingerprint, nowUs } = around;
  const { id: deploymentId, url: address } = deployment;
  const documents: Documents = {};
  const take = ({ document, ...look }: { readonly document: DocumentName } & EvidenceDocument): void => { documents[document] = look; };
  latestOf(db, { deploymentId, address: null, token: null }).forEach(take);
  latestOf(db, { deploymentId, address, token: null }).forEach(take);
  if (tokenFingerprint !== null) latestOf(db, { deploymentId, address, token: tokenFingerprint }).forEach(take);
  const points = statusPoints(db, deploymentId, address);
  const put = (document: DocumentName, found: EvidenceDocument | null): void => { if (found !== null) documents[document] = found; };
  put('history', historyDocument(points, { nowUs, rotatedAtUs: around.rotatedAtUs }));
  put('audit', around.audit);
  put('attested', statements(db, deploymentId));
  documents.deployment = {
    value: { environment: deployment.environment, dialect: deployment.dialect, transport: deployment.transport, is_pinned: deployment.pin !== null },
    source: OWN_SOURCE, observedAtUs: nowUs,
    // Address, environment and pin are what this console holds now; only the dialect was seen, at a time of its own.
    ...(deployment.capabilitiesAt === null ? {} : { parts: { dialect: { source: 'the newest test of the connection', observedAtUs: parseInstantUs(deployment.capabilitiesAt) ?? nowUs } } }),
  };
  return { documents, lacking: lacking(around, documents), deployment: { environment: deployment.environment, dialect: deployment.dialect }, nowUs };
}

function lacking({ db, deployment, tokenFingerprint, areProbesAllowed }: Surroundings, documents: Documents): Partial<Record<DocumentName, string>> {
  const why: Partial<Record<DocumentName, string>> = {};
  for (const document of Object.keys(DOCUMENTS) as DocumentName[]) {
    if (documents[document] !== undefined) continue;
    const token = document === 'status' ? tokenFingerprint : null;
    const asked = { deploymentId: deployment.id, address: deployment.url, token, document };
    const failure = latestFailure(db, asked);
    if (failure !== null) why[document] = failure.failure.message;
    else if (document === 'status') why[document] = wasAsked(db, asked) ? 'The last look was with another token.' : 'The deployment has not been asked yet.';
    else if (DOCUMENTS[document] === 'file') why[document] = document === 'config' ? 'No production.json was imported.' : 'No security_production.yml was imported.';
    else if (document === 'audit') why[document] = 'The audit log was never read. Sync it.';
    else if (document === 'history') why[document] = 'There is no earlier look to compare with.';
    else if (document === 'attested') why[document] = 'Nobody has stated anything about it.';
    else why[document] = areProbesAllowed ? 'This was not looked at yet.' : 'Probes are switched off for this deployment.';
  }
  return why;
}
