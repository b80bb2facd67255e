// XML as it lies in a file: elements with the places of their bytes, nothing resolved from anywhere. A DOCTYPE, an entity of its own, and whatever is not well-formed is refused.

/** Places are offsets of bytes; `start` and `end` enclose the content. */
export interface XmlElement {
  readonly name: string;
  readonly children: readonly XmlElement[];
  readonly start: number;
  readonly end: number;
  /** `<name/>`: then `start` and `end` are the place of its slash. */
  readonly isEmptyTag: boolean;
  /** Text and CDATA, decoded, with line ends as \n; null where something other than text stands in it. */
  readonly text: string | null;
}

export interface XmlFile { readonly root: XmlElement; /** As the declaration says; UTF-8 when it says nothing. */ readonly encoding: 'utf-8' | 'windows-1252' | 'us-ascii' }

export class XmlFault extends Error {
  /** From 1. */
  readonly line: number;
  constructor(message: string, line: number) {
    super(message);
    this.line = line;
  }
}

const DEPTH_MAX = 64;
const NAME = /[A-Za-z_:\x80-\xff][-A-Za-z0-9._:\x80-\xff]*/y;
const ATTRIBUTE = /[ \t\r\n]+([A-Za-z_:\x80-\xff][-A-Za-z0-9._:\x80-\xff]*)[ \t\r\n]*=[ \t\r\n]*(?:"([^"<]*)"|'([^'<]*)')/y;
const TAG_END = /[ \t\r\n]*(\/?)>/y;
const REFERENCE = /&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|(amp|lt|gt|quot|apos));/g;
const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const ENCODINGS: Readonly<Record<string, XmlFile['encoding']>> = { 'utf-8': 'utf-8', utf8: 'utf-8', 'us-ascii': 'us-ascii', ascii: 'us-ascii', 'iso-8859-1': 'windows-1252', latin1: 'windows-1252', 'windows-1252': 'windows-1252' };

/** What XML 1.0 lets stand in a document. */
const isCharacter = (code: number): boolean => code === 9 || code === 10 || code === 13 || (code >= 0x20 && code <= 0xd7ff) || (code >= 0xe000 && code <= 0xfffd) || (code >= 0x10000 && code <= 0x10ffff);

interface Open { readonly name: string; readonly start: number; readonly children: XmlElement[]; readonly parts: string[]; isTextOnly: boolean }

