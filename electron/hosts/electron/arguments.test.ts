// Tests of this host's command line: what is a window, what a command, and what is refused.
import { describe, expect, it } from 'vitest';
import { readArguments, UsageError } from './arguments.ts';
import type { ArgumentsSource } from './arguments.ts';

function read(words: readonly string[], over: Partial<ArgumentsSource> = {}): ReturnType<typeof readArguments> {
  return readArguments({ argv: ['holdfast', ...words], env: {}, cwd: '/home/a', isRelease: true, platform: 'linux', ...over });
}

const DANGEROUS = [
  '--inspect', '--inspect=0', '--inspect-brk', '--inspect-port=1', '--remote-debugging-port=9222', '--remote-debugging-pipe', '--remote-allow-origins=*', '--js-flags=--allow-natives-syntax',
  '--no-sandbox', '--disable-gpu-sandbox', '--disable-setuid-sandbox', '--disable-web-security', '--disable-site-isolation-trials', '--load-extension=/tmp/x', '--host-rules=MAP * evil',
  '--host-resolver-rules=MAP * 127.0.0.1', '--proxy-server=evil:1', '--ignore-certificate-errors', '--allow-running-insecure-content', '--renderer-cmd-prefix=xterm -e gdb',
  '--gpu-launcher=/tmp/x', '--utility-cmd-prefix=/tmp/x', '--user-data-dir=/tmp/x', '--log-net-log=/tmp/x', '--ssl-key-log-file=/tmp/x', '--enable-blink-features=X', '--single-process',
  '--in-process-gpu', '--unsafely-treat-insecure-origin-as-secure=http://x', '--require=/tmp/x.js', '-r', '-e', '--INSPECT', '-inspect',
];

describe('the command line of the Electron host', () => {
  it.each(DANGEROUS)('R14: a packaged program does not start with %s, neither the window nor a command', (word) => {
    expect(() => read([word])).toThrow(UsageError);
    expect(() => read(['--profile', '/p', word])).toThrow(UsageError);
    expect(() => read([word, 'audit', 'list', 'Acme'])).toThrow(UsageError);
  });

  it.each(['--some-new-switch', '--profile-directory=x', '-x', '--enable-experimental'])('R14: the window refuses %s, because nobody here knows it', (word) => {
    expect(() => read([word])).toThrow(UsageError);
  });

  it('R14: on Windows a switch may begin with a slash', () => {
    expect(() => read(['/inspect'], { platform: 'win32' })).toThrow(UsageError);
    expect(() => read(['/remote-debugging-port=1'], { platform: 'win32' })).toThrow(UsageError);
  });

  it('lets through what only changes how things look', () => {
    expect(read(['--ozone-platform=wayland', '--force-device-scale-factor=2', '-psn_0_1'])).toMatchObject({ kind: 'window' });
  });

  it('takes profile and store', () => {
    expect(read(['--profile', '/p', '--secrets', 'memory'])).toEqual({ kind: 'window', profileDir: '/p', store: 'memory' });
    expect(read(['--profile=sub/dir'])).toEqual({ kind: 'window', profileDir: '/home/a/sub/dir', store: null });
    expect(read([], { env: { HOLDFAST_PROFILE: '/q' } })).toMatchObject({ profileDir: '/q' });
    expect(() => read(['--profile='])).toThrow(/needs a directory/);
    expect(() => read(['--profile'])).toThrow(/needs a directory/);
    expect(() => read(['--secrets', 'paper'])).toThrow(/--secrets is one of/);
  });

  it.each([[['audit', 'list', 'Acme', '--limit', '5']], [['--json', 'deployment', 'list']], [['--profile', '/p', 'doctor']], [['--help']], [['-h']], [['--version', '--json']], [['frob']]])('hands %j to the command line program as it stands', (words) => {
    expect(read(words)).toEqual({ kind: 'command', words });
  });

  it('in a checkout lets developers in, and skips the app folder', () => {
    const argv = ['electron', '--no-sandbox', '--inspect=0', '/checkout/tree', '--profile', '/p'];
    expect(readArguments({ argv, env: {}, cwd: '/', isRelease: false, platform: 'linux' })).toEqual({ kind: 'window', profileDir: '/p', store: null });
    expect(readArguments({ argv: ['electron', '/checkout/tree', 'ledger', 'verify'], env: {}, cwd: '/', isRelease: false, platform: 'linux' })).toEqual({ kind: 'command', words: ['ledger', 'verify'] });
  });
});
