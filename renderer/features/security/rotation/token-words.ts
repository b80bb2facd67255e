// Why a token can be no evidence, in sentences, from its claims and the clock alone; and which token decides about the cutover. It reads no token.
import type { RotationView } from '#shared/contract/rotation.ts';
import type { TokenFacts, TokenSlot } from '#shared/domain/rotation.ts';
import { EXPIRY_MARGIN_SECONDS } from '#shared/domain/rotation-judge.ts';
import { parseInstantUs } from '#shared/domain/time.ts';

const FAULTS: Readonly<Record<TokenFacts['faults'][number], string>> = {
  'no-sub': 'It has no sub claim', 'no-org': 'It has no org_id claim', 'bad-exp': 'Its exp claim cannot be read', 'bad-nbf': 'Its nbf claim cannot be read',
  'bad-iat': 'Its iat claim cannot be read', 'bad-jti': 'Its jti claim is no text', unsigned: 'It is not signed',
};

/** Sentences on why answers to this token prove nothing now; empty where nothing speaks against it. That it may be used is no proof of anything. */
export function uselessBecause(facts: TokenFacts, nowMs: number): readonly string[] {
  const now = nowMs / 1000;
  const { expiresAt, notBefore, algorithm, faults } = facts;
  return [
    ...faults.map((fault) => `${FAULTS[fault]}: the deployment refuses it under any key.`),
    ...(algorithm === null || !algorithm.startsWith('HS') ? ['It is not signed with a shared key (HS256), so its key comes from a key set (JWT_JWKS_URL): JWT_SECRET is not what is rotated.'] : []),
    ...(expiresAt !== null && expiresAt <= now ? ['It has expired. The deployment says “Invalid or expired token” and not which, so its refusal proves nothing.'] : []),
    ...(expiresAt !== null && expiresAt > now && expiresAt < now + EXPIRY_MARGIN_SECONDS ? ['It expires within a minute: too near to tell why it is refused.'] : []),
    ...(notBefore !== null && notBefore > now ? ['It is not valid yet.'] : []),
  ];
}

export const SLOT_CHOICES: readonly { readonly id: TokenSlot; readonly title: string; readonly text: string }[] = [
  { id: 'old', title: 'Old token, in use', text: 'Signed with the old key, as people use them. The cutover waits for the end of the last one.' },
  { id: 'old-test', title: 'Old token, for the proof', text: 'Signed with the old key, used by nobody, and valid beyond the cutover. Its refusal is the proof at the end.' },
  { id: 'new', title: 'New token', text: 'Signed with the new key. Its twin with a broken signature, the negative control, is made here.' },
];

/** The kind that is needed next. */
export function wantedSlot(tokens: RotationView['tokens']): TokenSlot {
  const has = (slot: TokenSlot): boolean => tokens.some((token) => token.slot === slot);
  if (!has('old')) return 'old';
  return has('new') ? 'old-test' : 'new';
}

/** The label of the token on which the earliest cutover rests; null where none decides it. */
export function decidingToken({ tokens, cutover }: Pick<RotationView, 'tokens' | 'cutover'>): string | null {
  const old = tokens.filter(({ slot }) => slot === 'old');
  if (cutover.basis === 'never') return old.find(({ facts }) => facts.expiresAt === null)?.label ?? null;
  if (cutover.basis !== 'largest-exp') return null;
  return old.reduce<{ label: string; at: number } | null>((last, { label, facts }) => (last === null || (facts.expiresAt ?? 0) > last.at ? { label, at: facts.expiresAt ?? 0 } : last), null)?.label ?? null;
}

/** Seconds since the epoch as an instant. */
export function instantOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}

/** A sentence in parts: its instants, as core writes them, and what stands between. `at` is where a part begins. */
export function splitInstants(text: string): readonly { readonly at: number; readonly part: string; readonly isInstant: boolean }[] {
  const parts: { at: number; part: string; isInstant: boolean }[] = [];
  let at = 0;
  for (const part of text.split(/(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)/u)) {
    if (part !== '') parts.push({ at, part, isInstant: /^\d{4}-.*Z$/u.test(part) && parseInstantUs(part) !== null });
    at += part.length;
  }
  return parts;
}
