// Whether the deployment accepts the stored token. It goes to its own address alone, and what is accepted without any token proves nothing of one.
import type { LiveCheck } from '#shared/domain/runbook-pack.ts';
import { readAnswer } from '../../posture/rotation/ask-nodes.ts';
import { failed } from './asking.ts';
import type { Asked } from './asking.ts';
import { found, isPassing } from './found.ts';
import type { Found } from './found.ts';

type TokenCheck = Extract<LiveCheck, { asks: 'token' }>;

/** Guarded by the role of an admin, and the same in every build. */
export const TOKEN_PATH = '/api/admin/security/status';

/** @param nowMs when a failure came */
export function tokenFound(check: TokenCheck, { anonymous, own }: { readonly anonymous: Asked; readonly own: Asked }, nowMs: number): Found {
  const source = `GET ${TOKEN_PATH}, without a token and with the stored one`;
  for (const asked of [anonymous, own]) if (failed(asked)) return found('unknown', { seen: asked.failure.message, because: 'Without both answers nothing is known of the token.', source, at: nowMs });
  if (failed(anonymous) || failed(own)) throw new Error('an answer that failed was let through');
  const at = own.answer.receivedAt;
  const without = readAnswer(anonymous.answer);
  const withToken = readAnswer(own.answer);
  const seen = `Without a token it answered ${anonymous.answer.status}, with the stored one ${own.answer.status}.`;
  const say = (result: Found['result'], because: string): Found => found(result, { seen, because, source, at });
  if (without.answer === 'accepted' || without.answer === 'accepted-role') return say('unknown', 'It accepts requests without a token, so that nothing is known of this one.');
  if (without.answer !== 'no-header' && without.answer !== 'refused') return say('unknown', `What it said without a token is no refusal${without.said === null ? '' : `: ${without.said}`}.`);
  if (withToken.answer === 'accepted' || withToken.answer === 'accepted-role') return say(isPassing(check.expect === 'accepted'), withToken.answer === 'accepted' ? 'The token was accepted.' : 'The token was accepted; its role was not enough.');
  if (withToken.answer === 'refused') return say(isPassing(check.expect === 'refused'), 'The token was refused.');
  return say('unknown', `That is neither an acceptance nor a refusal of the token${withToken.said === null ? '' : `: ${withToken.said}`}.`);
}
