// Keeps the recogniser of driver texts: every kind is named by its word, ordinary errors by none, and no text comes out.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tellingWord } from './leaks.ts';

const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? 1);

describe('telling words', () => {
  it.each([
    ['psycopg', '{"detail":"Failed to retrieve audit logs: (psycopg.OperationalError) connection failed: connection to server at \\"127.0.0.1\\", port 15499 failed: Connection refused"}'],
    ['psycopg', 'psycopg2.errors.UndefinedTable: relation does not exist'],
    ['sqlalchemy', '(Background on this error at: https://sqlalche.me/e/20/e3q8)'],
    ['sqlite3', '{"detail":"(sqlite3.OperationalError) no such table: audit"}'],
    ['asyncpg', 'asyncpg.exceptions.InvalidPasswordError: password authentication failed'],
    ['duckdb', 'duckdb.IOException: could not set lock on file'],
    ['redis', 'redis.exceptions.ConnectionError: Error 111 connecting to cache'],
    ['pymilvus', '<MilvusException: (code=2, message=Fail connecting to server)>'],
    ['Traceback', 'Traceback (most recent call last):\n  File "/app/x.py", line 3'],
    ['stack frame', '{"error":"File \\"/app/backend/main.py\\", line 120, in call"}'],
    ['stack frame', 'Error\n    at Object.run (/app/server.js:10:5)'],
    ['driver error', '{"detail":"OperationalError: timeout"}'],
    ['connection to server', 'connection to server at "db" failed'],
    ['Errno', '{"detail":"Unauthorized: [Errno -2] Name or service not known"}'],
    ['connection string', 'cannot reach postgresql://app:secret@db.internal/app'],
    ['host and port', '{"detail":"could not connect to 10.0.3.7:5432"}'],
    ['host and port', '{"detail":"upstream db.internal.example:6379 refused"}'],
    ['host and port', 'host "db", port 5432'],
  ])('%s', (word, text) => {
    expect(tellingWord(text)).toBe(word);
  });

  it.each([
    '{"detail":"Not Found"}', '{"detail":"Invalid or expired token","error_code":"UNAUTHORIZED","request_id":"0bef385b-cc45-4436-8c23-0a241e2cabff"}', '{"detail":"Internal server error","error_code":"INTERNAL_ERROR"}',
    '{"detail":[{"type":"int_parsing","loc":["query","limit"],"msg":"Input should be a valid integer","input":"not-a-number","url":"https://errors.pydantic.dev/2.5/v/int_parsing"}]}',
    '{"ok":false,"checks":[{"name":"db","ok":false,"latency_ms":1,"detail":"check failed"},{"name":"redis","ok":true,"latency_ms":2,"detail":"ok"}]}',
    '{"timestamp":"2026-11-22T05:41:32.576690+00:00","version":"3.11.2"}', '{"detail":"Rate limit exceeded. Please retry later.","retry_after":12}', 'Disallowed CORS origin', '',
    '{"status":"degraded","checks":{"database":{"status":"healthy","message":"Connected"},"environment":{"status":"incomplete","message":"Missing: BACKEND_PUBLIC_URL"}}}',
  ])('an ordinary answer has none: %s', (text) => {
    expect(tellingWord(text)).toBeNull();
  });

  it('whatever is around it, only a word of the list comes out', () => {
    fc.assert(fc.property(fc.string({ maxLength: 300 }), fc.string({ maxLength: 300 }), (before, after) => {
      const word = tellingWord(`${before} (psycopg.OperationalError) ${after}`);
      expect(word).not.toBeNull();
      expect((word ?? '').length).toBeLessThan(24);
    }), { seed, numRuns: 300 });
  });

  it('a long hostile text is looked through in a moment, and not to its end', () => {
    for (const piece of ['connection to ', 'a.', 'File "', 'redis', '127.0.0.1', 'host ']) expect(() => tellingWord(piece.repeat(100_000))).not.toThrow();
    expect(tellingWord(`${'x'.repeat(70_000)} psycopg`)).toBeNull();
  });
});
