// Contract to service, for credentials.
import type { CallsOf, Handlers } from '../dispatch.ts';
import { Secret } from '../secret.ts';
import type { CredentialsService } from './service.ts';

export function credentialsHandlers(credentials: CredentialsService): Handlers<CallsOf<'credentials'>> {
  return {
    'credentials.status': () => credentials.status(),
    'credentials.check': () => credentials.check(),
    'credentials.choose': ({ store, passphrase }) => credentials.choose(store, passphrase === undefined ? null : new Secret(passphrase)),
  };
}
