// The keys of people: one's own, those that were trusted one by one, and those that were only met. Trust is given here and nowhere else.
import type { CallOutput, ParsedInput } from '#shared/contract.ts';
import { formatInstantUs } from '#shared/domain/time.ts';
import { visibleLine } from '#shared/domain/visible-text.ts';
import { AppError } from '#shared/errors.ts';
import type { Emitter } from '../../emitter.ts';
import type { LedgerService } from '../../ledger/service.ts';
import type { Clock } from '../../ports.ts';
import { recorded } from '../../recorded.ts';
import { keyFingerprint } from '../../seal.ts';
import type { SigningKey } from '../../seal.ts';
import type { Session } from '../../session.ts';
import { identities, judgeIdentity, judgements, meetIdentity, nameIdentity } from './identity-queries.ts';
import type { StoredIdentity } from './identity-queries.ts';

export type Identity = CallOutput<'identity.rename'>;
export type Trust = Identity['trust'];

/** The signing key of the profile, made where there is none; and the public keys that the ledger names, the newest last. */
export interface Signing { key(): Promise<SigningKey>; known(): readonly Buffer[] }

/** What people are to this profile at one moment. Keys as they are written in events. */
export interface People {
  trustOf(author: string): Trust;
  /** The name that this profile gave, or its own; null for a key that nobody judged. */
  nameOf(author: string): string | null;
  /** The person behind a key, as this profile was told: one that is trusted, or itself under the name that it was given; null for any other key. */
  personOf(author: string): string | null;
}

export interface Identities {
  people(): People;
  /** The name under which this profile signs. */
  ownName(): string;
  list(): CallOutput<'identity.list'>;
  rename(name: string): Promise<Identity>;
  trust(input: ParsedInput<'identity.trust'>): Promise<Identity>;
}

export const fingerprintOf = (author: string): string => keyFingerprint(Buffer.from(author, 'base64'));

/** How a key that nobody vouches for is called: never as one that is known, whatever it calls itself. */
export const strangerName = (author: string, claimed: string | null): string => {
  const key = `key ${fingerprintOf(author).slice(0, 16)}`;
  return claimed === null ? key : `${visibleLine(claimed)} (${key})`;
};

export function createIdentities({ session, ledger, emitter, clock, actor, signing }: { readonly session: Session; readonly ledger: LedgerService; readonly emitter: Emitter; readonly clock: Clock; readonly actor: string; readonly signing: Signing }): Identities {
  const ownKeys = (): readonly string[] => signing.known().map((key) => key.toString('base64'));

  function trustOf(stored: Pick<StoredIdentity, 'judged'> | undefined, isSelf: boolean): Trust {
    if (isSelf) return 'self';
    if (stored?.judged === undefined || stored.judged === null) return 'not-trusted-yet';
    return stored.judged.isTrusted ? 'trusted' : 'distrusted';
  }

  function people(): People {
    const own = new Set(ownKeys());
    const known = new Map(judgements(session.read()).map((each) => [each.publicKey, each]));
    const trustedName = (author: string): string | null => (known.get(author)?.judged?.isTrusted === true ? known.get(author)?.judged?.name ?? null : null);
    return {
      trustOf: (author) => trustOf(known.get(author), own.has(author)),
      nameOf: (author) => (own.has(author) ? known.get(author)?.name ?? actor : trustedName(author)),
      // A user of a computer is no person: many are called alike.
      personOf: (author) => (own.has(author) ? known.get(author)?.name ?? null : trustedName(author)),
    };
  }

  const shown = (stored: StoredIdentity, own: ReadonlySet<string>): Identity => ({
    fingerprint: fingerprintOf(stored.publicKey), publicKey: stored.publicKey, name: own.has(stored.publicKey) ? stored.name ?? actor : stored.judged?.name ?? stored.name, trust: trustOf(stored, own.has(stored.publicKey)),
    firstSeenAt: formatInstantUs(stored.firstSeenUs), runs: stored.runs,
  });

  function find(publicKey: string): Identity {
    const stored = identities(session.read()).find((each) => each.publicKey === publicKey);
    if (stored === undefined) throw new Error('an identity that was written is not there');
    return shown(stored, new Set(ownKeys()));
  }

  return {
    people,
    ownName() {
      const newest = ownKeys().at(-1);
      return newest === undefined ? actor : people().nameOf(newest) ?? actor;
    },
    list() {
      const own = ownKeys();
      const all = identities(session.read());
      const newest = all.find(({ publicKey }) => publicKey === own.at(-1));
      return { self: newest === undefined ? null : shown(newest, new Set(own)), others: all.filter((each) => each !== newest).map((each) => shown(each, new Set(own))) };
    },
    async rename(name) {
      const publicKey = (await signing.key()).publicKey.toString('base64');
      await recorded(ledger, { action: 'identity.renamed', deployment: null, subject: fingerprintOf(publicKey), outcome: `name ${name}` }, () => {
        const db = session.write();
        db.transaction(() => {
          meetIdentity(db, { publicKey, nowUs: clock.now() * 1000 });
          nameIdentity(db, { publicKey, name });
        });
      });
      emitter.emit('identity.changed', {});
      return find(publicKey);
    },
    async trust({ fingerprint, name, isTrusted }) {
      const own = new Set(ownKeys());
      const found = judgements(session.read()).find(({ publicKey }) => fingerprintOf(publicKey) === fingerprint);
      if (found === undefined) throw new AppError('identity_not_found', { message: 'No key with this fingerprint was met. Nothing was changed.', hint: 'Import a file of that person first, then compare the fingerprint with them.' });
      if (own.has(found.publicKey)) throw new AppError('invalid_input', { message: 'This is a key of this profile. Nothing was changed.', hint: 'Choose the key of somebody else.' });
      await recorded(ledger, { action: 'identity.trusted', deployment: null, subject: fingerprint, outcome: `${isTrusted ? 'trusted' : 'not trusted'} as ${name}` }, () => judgeIdentity(session.write(), { publicKey: found.publicKey, name, isTrusted, nowUs: clock.now() * 1000 }));
      emitter.emit('identity.changed', {});
      return find(found.publicKey);
    },
  };
}
