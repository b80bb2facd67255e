// Recognises what an error should keep to itself: names of drivers, traces, inner addresses. It gives a telling word of this list and never the text.

/** In this order: the first that is found is named. */
const TELLING: readonly (readonly [word: string, pattern: RegExp])[] = [
  ['psycopg', /\bpsycopg/i],
  ['asyncpg', /\basyncpg\b/i],
  ['sqlalchemy', /\bsqlalche(?:my|\.me)\b/i],
  ['sqlite3', /\bsqlite3?\b/i],
  ['pymysql', /\b(?:pymysql|MySQLdb|aiomysql)\b/i],
  ['pymongo', /\bpymongo\b/i],
  ['pymilvus', /\b(?:pymilvus|MilvusException)\b/i],
  ['duckdb', /\bduckdb\b/i],
  ['redis', /\bredis\.(?:exceptions|asyncio)|\bredis\S{0,40}\b(?:ConnectionError|TimeoutError)\b|\bError \d+ connecting to\b/i],
  ['Traceback', /\bTraceback \(most recent call last\)/],
  ['stack frame', /\bFile \\?"[^"\n]{1,300}\\?", line \d+|^\s+at \S.{0,200}:\d+:\d+\)?$/m],
  ['driver error', /\b(?:OperationalError|ProgrammingError|IntegrityError|InterfaceError|DatabaseError|InternalError)\b/],
  ['connection to server', /\bconnection to server at\b/i],
  ['Errno', /\[Errno -?\d+\]/],
  ['connection string', /\b(?:postgres(?:ql)?|mysql|mongodb|rediss?|amqps?)(?:\+[a-z0-9]+)?:\/\//i],
  ['host and port', /\b(?:host|server at|connect(?:ion|ing)? to)\b.{0,80}\bport\b\D{0,4}\d{2,5}|(?<![\w./-])(?:localhost|\d{1,3}(?:\.\d{1,3}){3}|[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,6}):\d{2,5}\b/i],
];

/** More than this is not looked through: an error says what it has to say early. */
const MOST = 65_536;

/** The first telling word; null when there is none. */
export function tellingWord(text: string): string | null {
  const looked = text.slice(0, MOST);
  return TELLING.find(([, pattern]) => pattern.test(looked))?.[0] ?? null;
}
