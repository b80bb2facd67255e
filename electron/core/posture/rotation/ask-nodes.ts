// Asks the nodes of a rotation, one by one, with each token in turn, and writes down what each answered. It judges nothing.
import { ANONYMOUS } from '#shared/domain/rotation.ts';
import type { AnswerKind, ProbeRow } from '#shared/domain/rotation.ts';
import { formatInstantMs } from '#shared/domain/time.ts';
import { AppError } from '#shared/errors.ts';
import type { DeploymentsService, ProbeAnswer, Prober } from '../../deployments/service.ts';
import { probeLine } from '../../deployments/service.ts';
import type { JobHandle } from '../../jobs/jobs.ts';
import type { Secret } from '../../secret.ts';
import { isObject, member } from '../probes/reading.ts';

/** Guarded by the role of an admin, and the same in every build. */
const PATH = '/api/admin/security/status';
const MAX_SAID = 200;

export const requestLineTo = (node: string): string => probeLine(node, 'GET', { path: PATH });

/** After these the same node will not answer the next token either. */
const AWAY = /^(?:dns_|connection_|network_|tls_|insecure_url|invalid_url|invalid_ca|invalid_pin)/;

function saidIn(body: unknown): string | null {
  const detail = member(body, 'detail');
  return typeof detail === 'string' ? detail.slice(0, MAX_SAID) : null;
}

/** What an answer is, by its status and its form: what a proxy, a portal or a firewall says in between is none of the backend's. */
export function readAnswer(answer: Pick<ProbeAnswer, 'status' | 'json'>): { readonly answer: AnswerKind; readonly said: string | null } {
  const { status } = answer;
  let body: unknown;
  try {
    body = answer.json();
  } catch {
    return { answer: 'other', said: 'The body has two readings.' };
  }
  const said = saidIn(body);
  const code = member(body, 'error_code');
  if (status === 200) return isObject(member(body, 'jwt')) ? { answer: 'accepted', said: null } : { answer: 'other', said };
  if (status === 403) return { answer: (said !== null && said.startsWith('Requires ')) || code === 'FORBIDDEN' ? 'accepted-role' : 'other', said };
  if (status === 401 && said === 'Missing or invalid Authorization header') return { answer: 'no-header', said };
  if (status === 401) return { answer: said === 'Invalid or expired token' || code === 'UNAUTHORIZED' ? 'refused' : 'other', said };
  if (status === 429) return { answer: 'limited', said };
  return { answer: status >= 500 ? 'failed' : 'other', said };
}

function kindOfFailure({ code }: AppError): AnswerKind {
  if (code === 'rate_limited') return 'limited';
  if (code.startsWith('server_') || code === 'rate_limiter_down') return 'failed';
  return AWAY.test(code) ? 'unreachable' : 'other';
}

export interface Asking {
  readonly deployments: DeploymentsService;
  readonly deployment: { readonly id: string; readonly url: string };
  readonly nodes: readonly string[];
  /** In the order of asking. */
  readonly tokens: readonly { readonly label: string; readonly token: Secret | 'none' }[];
  readonly job: JobHandle;
}

/** @throws AppError cancelled; every other failure is a row */
export async function askNodes({ deployments, deployment, nodes, tokens, job }: Asking): Promise<readonly ProbeRow[]> {
  const rows: ProbeRow[] = [];
  const total = nodes.length * tokens.length;
  for (const node of nodes) {
    const ask = (prober: Prober): Promise<readonly ProbeRow[]> => askNode(prober, { node, tokens, job, onAsked: (label, count) => job.report({ step: `${node}: ${label}`, done: rows.length + count, total }) });
    rows.push(...await deployments.withProber(deployment.id, ask, node === deployment.url ? {} : { node }));
  }
  return rows;
}

async function askNode(prober: Prober, { node, tokens, job, onAsked }: { readonly node: string; readonly tokens: Asking['tokens']; readonly job: JobHandle; readonly onAsked: (label: string, count: number) => void }): Promise<readonly ProbeRow[]> {
  const rows: ProbeRow[] = [];
  let away: string | null = null;
  for (const { label, token } of tokens) {
    onAsked(label, rows.length);
    const asked = { node, token: label, request: requestLineTo(node) };
    if (away !== null) {
      rows.push({ ...asked, at: formatInstantMs(prober.now()), status: null, answer: 'unreachable', said: `Not asked: ${away}`.slice(0, MAX_SAID), serverAt: null });
      continue;
    }
    try {
      const answer = await prober.get({ path: PATH, token: label === ANONYMOUS ? 'none' : token, signal: job.signal });
      rows.push({ ...asked, at: formatInstantMs(answer.receivedAt), status: answer.status, ...readAnswer(answer), serverAt: answer.serverDate === null ? null : formatInstantMs(answer.serverDate) });
    } catch (error) {
      if (!(error instanceof AppError) || error.code === 'cancelled' || job.signal.aborted) throw error;
      const answer = kindOfFailure(error);
      if (answer === 'unreachable') away = error.message;
      const status = error.facts['httpStatus'];
      rows.push({ ...asked, at: formatInstantMs(prober.now()), status: typeof status === 'number' ? status : null, answer, said: error.message.slice(0, MAX_SAID), serverAt: null });
    }
  }
  return rows;
}