/** @throws XmlFault */
export function readXml(bytes: Buffer): XmlFile {
  // One character for each byte: every place is a place of the file.
  const source = bytes.toString('latin1');
  const fault = (message: string, at: number): XmlFault => new XmlFault(message, source.slice(0, at).split('\n').length);
  if (source.startsWith('\xff\xfe') || source.startsWith('\xfe\xff') || source.slice(0, 4).includes('\0')) throw fault('it is written in UTF-16; save it as UTF-8', 0);
  let at = source.startsWith('\xef\xbb\xbf') ? 3 : 0;
  const declaration = /^<\?xml[ \t\r\n]([^?]*)\?>/.exec(source.slice(at, at + 1024));
  const named = /encoding[ \t\r\n]*=[ \t\r\n]*["']([-A-Za-z0-9._]+)["']/.exec(declaration?.[1] ?? '')?.[1]?.toLowerCase() ?? 'utf-8';
  const encoding = Object.hasOwn(ENCODINGS, named) ? ENCODINGS[named] : undefined;
  if (encoding === undefined) throw fault(`its encoding ${named} is not read`, 0);
  if (at === 3 && encoding !== 'utf-8') throw fault(`it says that it is written in ${named}, and begins as UTF-8`, 0);
  at += declaration?.[0].length ?? 0;
  const decoder = new TextDecoder(encoding === 'us-ascii' ? 'utf-8' : encoding, { fatal: true, ignoreBOM: true });

  function decoded(from: number, to: number): string {
    let text: string;
    try {
      text = decoder.decode(bytes.subarray(from, to));
    } catch {
      throw fault('it holds bytes that are no text in its encoding', from);
    }
    for (const character of text) if (!isCharacter(character.codePointAt(0) ?? 0)) throw fault('it holds a character that XML does not allow', from);
    return text.replaceAll(/\r\n?/g, '\n');
  }

  function resolved(from: number, to: number): string {
    const text = decoded(from, to);
    if (text.includes(']]>')) throw fault('"]]>" stands in a text', from);
    if (text.replace(REFERENCE, '').includes('&')) throw fault('it names an entity that is not one of XML itself', from);
    return text.replace(REFERENCE, (...parts) => {
      const [, decimal, hex, name] = parts as (string | undefined)[];
      if (name !== undefined) return NAMED[name] ?? '';
      const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
      if (!isCharacter(code)) throw fault('it names a character that XML does not allow', from);
      return String.fromCodePoint(code);
    });
  }

  const stack: Open[] = [];
  let root: XmlElement | null = null;

  function close(open: Open, element: Pick<XmlElement, 'start' | 'end' | 'isEmptyTag'>): void {
    const made: XmlElement = { name: open.name, children: open.children, ...element, text: open.isTextOnly ? open.parts.join('') : null };
    const parent = stack.at(-1);
    if (parent !== undefined) parent.children.push(made);
    else root = made;
  }

  function readText(to: number): void {
    const open = stack.at(-1);
    if (open !== undefined) open.parts.push(resolved(at, to));
    else if (/[^ \t\r\n]/.test(source.slice(at, to))) throw fault('text stands outside of its root', at);
    at = to;
  }

  function skipTo(end: string, what: string, from: number): number {
    const found = source.indexOf(end, at + from);
    if (found === -1) throw fault(`${what} is not closed`, at);
    return found;
  }

  function readStart(): void {
    const begin = at;
    NAME.lastIndex = at + 1;
    const [name] = NAME.exec(source) ?? [];
    if (name === undefined) throw fault('a tag has no name', at);
    if (root !== null && stack.length === 0) throw fault('it has more than one root', at);
    if (stack.length >= DEPTH_MAX) throw fault('its elements lie too deep', at);
    at = NAME.lastIndex;
    const attributes = new Set<string>();
    for (;;) {
      ATTRIBUTE.lastIndex = at;
      const [, attribute, double, single] = ATTRIBUTE.exec(source) ?? [];
      if (attribute === undefined) break;
      const value = ATTRIBUTE.lastIndex - 1 - (double ?? single ?? '').length;
      resolved(value, ATTRIBUTE.lastIndex - 1);
      if (attributes.has(attribute)) throw fault(`the attribute ${attribute} stands twice`, at);
      attributes.add(attribute);
      at = ATTRIBUTE.lastIndex;
    }
    TAG_END.lastIndex = at;
    const ended = TAG_END.exec(source);
    if (ended === null) throw fault('a tag is not closed', begin);
    at = TAG_END.lastIndex;
    const parent = stack.at(-1);
    if (parent !== undefined) parent.isTextOnly = false;
    const open: Open = { name, start: at, children: [], parts: [], isTextOnly: true };
    if (ended[1] === '/') close(open, { start: at - 2, end: at - 1, isEmptyTag: true });
    else stack.push(open);
  }

  function readEnd(): void {
    const to = skipTo('>', 'a tag', 0);
    const open = stack.pop();
    const name = source.slice(at + 2, to).replace(/[ \t\r\n]+$/, '');
    if (open?.name !== name) throw fault(`</${name.slice(0, 60)}> closes nothing that is open`, at);
    close(open, { start: open.start, end: at, isEmptyTag: false });
    at = to + 1;
  }

  /** What stands beside the text: a comment, or words to a program. */
  function aside(to: number, length: number): void {
    const open = stack.at(-1);
    if (open !== undefined) open.isTextOnly = false;
    decoded(at, to);
    at = to + length;
  }

  while (at < source.length) {
    if (source[at] !== '<') {
      const next = source.indexOf('<', at);
      readText(next === -1 ? source.length : next);
    } else if (source.startsWith('<!--', at)) {
      const to = skipTo('--', 'a comment', 4);
      if (source[to + 2] !== '>') throw fault('"--" stands in a comment', at);
      aside(to, 3);
    } else if (source.startsWith('<![CDATA[', at)) {
      const to = skipTo(']]>', 'a CDATA section', 9);
      const open = stack.at(-1);
      if (open === undefined) throw fault('text stands outside of its root', at);
      open.parts.push(decoded(at + 9, to));
      at = to + 3;
    } else if (source.startsWith('<!', at)) throw fault('it has a DOCTYPE or another declaration, which could name other files', at);
    else if (source.startsWith('<?', at)) {
      if (/^<\?xml[ \t\r\n?]/i.test(source.slice(at, at + 6))) throw fault('its declaration does not stand at its beginning', at);
      aside(skipTo('?>', 'an instruction', 2), 2);
    } else if (source.startsWith('</', at)) readEnd();
    else readStart();
  }
  const open = stack.at(-1);
  if (open !== undefined) throw fault(`<${open.name.slice(0, 60)}> is not closed`, source.length);
  if (root === null) throw fault('it has no element', 0);
  return { root, encoding };
}

/** Text as the content of an element. What the encoding may not have is written as a number. */
export function xmlText(text: string, { encoding, lineEnd }: { readonly encoding: XmlFile['encoding']; readonly lineEnd: '\n' | '\r\n' }): string {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('\r', '&#13;').replaceAll('\n', lineEnd);
  return encoding === 'utf-8' ? escaped : [...escaped].map((character) => ((character.codePointAt(0) ?? 0) < 0x80 ? character : `&#${character.codePointAt(0)};`)).join('');
}
