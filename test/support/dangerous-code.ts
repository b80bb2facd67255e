// Finds, in the syntax tree of a file, what turns text into code, into HTML or into a shell command (requirement R72). Comments and strings do not count.
import { parseSync } from 'oxc-parser';

interface Node { readonly type: string; readonly start: number; readonly [key: string]: unknown }

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';
const nameOf = (value: unknown): string => {
  if (!isNode(value)) return '';
  if (value.type === 'Identifier' || value.type === 'JSXIdentifier') return String(value['name']);
  if (value.type === 'MemberExpression') return nameOf(value['property']) || (isNode(value['property']) && value['property'].type === 'Literal' ? String(value['property']['value']) : '');
  return '';
};

const HTML_SINKS = new Set(['innerHTML', 'outerHTML', 'srcdoc']);
const HTML_CALLS = new Set(['insertAdjacentHTML', 'createContextualFragment', 'parseFromString', 'setHTMLUnsafe']);
const SHELL_CALLS = new Set(['exec', 'execSync']);
const TIMERS = new Set(['setTimeout', 'setInterval', 'setImmediate']);

function verdict(node: Node): string | null {
  const callee = node['callee'];
  const first = (node['arguments'] as readonly unknown[] | undefined)?.[0];
  switch (node.type) {
    case 'CallExpression':
      if (isNode(callee) && callee.type === 'Identifier' && ['eval', 'Function'].includes(nameOf(callee))) return `${nameOf(callee)}()`;
      if (HTML_CALLS.has(nameOf(callee))) return `${nameOf(callee)}()`;
      if (isNode(callee) && callee.type === 'MemberExpression' && nameOf(callee['object']) === 'document' && /^write(ln)?$/.test(nameOf(callee))) return 'document.write()';
      if (TIMERS.has(nameOf(callee)) && isNode(first) && (first.type === 'TemplateLiteral' || (first.type === 'Literal' && typeof first['value'] === 'string'))) return 'a timer with text';
      return null;
    case 'NewExpression':
      return nameOf(callee) === 'Function' ? 'new Function()' : null;
    case 'AssignmentExpression':
      return isNode(node['left']) && node['left'].type === 'MemberExpression' && HTML_SINKS.has(nameOf(node['left'])) ? `${nameOf(node['left'])} =` : null;
    case 'JSXAttribute': {
      const name = nameOf(node['name']);
      return name === 'dangerouslySetInnerHTML' || name === 'srcDoc' ? name : null;
    }
    case 'Property':
      if (nameOf(node['key']) === 'dangerouslySetInnerHTML') return 'dangerouslySetInnerHTML';
      return nameOf(node['key']) === 'shell' && isNode(node['value']) && node['value'].type === 'Literal' && node['value']['value'] === true ? 'shell: true' : null;
    case 'ImportDeclaration': {
      const source = isNode(node['source']) ? String(node['source']['value']) : '';
      if (source === 'vm' || source === 'node:vm') return 'node:vm';
      if (source !== 'child_process' && source !== 'node:child_process') return null;
      const taken = (node['specifiers'] as readonly Node[]).map((specifier) => nameOf(specifier['imported']) || '*');
      const found = taken.find((name) => SHELL_CALLS.has(name) || name === '*');
      return found === undefined ? null : `child_process ${found}`;
    }
    default:
      return null;
  }
}

/** @returns `line: what` for every find */
export function dangerousCode(path: string, text: string): readonly string[] {
  const { program, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path} cannot be parsed: ${errors[0]?.message ?? ''}`);
  const found: string[] = [];
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) {
      for (const item of value) walk(item);
    } else if (isNode(value)) {
      const what = verdict(value);
      if (what !== null) found.push(`${text.slice(0, value.start).split('\n').length}: ${what}`);
      for (const child of Object.values(value)) walk(child);
    }
  };
  walk(program);
  return found;
}
