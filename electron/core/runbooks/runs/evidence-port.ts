// What runs need of the store of evidence: bytes by their digest. It knows nothing of how they are kept.
import type { EvidenceRef } from '#shared/domain/runbook-run.ts';

export interface EvidencePort {
  /** Whether its bytes lie here; whether they are damaged is seen when they are read. */
  isHere(digest: string): boolean;
  /** Keeps the bytes of a file of the admin; the same bytes are kept once. @throws AppError file_not_found, file_unreadable, too_large, disk_full */
  addFile(path: string): Promise<EvidenceRef>;
  /** The whole of it, checked against its digest. @throws AppError evidence_not_found, evidence_damaged */
  read(digest: string): Promise<Buffer>;
  /** Keeps bytes under their own digest, which it gives; the same bytes are kept once. @throws AppError disk_full */
  keep(bytes: Buffer): Promise<string>;
}
