// Tests of the default profile directory on the three operating systems.
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { defaultProfileDirectory } from './default-directory.ts';

describe('the default profile directory', () => {
  it('follows XDG_DATA_HOME on Linux, but not a relative one', () => {
    expect(defaultProfileDirectory({ platform: 'linux', home: '/home/a', env: {} })).toBe('/home/a/.local/share/holdfast');
    expect(defaultProfileDirectory({ platform: 'linux', home: '/home/a', env: { XDG_DATA_HOME: '/data' } })).toBe('/data/holdfast');
    expect(defaultProfileDirectory({ platform: 'linux', home: '/home/a', env: { XDG_DATA_HOME: 'data' } })).toBe('/home/a/.local/share/holdfast');
  });

  it('uses what macOS and Windows set aside', () => {
    expect(defaultProfileDirectory({ platform: 'darwin', home: '/Users/a', env: {} })).toBe('/Users/a/Library/Application Support/Holdfast');
    expect(defaultProfileDirectory({ platform: 'win32', home: '/u', env: { LOCALAPPDATA: '/local' } })).toBe(join('/local', 'Holdfast'));
    expect(defaultProfileDirectory({ platform: 'win32', home: '/u', env: {} })).toBe(join('/u', 'AppData', 'Local', 'Holdfast'));
  });
});
