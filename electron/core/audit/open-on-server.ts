// Having the deployment open a payload: POST decrypt at C0 and C1, GET payload at dialect A, which writes a row there and puts the reason into the URL.
import type { AuditEventDetail } from '#shared/domain/audit-event.ts';
import type { Deployment } from '#shared/domain/deployment.ts';
import { AppError } from '#shared/errors.ts';
import type { NaviClient } from '../deployments/service.ts';
import { prettyJson } from './open-payload.ts';

export async function openOnServer({ client, deployment, event, reason, signal }: { client: NaviClient; deployment: Deployment; event: AuditEventDetail; reason: string; signal: AbortSignal }): Promise<{ payload: string; keyId: string | null; sealedAt: string | null; wasEncrypted: boolean }> {
  const offered = deployment.capabilities.find((capability) => capability.name === 'decrypt-on-server');
  if (offered?.state === 'not-offered') throw new AppError('not_offered', { message: `This deployment does not decrypt. ${offered.reason}`, hint: 'Decrypt here with an audit key.' });
  if (deployment.dialect === 'A') {
    const answer = await client.payload(event.id, { decrypt: true, reason }, signal);
    return { payload: pretty(answer.payload.body), keyId: null, sealedAt: event.sealedAt, wasEncrypted: answer.storedEncrypted ?? event.payloadState === 'encrypted' };
  }
  const answer = await client.decrypt(event.id, reason, signal);
  // The server does not say whether the row was encrypted; what was cached tells, and a key id tells it too.
  return { payload: pretty(answer.payload.body), keyId: answer.keyId, sealedAt: event.sealedAt, wasEncrypted: event.payloadState === 'encrypted' || answer.keyId !== null };
}

function pretty(body: string): string {
  return prettyJson(body, JSON.parse(body));
}
