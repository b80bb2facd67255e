// XML as it lies in a file: what is well-formed is read with its places, everything else is refused, and nothing is fetched.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readXml, XmlFault, xmlText } from './xml.ts';

const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? 20261122);
const numRuns = process.env['HOLDFAST_TEST_LONG'] === '1' ? 1000 : 200;
const read = (text: string) => readXml(Buffer.from(text));

describe('XML', () => {
  it.each([
    ['<a>x</a>', 'x'], ['<a/>', ''], ['<a />', ''], ['<a></a>', ''], ['\ufeff<?xml version="1.0" encoding="utf-8"?>\n<!-- c -->\n<a b="1" c=\'2\'>x &amp; &lt;&gt;&quot;&apos; &#228;&#xE4;&#x1F600;</a>\n<!-- d -->', 'x & <>"\' ää😀'],
    ['<a>one\r\ntwo\rthree</a>', 'one\ntwo\nthree'], ['<a>x<![CDATA[<b>&amp;]]]]><![CDATA[>]]></a>', 'x<b>&amp;]]>'], ['<a b="x>y">z</a>', 'z'], ['<a\n\tb = "1"\n>z</a >', 'z'],
  ])('%j holds %j', (text, content) => {
    expect(read(text).root.text).toBe(content);
  });

  it('tells the places of contents in bytes', () => {
    const bytes = Buffer.from('<a>ä<b>öü</b><c/></a>');
    const { children: [b, c], text } = readXml(bytes).root;
    expect(bytes.subarray(b?.start, b?.end).toString()).toBe('öü');
    expect(c).toMatchObject({ isEmptyTag: true, text: '' });
    expect(bytes.subarray(c?.start, c?.end).toString()).toBe('/');
    expect(text).toBeNull();
  });

  it.each([
    ['a DOCTYPE', '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'], ['a DOCTYPE in small letters', '<!doctype a><a/>'], ['an entity of its own', '<a>&x;</a>'], ['an entity in an attribute', '<a b="&x;"/>'], ['a bare ampersand', '<a>a & b</a>'], ['a declaration inside', '<a><!ELEMENT b></a>'],
    ['nothing', ''], ['text alone', 'x'], ['text outside', '<a/>x'], ['two roots', '<a/><b/>'], ['what is not closed', '<a><b></a>'], ['what was not open', '<a></a></b>'], ['an open end', '<a>'], ['an open tag', '<a'], ['an attribute twice', '<a b="1" b="2"/>'], ['an attribute without quotes', '<a b=1/>'], ['a tag in an attribute', '<a b="<c>"/>'],
    ['an open comment', '<a><!-- x</a>'], ['a comment with two dashes', '<a><!-- x -- y --></a>'], ['an open CDATA', '<a><![CDATA[x</a>'], ['CDATA outside', '<![CDATA[x]]><a/>'], ['an end of CDATA in a text', '<a>]]></a>'], ['a NUL', '<a>\0</a>'], ['a control character', '<a>\u0001</a>'], ['one by number', '<a>&#1;</a>'], ['a surrogate by number', '<a>&#xD800;</a>'], ['a number out of reach', '<a>&#x110000;</a>'],
    ['a name that is none', '<1a/>'], ['a declaration later', '<a/><?xml version="1.0"?>'], ['a mark of UTF-8 and another encoding', '\ufeff<?xml version="1.0" encoding="windows-1252"?><a/>'], ['an unknown encoding', '<?xml version="1.0" encoding="utf-7"?><a/>'], ['too many floors', `${'<a>'.repeat(65)}${'</a>'.repeat(65)}`],
  ])('refuses %s', (_what, text) => {
    expect(() => read(text)).toThrow(XmlFault);
  });

  it('refuses UTF-16 and bytes that are no UTF-8, and reads Latin 1 as it is declared', () => {
    expect(() => readXml(Buffer.from('\ufeff<a/>', 'utf16le'))).toThrow(XmlFault);
    expect(() => readXml(Buffer.from('<a/>', 'utf16le'))).toThrow(XmlFault);
    expect(() => readXml(Buffer.from('<a>\xe4</a>', 'latin1'))).toThrow(XmlFault);
    expect(readXml(Buffer.from('<?xml version="1.0" encoding="ISO-8859-1"?><a>\xe4</a>', 'latin1'))).toMatchObject({ encoding: 'windows-1252', root: { text: 'ä' } });
  });

  it('says the line of what is wrong', () => {
    expect(() => read('<a>\n<b>\n</c></a>')).toThrow(expect.objectContaining({ line: 3 }) as Error);
  });

  it('reads back whatever text is written into it, in each encoding and line end', () => {
    const text = fc.string({ unit: 'grapheme' }).map((made) => made.replaceAll(/[\r\p{Cc}\p{Cs}\ufffe\uffff]/gu, '\n'));
    fc.assert(fc.property(text, fc.constantFrom('utf-8', 'windows-1252', 'us-ascii'), fc.constantFrom('\n', '\r\n'), (made, encoding, lineEnd) => {
      expect(read(`<?xml version="1.0" encoding="${encoding}"?><a>${xmlText(made, { encoding, lineEnd } as const)}</a>`).root.text).toBe(made);
    }), { seed, numRuns });
  });

  it('never fails but by a refusal', () => {
    fc.assert(fc.property(fc.array(fc.constantFrom('<', '>', '/', 'a', '"', '=', ' ', '&', '!', '-', '[', ']', 'CDATA[', '?', 'xml', ';', '#', '1', 'é'), { maxLength: 40 }), (parts) => {
      try {
        read(parts.join(''));
      } catch (error) {
        expect(error).toBeInstanceOf(XmlFault);
      }
    }), { seed, numRuns: numRuns * 5 });
  });
});
