// Rotations made by hand, entry by entry, for tests of what follows from them.
import { chained } from '#core/posture/rotation/record.ts';
import type { EntryDraft } from '#core/posture/rotation/record.ts';
import { ANONYMOUS, probeLabels } from '#shared/domain/rotation.ts';
import type { AnswerKind, ProbeRow, RotationEntry, RotationPhase, RotationState, TokenFacts, TokenSlot } from '#shared/domain/rotation.ts';
import { expectedOf } from '#shared/domain/rotation-judge.ts';
import { replayRotation } from '#shared/domain/rotation-steps.ts';
import { formatInstantUs } from '#shared/domain/time.ts';

export const START_S = 1_790_000_000;
export const ROTATION = 'r_0123456789abcdef';
export const at = (seconds: number): string => formatInstantUs((START_S + seconds) * 1_000_000);

export function facts(over: Partial<TokenFacts> & { readonly fingerprint: string }): TokenFacts {
  return {
    frame: '00000000000000aa', algorithm: 'HS256', issuer: null, audience: null, subject: 'auth0|a', org: 'acme', role: 'admin',
    issuedAt: START_S, notBefore: null, expiresAt: START_S + 86_400, faults: [], ...over,
  };
}

export type Draft = EntryDraft extends infer E ? (E extends EntryDraft ? Omit<E, 'at' | 'actor'> : never) : never;

export interface Story {
  entries(): readonly RotationEntry[];
  state(): RotationState;
  /** Adds an entry, allowed or not. `seconds` after the start. */
  add(seconds: number, draft: Draft): Story;
  token(seconds: number, slot: TokenSlot, given: TokenFacts): Story;
  /** Answers as they should be in this phase, but for what `answers` says of `label` or of `node label`. */
  probe(seconds: number, answers?: Readonly<Record<string, AnswerKind>>): Story;
  /** The next step, on the newest answers. */
  advance(seconds: number): Story;
}

const ORDER = ['prepare', 'deploy', 'validate', 'cutover', 'finished'] as const;

export function rowsOf(state: RotationState, seconds: number, answers: Readonly<Record<string, AnswerKind>> = {}): ProbeRow[] {
  return state.nodes.flatMap((node) => (probeLabels(state) ?? []).map((token): ProbeRow => {
    const expected: AnswerKind = token === ANONYMOUS ? 'no-header' : expectedOf(state.phase, token) === 'accept' ? 'accepted' : 'refused';
    const answer = answers[`${node} ${token}`] ?? answers[token] ?? expected;
    return { node, token, at: at(seconds), request: 'GET /api/admin/security/status', status: null, answer, said: null, serverAt: null };
  }));
}

export function story({ nodes = ['http://127.0.0.1:1'], ttlSeconds = null }: { readonly nodes?: readonly string[]; readonly ttlSeconds?: number | null } = {}): Story {
  const entries: RotationEntry[] = [];
  let last: RotationEntry | null = null;
  const self: Story = {
    entries: () => entries,
    state() {
      const { state } = replayRotation(entries);
      if (state === null) throw new Error('no start');
      return state;
    },
    add(seconds, draft) {
      last = chained(ROTATION, { ...draft, at: at(seconds), actor: 'tester' } as EntryDraft, last);
      entries.push(last);
      return self;
    },
    token(seconds, slot, given) {
      const label = slot === 'new' ? 'new' : `${slot}-${self.state().tokens.filter((token) => token.slot === slot).length + 1}`;
      return self.add(seconds, { kind: 'token', slot, label, token: given, control: slot === 'new' ? 'ffffffffffffffff' : null });
    },
    probe: (seconds, answers) => self.add(seconds, { kind: 'probed', phase: self.state().phase, rows: rowsOf(self.state(), seconds, answers) }),
    advance(seconds) {
      const { phase, probe } = self.state();
      return self.add(seconds, { kind: 'advanced', from: phase, to: ORDER[ORDER.indexOf(phase) + 1] as RotationPhase, proof: probe?.seq ?? 1 });
    },
  };
  return self.add(0, { kind: 'started', deploymentId: 'd_0123456789abcdef', deployment: 'acme', nodes: [...nodes], ttlSeconds });
}

export const OLD = facts({ fingerprint: '0000000000000001', expiresAt: START_S + 3600 });
export const TEST = facts({ fingerprint: '0000000000000002', expiresAt: START_S + 86_400 });
export const NEW = facts({ fingerprint: '0000000000000003', expiresAt: START_S + 86_400 });

/** Started, with an old token of one hour, one for the proof, and a new one of a day. */
export const withTokens = (given: Parameters<typeof story>[0] = {}): Story => story(given).token(1, 'old', OLD).token(2, 'old-test', TEST).token(3, 'new', NEW);
/** Up to its end, every step proven. */
export const finished = (given: Parameters<typeof story>[0] = {}): Story => withTokens(given)
  .probe(10).advance(20).probe(100).advance(110).probe(200).probe(3601).advance(3610).probe(3700).advance(3710);
