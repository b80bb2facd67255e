// What locks by itself and what clears itself: the idle lock and the clipboard (R32, R34).
import { describe, expect, it } from 'vitest';
import type { AppEvent } from '#shared/contract.ts';
import { code, value } from '../support/calls.ts';
import { fakeClipboard, fakeClock } from '../support/ports.ts';
import { useProfiles } from '../support/profiles.ts';

const { log, newProfile, open } = useProfiles();

describe('the idle lock (R32)', () => {
  it('locks after the set time without activity, drops the keys and says so; activity puts it off', async () => {
    const clock = fakeClock();
    const events: AppEvent[] = [];
    const app = await open(newProfile(), { store: 'keychain', ports: { clock } });
    app.onEvent((event) => events.push(event));
    await value(app, 'settings.set', { lockAfterMinutes: 2 });
    await clock.advance(100_000);
    await value(app, 'app.touch', {});
    await clock.advance(100_000);
    expect((await value(app, 'app.status', {})).state).toBe('open');
    await clock.advance(30_000);
    await expect.poll(async () => (await value(app, 'app.status', {})).state).toBe('locked');
    expect(events.filter((event) => event.name === 'app.locked')).toEqual([{ name: 'app.locked', payload: { why: 'idle' } }]);
    expect(await code(app, 'deployment.list', {})).toBe('profile_locked');
  });
  it('a machine that slept wakes up locked', async () => {
    const clock = fakeClock();
    const app = await open(newProfile(), { store: 'keychain', ports: { clock } });
    await clock.advance(20_000);
    clock.setWall(clock.now() + 3_600_000);
    await clock.advance(6_000);
    await expect.poll(async () => (await value(app, 'app.status', {})).state).toBe('locked');
  });
});

describe('the clipboard (R34)', () => {
  it('is cleared after the set time, only while it is still ours, and at lock', async () => {
    const clock = fakeClock();
    const clipboard = fakeClipboard();
    const app = await open(newProfile(), { store: 'keychain', ports: { clock, clipboard } });
    expect(await value(app, 'clipboard.copy', { text: 'opened payload' })).toEqual({ copied: true, clearsAfterSeconds: 30 });
    await clock.advance(29_000);
    expect(clipboard.text).toBe('opened payload');
    await clock.advance(2_000);
    await expect.poll(() => clipboard.text).toBe('');

    await value(app, 'clipboard.copy', { text: 'opened payload' });
    clipboard.text = 'something of the admin';
    await clock.advance(31_000);
    expect(clipboard.text).toBe('something of the admin');

    await value(app, 'clipboard.copy', { text: 'opened payload' });
    clipboard.readable = false;
    await clock.advance(31_000);
    expect(clipboard.text).toBe('opened payload');
    clipboard.readable = true;
    await clock.advance(6_000);
    await expect.poll(() => clipboard.text).toBe('');

    await value(app, 'clipboard.copy', { text: 'opened payload' });
    await value(app, 'app.lock', {});
    expect(clipboard.text).toBe('');
  });
});

it('nothing in this file was logged as an error: no undeclared code left a call, and no background work failed', () => {
  expect(log.lines.filter((line) => line.startsWith('error'))).toEqual([]);
});
