// The older XML checklist (.ckl): its rows, and the same file with a reviewer's fields written. Every byte that is not the content of such a field stays as it came.
import type { Checklist, ChecklistRow, Status } from './rows.ts';
import { readXml, xmlText } from './xml.ts';
import type { XmlElement, XmlFile } from './xml.ts';

const WORDS = { not_reviewed: 'Not_Reviewed', open: 'Open', not_a_finding: 'NotAFinding', not_applicable: 'Not_Applicable' } as const satisfies Record<Status, string>;
const STATUS_OF = new Map<string, Status>((Object.entries(WORDS) as [Status, string][]).map(([status, word]) => [word.toLowerCase(), status]));

interface Vuln { readonly row: ChecklistRow; readonly elements: ReadonlyMap<string, XmlElement> }

const named = (element: XmlElement, name: string): readonly XmlElement[] => element.children.filter((child) => child.name === name);
const textOf = (element: XmlElement, name: string): string => named(element, name)[0]?.text?.trim() ?? '';

const FIELDS = ['STATUS', 'FINDING_DETAILS', 'COMMENTS', 'SEVERITY_OVERRIDE', 'SEVERITY_JUSTIFICATION'] as const;
/** Those that a run writes; it knows no severity of a step, so that an override stays as it is. */
const WRITTEN = { status: 'STATUS', details: 'FINDING_DETAILS', comments: 'COMMENTS' } as const;
const IDS = ['Vuln_Num', 'Rule_ID', 'Rule_Ver', 'LEGACY_ID'];

function fieldsIn(elements: ReadonlyMap<string, XmlElement>, doubled: string | null): ChecklistRow['fields'] {
  if (doubled !== null) return { problem: `${doubled} stands twice in it.` };
  for (const name of Object.values(WRITTEN)) {
    const element = elements.get(name);
    if (element === undefined) return { problem: `It has no ${name}.` };
    if (element.text === null) return { problem: `Something other than text stands in its ${name}.` };
  }
  const text = (name: (typeof FIELDS)[number]): string => elements.get(name)?.text ?? '';
  const status = STATUS_OF.get(text('STATUS').trim().toLowerCase());
  if (status === undefined) return { problem: `Its status ${JSON.stringify(text('STATUS').trim().slice(0, 40))} is none.` };
  const override = text('SEVERITY_OVERRIDE').trim();
  return { status, details: text('FINDING_DETAILS'), comments: text('COMMENTS'), override: override === '' ? '' : [override, text('SEVERITY_JUSTIFICATION').trim()].filter((part) => part !== '').join(': ') };
}

function vulnOf(element: XmlElement, row: number): Vuln {
  const data = named(element, 'STIG_DATA').map((each) => [textOf(each, 'VULN_ATTRIBUTE'), textOf(each, 'ATTRIBUTE_DATA')] as const);
  const ids = IDS.flatMap((wanted) => data.filter(([name, value]) => name === wanted && value !== '').map(([, value]) => value));
  const elements = new Map<string, XmlElement>();
  let doubled: string | null = null;
  for (const name of FIELDS) {
    const [first, second] = named(element, name);
    if (first !== undefined) elements.set(name, first);
    if (second !== undefined) doubled ??= name;
  }
  return { elements, row: { row, id: ids[0] ?? '', ids, fields: fieldsIn(elements, doubled), textDigest: null, packId: null } };
}

/** Only carriage returns at every line end make it a file of that kind. */
const lineEndOf = (bytes: Buffer): '\n' | '\r\n' => {
  const text = bytes.toString('latin1');
  const crlf = text.split('\r\n').length - 1;
  return crlf > 0 && crlf * 2 > text.split('\n').length - 1 ? '\r\n' : '\n';
};

interface Patch { readonly start: number; readonly end: number; readonly bytes: Buffer }

function patchOf(element: XmlElement, text: string, { encoding, lineEnd }: { readonly encoding: XmlFile['encoding']; readonly lineEnd: '\n' | '\r\n' }): Patch | null {
  if (element.text === text) return null;
  const content = xmlText(text, { encoding, lineEnd });
  // The slash of an empty tag gives way to the end of the tag, the content and an end tag without its last sign, which is there.
  const written = element.isEmptyTag ? `>${content}</${element.name}` : content;
  return { start: element.start, end: element.end, bytes: Buffer.from(written) };
}

/** @throws XmlFault; null: it is XML, and no checklist */
export function readCkl(bytes: Buffer): Checklist | null {
  const { root, encoding } = readXml(bytes);
  if (root.name !== 'CHECKLIST') return null;
  const vulns = named(root, 'STIGS').flatMap((stigs) => named(stigs, 'iSTIG')).flatMap((stig) => named(stig, 'VULN')).map((element, index) => vulnOf(element, index + 1));
  return {
    rows: vulns.map(({ row }) => row),
    filled(changes) {
      const lineEnd = lineEndOf(bytes);
      const patches = vulns.flatMap(({ row, elements }) => {
        const change = changes.get(row.row);
        if (change === undefined || 'problem' in row.fields) return [];
        return (Object.keys(WRITTEN) as (keyof typeof WRITTEN)[]).flatMap((field): Patch[] => {
          const element = elements.get(WRITTEN[field]);
          const value = field === 'status' ? (change.status === undefined || 'problem' in row.fields || change.status === row.fields.status ? undefined : WORDS[change.status]) : change[field];
          const patch = element === undefined || value === undefined ? null : patchOf(element, value, { encoding, lineEnd });
          return patch === null ? [] : [patch];
        });
      }).sort((a, b) => a.start - b.start);
      const parts: Buffer[] = [];
      let at = 0;
      for (const { start, end, bytes: written } of patches) {
        parts.push(bytes.subarray(at, start), written);
        at = end;
      }
      return Buffer.concat([...parts, bytes.subarray(at)]);
    },
  };
}
