import fc from 'fast-check';
import { expect, it } from 'vitest';
import { HIDDEN, hideSecrets } from './hide-secrets.ts';

const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? 1);
const numRuns = process.env['HOLDFAST_TEST_LONG'] === '1' ? 1000 : 200;

it.each<[string, string]>([
  [`https://public:${'SUMMER2026'}@o1.ingest.test/4`, 'https://(hidden)@o1.ingest.test/4'],
  ['postgresql+asyncpg://karen:p@ss@db.internal:5432/karen', 'postgresql+asyncpg://(hidden)@db.internal:5432/karen'],
  ['https://traces.test/api?api_key=k-1234&x=1', 'https://traces.test/api?api_key=(hidden)&x=1'],
  ['Server=db;Password=hunter2;Pool=5', 'Server=db;Password=(hidden);Pool=5'],
  ['Authorization: Bearer abc.def', 'Authorization: Bearer (hidden)'],
  ['sk-proj-abcdefghijklmnop1234', HIDDEN], [`AKIA${'IOSFODNN7EXAMPLE'}`, HIDDEN], ['-----BEGIN RSA PRIVATE KEY-----\nabc', HIDDEN],
])('hides what is a secret wherever it stands: %s', (text, shown) => expect(hideSecrets({ a: [text] })).toEqual({ value: { a: [shown] }, hidden: 1 }));

it.each(['password', 'db_password', 'api_key', 'apiKey', 'client_secret', 'token', 'access-token', 'dsn', 'webhook_key', 'connection_string'])('hides what is named %s', (name) => {
  expect(hideSecrets({ a: { [name]: 'SUMMER2026' } })).toEqual({ value: { a: { [name]: HIDDEN } }, hidden: 1 });
  expect(hideSecrets({ a: { [name]: ['one', 'two'] } }).hidden).toBe(2);
  expect(hideSecrets({ a: { [name]: 123_456 } }).value).toEqual({ a: { [name]: HIDDEN } });
});

it('a secret that is an address keeps its host', () => {
  expect(hideSecrets({ dsn: 'https://abc123@o1.ingest.test/4' }).value).toEqual({ dsn: 'https://(hidden)@o1.ingest.test/4' });
  expect(hideSecrets({ dsn: 'https://hooks.test/abc123' }).value).toEqual({ dsn: HIDDEN });
});

it('leaves placeholders, and what is no secret, as they are', () => {
  const plain = {
    dsn: 'SENTRY_DSN', password: '${DB_PASSWORD}', tracking_id: 'GA_TRACKING_ID', ssl_key_path: '/etc/ssl/private/own.key', secure_cookies: true, backup_codes: 10, password_policy: { min_length: 12, forbidden_patterns: ['password', 'admin'] },
    script_src: ["'self'", "'unsafe-inline'"], connect_src: ['wss://api.test', 'https://api.test'], primary_contact: 'security@own.test', key_rotation_days: 90, ['__proto__']: { a: 1 },
  };
  expect(hideSecrets(plain)).toEqual({ value: plain, hidden: 0 });
});

it('nothing else is changed, and what was hidden stays hidden', () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    const once = hideSecrets(value as never).value;
    expect(hideSecrets(once).value).toEqual(once);
  }), { seed, numRuns });
});
