// Code that may not exist in the product: ways to skip the check of a certificate (R49), and ways to run text as code (R72).
import { importsOf } from './imports.ts';
import { lastNameOf } from './owners.ts';
import { inspect, isNode, keyOf, nameOf, textOf } from './tree.ts';
import type { Syntax, SyntaxNode, Tree, Violation } from './tree.ts';
import { isProduct } from './zones.ts';

const REFUSED_VERIFICATION = 'electron/core/deployments/tls.ts';
const DISABLE_VARIABLE = 'NODE_TLS_REJECT_UNAUTHORIZED';

/** Requirement R49. The numbers are Chromium's: 0 accepts a certificate, -2 refuses it, -3 leaves it to Chromium. */
export function certificateViolations(tree: Tree): Violation[] {
  return inspect(tree, isProduct, (file, syntax) => syntax.nodes.flatMap((node) => {
    const what = skippedCheck(file, node, syntax);
    return what === null ? [] : [{ file, line: syntax.lineOf(node), what }];
  }));
}

function skippedCheck(file: string, node: SyntaxNode, { nodes }: Syntax): string | null {
  if (node.type === 'Property' || node.type === 'AssignmentExpression') return weakOption(node);
  if (node.type === 'CallExpression' && lastNameOf(node['callee']) === 'setCertificateVerifyProc' && !onlyRefuses(node, nodes)) return 'answers for certificates with something else than a refusal (-2)';
  const text = textOf(node) ?? (node.type === 'TemplateElement' ? String((node['value'] as { raw: string }).raw) : nameOf(node));
  if (text === null) return null;
  if (text === 'certificate-error' || text === 'select-client-certificate') return `listens to ${text}, where a wrong certificate could be accepted`;
  if (/ignore-certificate-errors|allow-insecure-localhost|unsafely-treat-insecure-origin/.test(text)) return 'holds a switch of Chromium that skips certificates';
  if (text.includes(DISABLE_VARIABLE) && file !== REFUSED_VERIFICATION) return `speaks of ${DISABLE_VARIABLE}, which only ${REFUSED_VERIFICATION} does, to refuse it`;
  return null;
}

function weakOption(node: SyntaxNode): string | null {
  const target = node.type === 'Property' ? node : node['left'];
  const key = isNode(target) && (target.type === 'Property' || target.type === 'MemberExpression') ? keyOf(target) : null;
  const value = node.type === 'Property' ? node['value'] : node['right'];
  const literal = isNode(value) && value.type === 'Literal' ? value['value'] : undefined;
  if (key === 'rejectUnauthorized' && literal !== true) return 'sets rejectUnauthorized to something else than true';
  if (key === 'checkServerIdentity') return 'replaces the check of the name in a certificate';
  if (key === 'minVersion' && literal !== 'TLSv1.2' && literal !== 'TLSv1.3') return 'allows a version of TLS below 1.2';
  if (key === DISABLE_VARIABLE) return `sets ${DISABLE_VARIABLE}`;
  return null;
}

/** Whether every answer that the given function gives is the number -2, and it gives one. */
function onlyRefuses(call: SyntaxNode, nodes: readonly SyntaxNode[]): boolean {
  const inside = nodes.filter((node) => node !== call && node.type === 'CallExpression' && node.start >= call.start && node.end <= call.end);
  return inside.length > 0 && inside.every((node) => {
    const [only, ...others] = node['arguments'] as readonly SyntaxNode[];
    const operand = only?.['argument'];
    return others.length === 0 && only?.type === 'UnaryExpression' && only['operator'] === '-' && isNode(operand) && operand['value'] === 2;
  });
}

const HTML_SINKS = new Set(['innerHTML', 'outerHTML', 'insertAdjacentHTML', 'dangerouslySetInnerHTML', 'srcdoc', 'createContextualFragment', 'setHTMLUnsafe', 'parseFromString']);
const SHELLS = new Set(['exec', 'execSync', 'fork', '*', 'default']);

/** Requirement R72. */
export function textAsCodeViolations(tree: Tree): Violation[] {
  const shells = importsOf(tree).filter(({ file, to }) => isProduct(file) && to.kind === 'built-in' && to.name === 'node:child_process')
    .flatMap(({ file, line, names }) => names.filter((name) => SHELLS.has(name)).map((name) => ({ file, line, what: `takes ${name} of node:child_process, which runs a line of text` })));
  const sinks = inspect(tree, isProduct, (file, { nodes, lineOf }) => nodes.flatMap((node) => {
    const what = runsText(node);
    return what === null ? [] : [{ file, line: lineOf(node), what }];
  }));
  return [...shells, ...sinks];
}

function runsText(node: SyntaxNode): string | null {
  if (node.type === 'CallExpression' || node.type === 'NewExpression') {
    const name = nameOf(node['callee']);
    if (name === 'eval' || name === 'Function') return `runs text as code (${name})`;
    const callee = node['callee'];
    if (isNode(callee) && callee.type === 'MemberExpression' && nameOf(callee['object']) === 'document' && /^write(?:ln)?$/.test(keyOf(callee) ?? '')) return 'writes HTML into the document';
  }
  const key = node.type === 'MemberExpression' || node.type === 'Property' ? keyOf(node) : node.type === 'JSXAttribute' && isNode(node['name']) ? String(node['name']['name']) : null;
  return key !== null && HTML_SINKS.has(key) ? `makes HTML of text (${key})` : null;
}
