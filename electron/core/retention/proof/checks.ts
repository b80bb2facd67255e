// What looking showed, as checks: each holds, fails, or could not be told, with what was asked. A sample that is fine is no proof of the rest, and is not called one.
import type { RetentionCheck } from '#shared/domain/retention-plan.ts';
import type { Hold } from '#shared/domain/retention-hold.ts';
import type { WitnessVerdict } from '#shared/domain/audit-witness.ts';
import { formatInstantUs } from '#shared/domain/time.ts';
import type { Found } from '../purge/looking.ts';
import type { StatusSaid } from '../truth/policy.ts';
import type { VaultState } from '../holds/vault-row.ts';

type Check = RetentionCheck;
const rows = (n: number): string => `${n} ${n === 1 ? 'row' : 'rows'}`;
const some = (ids: readonly number[]): string => `events ${ids.slice(0, 5).join(', ')}${ids.length > 5 ? ', …' : ''}`;
const LOOKS = 'GET /api/audit, GET /api/audit/{id}/payload';
/** What no look from here can tell, said with what it did show. */
const SCOPE = 'What backups, replicas and other tables of the deployment keep is not seen from here.';
const STATUS = 'GET /api/admin/security/status';

/** Why a look could not be made, instead of what it showed. */
export type Look = { readonly found: Found; readonly total: number } | { readonly lack: string };
/** The status as it was read now, and whether the database was shown to answer before and after it; or why it could not be read. */
export type Status = { readonly said: StatusSaid; readonly isDatabaseShown: boolean } | { readonly lack: string };

export function rowsGone(look: Look, { cutoffUs, isListWhole, oldInList, noneByCount }: { readonly cutoffUs: number | null; readonly isListWhole: boolean; /** Rows older than the cutoff in the list. */ readonly oldInList: readonly number[]; readonly noneByCount: boolean }): Check {
  const base = { id: 'rows-gone', title: 'Rows past the cutoff are gone', source: LOOKS } as const;
  if (cutoffUs === null) return { ...base, state: 'could-not', message: 'Without a rule that is on there is no cutoff.', asked: 0 };
  const before = `older than ${formatInstantUs(cutoffUs)}`;
  if ('lack' in look) return { ...base, state: 'could-not', message: look.lack, asked: 0 };
  const { found, total } = look;
  const asked = found.there.length + found.gone.length + found.unclear.length;
  const there = [...new Set([...found.there, ...oldInList])];
  if (there.length > 0) return { ...base, state: 'fails', asked, message: `${rows(there.length)} ${before} ${there.length === 1 ? 'is' : 'are'} still there (${some(there)}).` };
  if (isListWhole) return { ...base, state: 'holds', asked, message: `The deployment gave everything that it has, and nothing of it is ${before}. ${rows(found.gone.length)} of the cache were looked for and are gone. ${SCOPE}` };
  if (noneByCount) return { ...base, state: 'holds', asked, message: `The deployment counts none ${before}, and its database was shown to give that count. ${rows(found.gone.length)} of the cache were looked for and are gone. ${SCOPE}`, source: `${STATUS}, ${LOOKS}` };
  if (total > 0 && found.gone.length === total) return { ...base, state: 'holds', asked, message: `All ${rows(total)} of the cache ${before} are gone. Whether there are others that were never read is not known. ${SCOPE}` };
  if (total === 0) return { ...base, state: 'could-not', asked, message: `The cache has no row ${before} that could be looked for.` };
  return { ...base, state: 'could-not', asked, message: `The ${rows(found.gone.length)} that were looked for are gone; for ${rows(total - found.gone.length)} of ${total} it was not seen.` };
}

export function rowsKept(look: Look, fromUs: number | null): Check {
  const base = { id: 'rows-kept', title: 'Rows that are not due are still there', source: LOOKS } as const;
  if (fromUs === null || 'lack' in look) return { ...base, state: 'could-not', asked: 0, message: 'lack' in look ? look.lack : 'Without a rule that is on there is no cutoff.' };
  const { found, total } = look;
  const asked = found.there.length + found.gone.length + found.unclear.length;
  const from = `from ${formatInstantUs(fromUs)} on`;
  if (found.gone.length > 0) return { ...base, state: 'fails', asked, message: `${rows(found.gone.length)} ${from} ${found.gone.length === 1 ? 'is' : 'are'} gone (${some(found.gone)}), although nothing was to take ${found.gone.length === 1 ? 'it' : 'them'}.` };
  if (total === 0) return { ...base, state: 'could-not', asked, message: `The cache has no row ${from} that could be looked for.` };
  if (found.there.length === total) return { ...base, state: 'holds', asked, message: `All ${rows(total)} of the cache ${from} are there.` };
  return { ...base, state: 'could-not', asked, message: `The ${rows(found.there.length)} that were looked for are there; for ${rows(total - found.there.length)} of ${total} it was not seen.` };
}

