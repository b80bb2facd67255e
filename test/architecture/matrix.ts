// The import matrix of the house as one table, and the rule that holds every file to it. Type imports count like any other.
import { importsOf } from './imports.ts';
import type { Import } from './imports.ts';
import { isCode } from './tree.ts';
import type { Tree, Violation } from './tree.ts';
import { zoneOf } from './zones.ts';
import type { Zone } from './zones.ts';

interface Row {
  /** Zones beside its own. */
  readonly zones: readonly Zone[];
  readonly packages: readonly string[];
  readonly builtIns: boolean;
}

const HOST: Row = { zones: ['core', 'shared'], packages: [], builtIns: true };

/** Who may import what. `test` may import anything, so it has no row. */
export const MATRIX: Readonly<Record<Exclude<Zone, 'test'>, Row>> = {
  shared: { zones: [], packages: ['zod'], builtIns: false },
  renderer: {
    zones: ['shared'], builtIns: false,
    packages: ['@fontsource-variable/inter', '@fontsource-variable/jetbrains-mono', '@tanstack/react-virtual', 'cmdk', 'lucide-react', 'mdast-util-from-markdown', 'mdast-util-gfm-table', 'mdast-util-gfm-task-list-item', 'micromark-extension-gfm-table', 'micromark-extension-gfm-task-list-item', 'react', 'react-dom', 'uplot', 'zustand'],
  },
  core: { zones: ['shared'], packages: ['age-encryption', 'better-sqlite3', 'keytar', 'pdfkit', 'undici', 'yaml'], builtIns: true },
  'hosts/electron': { ...HOST, packages: ['electron'] },
  'hosts/chromium': HOST,
  'hosts/cli': HOST,
  'reference deployments': { zones: ['shared'], packages: [], builtIns: true },
  build: { zones: [], packages: ['@electron/fuses', '@playwright/test'], builtIns: true },
  configuration: { zones: [], packages: ['@playwright/test', '@vitejs/plugin-react', 'vite', 'vitest'], builtIns: true },
};

/** Files that load something by a path made at run time, each with its reason. */
const MADE_PATHS: Readonly<Record<string, string>> = {
  'electron/hosts/electron/main.ts': 'a packaged program runs the command line host by path, because hosts do not know each other',
};

/** The commands that run right after a clone; before `npm ci` there are no packages. */
const FRONT_DOOR = ['start', 'test', 'check', 'tour', 'holdfast', 'deployment', 'package', 'bench', 'setup'].map((name) => `build/${name}.mjs`);

/** Holds every import of a tree to the table. */
export function matrixViolations(tree: Tree): Violation[] {
  const homeless = [...tree.keys()].filter((path) => isCode(path) && zoneOf(path) === null)
    .map((file) => ({ file, line: 0, what: 'belongs to no part of the house: give it a place or the table a row' }));
  return [...homeless, ...importsOf(tree).flatMap((one) => judge(one))];
}

function judge({ file, line, to }: Import): Violation[] {
  const zone = zoneOf(file);
  if (zone === null || zone === 'test') return [];
  const row = MATRIX[zone];
  const refuse = (what: string): Violation[] => [{ file, line, what: `${zone} may not import ${what}` }];
  switch (to.kind) {
    case 'built-in': return row.builtIns ? [] : refuse(to.name);
    case 'package': return row.packages.includes(to.name) ? [] : refuse(`the package ${to.name}`);
    case 'unreadable': return MADE_PATHS[file] === undefined ? refuse(`by a path that is not written down (${to.text})`) : [];
    case 'file': {
      const target = zoneOf(to.path);
      return target === zone || (target !== null && row.zones.includes(target)) ? [] : refuse(`${to.path} (${target ?? 'outside the house'})`);
    }
  }
}

/** The set-up runs before there are packages: what the front door loads at once must need none. */
export function frontDoorViolations(tree: Tree): Violation[] {
  const reached = new Set(FRONT_DOOR.filter((path) => tree.has(path)));
  const violations: Violation[] = [];
  // The set grows while it is walked.
  for (const file of reached) {
    for (const { line, to, isLate } of importsOf(tree).filter((one) => one.file === file)) {
      if (isLate) continue;
      if (to.kind === 'file') reached.add(to.path);
      else if (to.kind !== 'built-in') violations.push({ file, line, what: `is loaded before npm ci, so it may not import ${to.kind === 'package' ? to.name : to.text}` });
    }
  }
  return violations;
}

/** Packages of the table that nothing needs any more: it stays as short as the truth. */
export function unusedInMatrix(tree: Tree): string[] {
  const used = new Set(importsOf(tree).map(({ file, to }) => (to.kind === 'package' ? `${zoneOf(file)} ${to.name}` : '')));
  return Object.entries(MATRIX).flatMap(([zone, { packages }]) => packages.map((name) => `${zone} ${name}`)).filter((pair) => !used.has(pair));
}
