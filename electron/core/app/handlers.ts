// Contract to service, for the program itself: status, lock and passphrase.
import type { CredentialsService } from '../credentials/service.ts';
import type { CallsOf, Handlers } from '../dispatch.ts';
import type { HttpClient } from '../deployments/http.ts';
import type { LedgerService } from '../ledger/service.ts';
import type { Ports } from '../ports.ts';
import { AppError } from '#shared/errors.ts';
import { Secret } from '../secret.ts';
import type { LockReason, Session } from '../session.ts';
import { formatInstantMs } from '#shared/domain/time.ts';
import { sqliteVersion } from '../db/sqlite-version.ts';
import { about } from './about.ts';

export interface AppHandlersDeps {
  readonly ports: Ports; readonly version: string; readonly session: Session; readonly credentials: CredentialsService; readonly ledger: LedgerService; readonly http: HttpClient;
  touch(): void;
  lock(why: LockReason): Promise<void>;
}

const optional = (text: string | undefined): Secret | null => (text === undefined ? null : new Secret(text));

export function appHandlers({ ports, version, session, credentials, ledger, http, touch, lock }: AppHandlersDeps): Handlers<CallsOf<'app'>> {
  return {
    'app.status': () => {
      const problem = session.problem();
      const database = session.state() === 'open' && !session.isEmptyLook() ? session.database() : null;
      const network = http.stats();
      return {
        version, host: ports.host, profileDir: ports.paths.profileDir, state: session.state(), lockMode: session.lockMode(), lockAfterMinutes: session.profile().settings.lockAfterMinutes,
        access: session.access(), problem: problem === null ? null : { code: problem.code, message: problem.message, hint: problem.hint },
        cache: database === null ? null : { encrypted: true, verifiedAt: database.verifiedAt === null ? null : formatInstantMs(database.verifiedAt), bytes: database.bytes(), damage: session.damage() },
        ledger: database === null ? null : ledger.summary(),
        network: { hostsReached: network.hostsReached.length, refused: network.refused, lastRequestAt: network.lastRequestAt === null ? null : formatInstantMs(network.lastRequestAt) },
      };
    },
    'app.about': () => about(version, ports.paths, session.state() === 'open' ? sqliteVersion(session.read()) : null),
    'app.touch': () => {
      touch();
      return {};
    },
    'app.window': async (wanted) => {
      if (ports.window === undefined) throw new AppError('not_offered', { message: 'This host has no window to make small. Nothing was changed.', hint: 'Use the window.' });
      return { shape: await ports.window.shape(wanted) };
    },
    'app.lock': async () => {
      await lock('asked');
      return {};
    },
    'app.unlock': async ({ passphrase }) => {
      await session.unlock(optional(passphrase));
      touch();
      return {};
    },
    'app.setPassphrase': async ({ current, next }) => {
      await credentials.setPassphrase(optional(current), new Secret(next));
      return {};
    },
    'app.removePassphrase': async ({ current }) => {
      await credentials.removePassphrase(new Secret(current));
      return {};
    },
  };
}
