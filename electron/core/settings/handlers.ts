// Preferences: read from and written to profile.json.
import type { CallsOf, Handlers } from '../dispatch.ts';
import type { Emitter } from '../emitter.ts';
import type { Session } from '../session.ts';

export function settingsHandlers({ session, emitter }: { session: Session; emitter: Emitter }): Handlers<CallsOf<'settings'>> {
  return {
    'settings.get': () => session.profile().settings,
    'settings.set': (change) => {
      const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
      session.saveProfile({ settings: { ...session.profile().settings, ...given } });
      emitter.emit('settings.changed', {});
      return session.profile().settings;
    },
  };
}
