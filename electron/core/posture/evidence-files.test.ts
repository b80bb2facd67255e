import { expect, it } from 'vitest';
import { AppError } from '#shared/errors.ts';
import { recogniseConfiguration } from './evidence-files.ts';

const file = (name: string, text: string | Buffer) => ({ name, sha256: '', bytes: Buffer.from(text) });
const CONFIG = '{"server": {"port": 8000}, "security": {"frame_options": "DENY"}}';

it('knows a configuration by its content, with a byte order mark and with line ends of Windows too', () => {
  for (const text of [CONFIG, `\ufeff${CONFIG}`, CONFIG.replaceAll(', ', ',\r\n')]) expect(recogniseConfiguration(file('production.json', text))).toMatchObject({ document: 'config', value: { server: { port: 8000 } }, hidden: 0 });
  expect(recogniseConfiguration(file('x.yml', '\ufeffnetwork: { tls: {} }\r\ncompliance: {}\r\n'))).toMatchObject({ document: 'security_yml' });
});

it.each<[string, string | Buffer]>([['a comment', `// mine\n${CONFIG}`], ['a key twice', `${CONFIG.slice(0, -1)}, "server": {}}`], ['UTF-16', Buffer.from(CONFIG, 'utf16le')], ['another file', '{"a": 1}'], ['a list', '[]']])('refuses %s and says why, once', (_what, text) => {
  try {
    recogniseConfiguration(file('production.json', text));
  } catch (error) {
    expect(error).toBeInstanceOf(AppError);
    expect((error as AppError).code).toBe('unknown_format');
    expect((error as AppError).message.match(/Nothing/g)).toHaveLength(1);
    return;
  }
  throw new Error('it was taken');
});
