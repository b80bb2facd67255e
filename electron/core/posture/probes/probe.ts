// What a probe is: requests that are known beforehand, and facts that follow from their answers alone. It sends nothing and decides nothing.
import type { Deployment, DeploymentKind } from '#shared/domain/deployment.ts';
import type { FactsOf } from '#shared/domain/posture-facts.ts';
import type { DOCUMENTS, DocumentName } from '#shared/domain/posture-pack.ts';
import type { ProbeConsent } from '#shared/domain/posture.ts';
import type { ProbeAnswer, ProbeRequest } from '../../deployments/service.ts';

/** The documents that probes give: one probe for each. */
export type ProbeId = { readonly [N in DocumentName]: (typeof DOCUMENTS)[N] extends 'observed' ? N : never }[DocumentName];

/** forged: claims of an admin under a random signature. unsigned: the same with the algorithm none. Both are made anew for each request. */
export type ProbeToken = 'none' | 'own' | 'forged' | 'unsigned';

export interface PlannedRequest extends Pick<ProbeRequest, 'path' | 'query' | 'headers' | 'maxBytes'> {
  readonly method: 'GET' | 'HEAD' | 'OPTIONS';
  /** none when left out. */
  readonly token?: ProbeToken;
}

export interface Probe<N extends ProbeId = ProbeId> {
  readonly id: N;
  readonly title: string;
  /** What it looks for, and what the deployment may note of it. */
  readonly about: string;
  readonly consent: ProbeConsent;
  /** By kind of deployment, in the order in which they are sent; a kind that is missing has no such probe. */
  readonly requests: Readonly<Partial<Record<DeploymentKind, readonly PlannedRequest[]>>>;
  /** True when what follows need not be sent. */
  readonly isEnough?: (answer: ProbeAnswer) => boolean;
  /** How long to wait before what follows, in milliseconds. */
  readonly waitMs?: (answers: readonly ProbeAnswer[]) => number;
  /**
   * @param answers in the order of the requests, at least one
   * @throws AppError when the answers prove neither one thing nor the other
   */
  readonly facts: (answers: readonly [ProbeAnswer, ...ProbeAnswer[]], deployment: Deployment) => FactsOf<N>;
}

/** What every server may note of an ordinary look. */
export const NOTED = 'Its access log notes the request.';