export function holdsIntact(holds: readonly Hold[], look: Look, vault: VaultState): Check {
  const base = { id: 'holds-intact', title: 'Rows under legal holds are intact', source: `${LOOKS}; the vault of this workstation` } as const;
  if (holds.length === 0) return { ...base, state: 'holds', asked: 0, message: 'No legal hold stands.' };
  const asked = 'lack' in look ? 0 : look.found.there.length + look.found.gone.length + look.found.unclear.length;
  const vanished = holds.reduce((sum, { counts }) => sum + counts.vanished, 0);
  const waiting = holds.reduce((sum, { counts }) => sum + counts.rows - counts.preserved, 0);
  const vaultWords = `The vault has ${rows(vault.rows)} and ${vault.payloads} ${vault.payloads === 1 ? 'payload' : 'payloads'}${vault.damaged.length === 0 ? ', each as its digest says' : ''}.`;
  if (vault.damaged.length > 0) return { ...base, state: 'fails', asked, message: `${rows(vault.damaged.length)} in the vault ${vault.damaged.length === 1 ? 'is' : 'are'} not what was preserved (${some(vault.damaged)}).` };
  const gone = 'lack' in look ? [] : look.found.gone;
  if (gone.length > 0 || vanished > 0) return { ...base, state: 'fails', asked, message: `${rows(Math.max(gone.length, vanished))} under holds ${Math.max(gone.length, vanished) === 1 ? 'is' : 'are'} gone at the deployment${gone.length > 0 ? ` (${some(gone)})` : ''}. ${vaultWords}` };
  if (waiting > 0) return { ...base, state: 'could-not', asked, message: `${rows(waiting)} under holds ${waiting === 1 ? 'is' : 'are'} not in the vault yet. ${vaultWords}` };
  if ('lack' in look) return { ...base, state: 'could-not', asked, message: `${look.lack} ${vaultWords}` };
  if (look.found.there.length < look.total) return { ...base, state: 'could-not', asked, message: `The ${rows(look.found.there.length)} that were looked for are there; for ${rows(look.total - look.found.there.length)} of ${look.total} it was not seen. ${vaultWords}` };
  return { ...base, state: 'holds', asked, message: `All ${rows(look.total)} under ${holds.length === 1 ? 'a hold' : `${holds.length} holds`} are at the deployment. ${vaultWords}` };
}

export function witnessAgrees(verdict: WitnessVerdict | { readonly lack: string }): Check {
  const base = { id: 'witness', title: 'The witness of this workstation agrees', source: 'the signed log of this workstation' } as const;
  if ('lack' in verdict) return { ...base, state: 'could-not', asked: 0, message: verdict.lack };
  const state = verdict.verdict === 'intact' ? 'holds' : verdict.verdict === 'broken' ? 'fails' : 'could-not';
  return { ...base, state, asked: verdict.leaves, message: `${verdict.message}${verdict.root === null ? '' : ` Root ${verdict.root} over ${verdict.leaves} leaves.`}` };
}

/** @param sinceDue cached rows that came due after the cutoff of what is certified, and may wait for the next purge @param hasGaps before the cutoff of the rule */
export function overdueCount(status: Status, { sinceDue, hasGaps }: { readonly sinceDue: number; readonly hasGaps: boolean }): Check {
  const base = { id: 'overdue', title: 'The deployment counts nothing that should be gone', source: STATUS } as const;
  if ('lack' in status) return { ...base, state: 'could-not', asked: 0, message: status.lack };
  const { said, isDatabaseShown } = status;
  if (said.state !== 'on' || said.overdue === null) return { ...base, state: 'could-not', asked: 1, message: said.state === 'on' ? 'The status gives no count of overdue rows.' : said.reason };
  if (said.overdue === 0) {
    return isDatabaseShown ? { ...base, state: 'holds', asked: 1, message: 'It counts none past its cutoff, and its database answered before and after that.' }
      : { ...base, state: 'could-not', asked: 1, message: 'It counts none past its cutoff, but it says so too when its database is down, and that was not shown to answer.' };
  }
  if (said.overdue <= sinceDue && !hasGaps) return { ...base, state: 'holds', asked: 1, message: `It counts ${rows(said.overdue)} past its cutoff; so many came due only after what is certified here (${sinceDue}).` };
  const more = `It counts ${rows(said.overdue)} past its cutoff; of those that are known here, ${sinceDue} came due after what is certified.`;
  return hasGaps ? { ...base, state: 'could-not', asked: 1, message: `${more} What lies in stretches that were never read is not known.` } : { ...base, state: 'fails', asked: 1, message: more };
}

export function countFits({ deleted, problem, range }: { readonly deleted: number | null; readonly problem: string | null; readonly range: string }): Check {
  const base = { id: 'count', title: 'The deployment deleted what the plan named', source: 'POST /api/audit/purge', asked: 1 } as const;
  if (deleted === null) return { ...base, state: 'could-not', message: 'The deployment gave no answer that says how many rows it deleted.' };
  return problem === null ? { ...base, state: 'holds', message: `It says ${deleted}, and the plan named ${range}.` } : { ...base, state: 'fails', message: problem };
}

export function policyKnown(status: Status): Check {
  const base = { id: 'policy', title: 'Retention is on', source: STATUS } as const;
  if ('lack' in status) return { ...base, state: 'could-not', asked: 0, message: status.lack };
  const { said } = status;
  return { ...base, state: said.state === 'on' ? 'holds' : said.state === 'off' ? 'fails' : 'could-not', asked: 1, message: said.reason };
}
