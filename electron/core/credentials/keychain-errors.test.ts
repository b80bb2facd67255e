// Keeps which native message is which state. The Linux messages were taken from the real daemons; test/integration/keychain.test.ts meets them live.
import { describe, expect, it } from 'vitest';
import { busIsMissing, classify, keychainError, loadError } from './keychain-errors.ts';

const WITH_BUS = { DBUS_SESSION_BUS_ADDRESS: 'tcp:host=localhost' };

describe('classify', () => {
  it.each([
    ['Cannot autolaunch D-Bus without X11 $DISPLAY', 'keychain_no_bus'],
    ['Could not connect: No such file or directory', 'keychain_no_bus'],
    ['Could not connect: Connection refused', 'keychain_no_bus'],
    ['The connection is closed', 'keychain_no_bus'],
    ['The name org.freedesktop.secrets was not provided by any .service files', 'keychain_no_service'],
    ['Object does not exist at path “/org/freedesktop/secrets/collection/login”', 'keychain_no_service'],
    ['Objekt im Pfad »/org/freedesktop/secrets/collection/login« existiert nicht', 'keychain_no_service'],
    ['Cannot create an item in a locked collection', 'keychain_locked'],
    ['Rejected send message, 2 matched rules; type="method_call", sender=":1.1" (uid=0) interface="org.freedesktop.Secret.Service" member="OpenSession" destination=":1.0"', 'keychain_denied'],
    ['User interaction is not allowed.', 'keychain_locked'],
    ['The user name or passphrase you entered is not correct.', 'keychain_denied'],
    ['Something nobody has seen before', 'keychain_failed'],
  ] as const)('R26: %s is %s', (message, code) => {
    expect(classify(message, 'linux', WITH_BUS)).toBe(code);
  });

  it('R26: where the message is translated, a missing bus is recognised by its missing socket, on Linux only', () => {
    const translated = 'Verbindung konnte nicht hergestellt werden: Datei oder Verzeichnis nicht gefunden';
    expect(classify(translated, 'linux', {})).toBe('keychain_no_bus');
    expect(classify(translated, 'linux', { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nonexistent/bus' })).toBe('keychain_no_bus');
    expect(classify(translated, 'linux', WITH_BUS)).toBe('keychain_failed');
    expect(classify(translated, 'darwin', {})).toBe('keychain_failed');
  });

  it('busIsMissing reads addresses as D-Bus spells them', () => {
    const exists = (path: string): boolean => path === '/run/user/1/bus' || path === '/tmp/with space';
    expect(busIsMissing({ XDG_RUNTIME_DIR: '/run/user/1' }, exists)).toBe(false);
    expect(busIsMissing({ XDG_RUNTIME_DIR: '/run/user/2' }, exists)).toBe(true);
    expect(busIsMissing({ DBUS_SESSION_BUS_ADDRESS: 'unix:path=/run/user/1/bus,guid=ab' }, exists)).toBe(false);
    expect(busIsMissing({ DBUS_SESSION_BUS_ADDRESS: 'unix:guid=ab,path=/tmp/with%20space' }, exists)).toBe(false);
    expect(busIsMissing({ DBUS_SESSION_BUS_ADDRESS: 'unix:path=/gone;unix:path=/run/user/1/bus' }, exists)).toBe(false);
    expect(busIsMissing({ DBUS_SESSION_BUS_ADDRESS: 'unix:path=/gone,guid=ab' }, exists)).toBe(true);
    expect(busIsMissing({ DBUS_SESSION_BUS_ADDRESS: 'unix:path=/bad%zz' }, exists)).toBe(true);
    expect(busIsMissing({ DBUS_SESSION_BUS_ADDRESS: 'unix:abstract=/tmp/x' }, exists)).toBe(false);
  });

  it('every error says what was kept and what to do, and the missing library names its package', () => {
    for (const message of ['Could not connect', 'ServiceUnknown', 'locked collection', 'AccessDenied', 'unheard of']) {
      for (const writes of [true, false]) {
        const error = keychainError(new Error(message), writes);
        expect(error.message).toMatch(/Nothing was (stored or removed|changed)/);
        expect(error.hint).not.toBe('');
        expect(error.message).not.toContain(message);
      }
    }
    expect(loadError(new Error('libsecret-1.so.0: cannot open shared object file'))).toMatchObject({ code: 'keychain_no_service' });
    if (process.platform === 'linux') expect(loadError(new Error('x')).hint).toContain('libsecret-1-0');
  });
});
